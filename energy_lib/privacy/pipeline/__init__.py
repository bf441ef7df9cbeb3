"""What privacy does to a lake: rows leave by their age."""
