"""Serve the report's pages on this machine, from the lake's tables as they stand; it starts no Spark."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from energy_lib.config import Config
from energy_lib.entry import parser, start_without_spark
from energy_lib.lake.outcome import Outcome
from energy_lib.reporting.web import create_app

JOB = "pages"
# Only this machine: pages show every meter, and nobody is asked who they are.
LOOPBACK = "127.0.0.1"


def serve(config: Config, port: int) -> Outcome:
    """Serve until it is interrupted."""
    import uvicorn

    print(f"The pages are at http://{LOOPBACK}:{port}/ until you press Ctrl-C.", flush=True)
    uvicorn.run(create_app(config), host=LOOPBACK, port=port, log_level="warning")
    return Outcome()


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Serve the pages of a lake on this machine.")
    arguments.add_argument("--port", type=int, default=8321, help="port (default 8321)")
    options = arguments.parse_args(argv)
    return start_without_spark(JOB, options, lambda config: serve(config, options.port))


if __name__ == "__main__":
    sys.exit(main())
