"""The freeze search: which configuration deserves to be frozen as a profile.

Belongs here: trials of whole configurations on prepared corpora, and the choice among them.
Does not belong here: Dagster (`ri_assets.freeze_job`) and the terminal (`ri_assets.cli`).
"""
