"""`make demo-live`: a broker, the stream, a producer and a view of them, started and stopped as one."""
