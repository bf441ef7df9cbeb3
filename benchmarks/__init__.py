"""Measurements, each a script that prints what docs/benchmarks/ quotes."""
