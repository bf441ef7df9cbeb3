"""What the lake knows, for people: pages that are pure functions of tables, written as a file or served."""
