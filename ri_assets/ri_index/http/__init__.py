"""The RI Index over HTTP, read-only, for apps in other languages.

Each path is a method of `RIIndex` with the same arguments, and answers with its records as JSON.
Belongs here: what HTTP adds (paths, pages, ETags, tokens, limits, problems). Does not belong
here: the questions themselves.
"""
