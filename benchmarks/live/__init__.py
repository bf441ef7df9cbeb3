"""Streams measured on a real broker, beside peers on the same messages."""
