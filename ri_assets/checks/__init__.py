"""Asset checks: one table of what is checked, the figures, and the Dagster checks made of both."""
