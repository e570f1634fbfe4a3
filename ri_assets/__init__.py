"""RI persona system: behavioural personas from tweets."""
