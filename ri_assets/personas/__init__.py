"""Personas: what turns clusters into named, described and evidenced audiences.

Belongs here: pure functions from frames and vectors to the tables of
`ri_assets.records.personas`, and the word lists that they read. Does not
belong here: clustering, storage, orchestration.
"""
