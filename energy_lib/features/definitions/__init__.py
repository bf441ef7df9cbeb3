"""The features, one file a subject: each declares its features and holds the kernels that compute them.

A file ends with a tuple of its features; `energy_lib.features.catalog` puts the tuples in the order of the columns.
"""
