"""Landing: files of any source, described by a YAML, into bronze and the reference tables.

`sources` reads the YAMLs, `files` opens what landed, `formats` takes it apart, `parsing` makes rows of it, all without
Spark; `pipeline` brings many files into the lake. Nothing is imported here, so that parsing loads no Spark.
"""
