"""The freeze search: which configuration earns to be a frozen profile.

Belongs here: trials of whole configurations on prepared corpora, and the choice
among them. No Dagster of its own: job and command line are thin
faces of this package.
"""
