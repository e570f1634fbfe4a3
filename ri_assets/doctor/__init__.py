"""`ri-index doctor`: what would keep a run or a reader from working, and what mends it.

Belongs here: looking, in `machine` and `dagster_records`, without changing anything. Does not
belong here: printing (`ri_assets.cli.doctor`).
"""
