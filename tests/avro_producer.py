"""Avro messages as producers write them, and a schema registry that answers as theirs does."""

from __future__ import annotations

import base64
import json
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

import fastavro


def avro_message(record: Mapping[str, Any], schema: Any, schema_id: int = 7) -> bytes:
    body = BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(schema), record)
    return struct.pack(">bI", 0, schema_id) + body.getvalue()


@contextmanager
def registry(
    answers: dict[int, tuple[int, Any]], login: tuple[str, str] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """A registry as clients see it: GET /schemas/ids/<id>; its URL, and what it was asked. `login`: it asks for it."""
    asked: list[str] = []
    expected = base64.b64encode(":".join(login or ()).encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            missing = (404, {"error_code": 40403, "message": "Schema not found"})
            status, content = answers.get(int(self.path.rpartition("/")[2]), missing)
            if login is not None and self.headers["Authorization"] != f"Basic {expected}":
                status, content = 401, {"error_code": 401, "message": "Unauthorized"}
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api", asked
    finally:
        server.shutdown()
        server.server_close()
