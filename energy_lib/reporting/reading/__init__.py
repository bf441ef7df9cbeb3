"""Reads each page's frames from a lake's tables."""
