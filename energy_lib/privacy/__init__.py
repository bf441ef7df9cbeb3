"""Pseudonyms of meters and homes: the keys, the kernel, what of a parsed row may be kept, and for how long."""
