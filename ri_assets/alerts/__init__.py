"""Failed runs and failed blocking checks, reported once each to a hook.

Belongs here: what is reported (`alert`), how it is sent (`hooks`), what Dagster recorded
(`recorded`), and the sensor with its cursor (`sensor`). The first two know no Dagster.
"""
