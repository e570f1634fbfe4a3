"""What people correct: names, merges and hidden personas, in the override file."""
