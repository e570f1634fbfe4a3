"""How good a run is: what is measured, what is enforced, and the verdicts.

Belongs here: the table of metrics (`metrics`), the table of checks (`checks`), the judge
(`judge`), drift, and what becomes of a run (`publication`). Run, freeze search, index and
benchmarks all use these. Does not belong here: Dagster (`ri_assets.checks`), or the
computation of stability and coherence (`ri_assets.pipeline`).
"""
