"""Dagster resources: the configuration of a run, as thin wrappers of pure modules."""
