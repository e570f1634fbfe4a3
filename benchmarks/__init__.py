"""Measurements against peers and planted truth; not part of the installed package."""
