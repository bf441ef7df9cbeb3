"""What a person may ask of the lake: a copy of their data, and that it is forgotten; and new keys for pseudonyms.

This room knows landing, tables, shards, models and reports, since a person's data lie in all of them.
"""
