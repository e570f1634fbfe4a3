"""What a corpus is, seen before anything is computed from it.

Belongs here: languages and scripts, times, what was lost in reading, whether a run can start.
Does not belong here: reading (`ri_assets.sources`), and how any of it is printed.
"""
