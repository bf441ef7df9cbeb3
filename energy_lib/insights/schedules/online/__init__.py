"""Advice while a plan is in force: what has become known since, and whether doing otherwise is worth it."""
