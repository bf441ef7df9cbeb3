"""What can be changed, a file a measure: its keys, and a pure function of hours."""
