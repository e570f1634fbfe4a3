"""The RI Index: what people and applications ask of published snapshots."""
