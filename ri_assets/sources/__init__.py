"""Where tweets and replies come from: the sample, files, or MySQL.

Belongs here: reading and checking posts, describing a corpus, and loading files into MySQL.
Does not belong here: Dagster, and anything that a run computes from posts.
"""
