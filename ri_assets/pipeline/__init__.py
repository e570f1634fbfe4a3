"""Pure stages of the pipeline: arrays and frames in, frozen results out; no Dagster."""
