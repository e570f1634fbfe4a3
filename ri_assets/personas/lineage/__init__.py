"""Persona ids that last from run to run, and the events of their history."""
