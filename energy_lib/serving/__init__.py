"""The API: what the lake and its champion answer to programs. FastAPI, DuckDB and ONNX; no Spark."""
