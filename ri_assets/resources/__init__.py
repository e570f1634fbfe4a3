"""Dagster resources: what a run is configured with, as thin faces of pure modules."""
