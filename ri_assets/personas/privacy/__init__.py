"""Private data: found, hidden, and audited before anything is published."""
