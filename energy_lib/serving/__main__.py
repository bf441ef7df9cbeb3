"""`python -m energy_lib.serving --config conf/demo.yaml`: serve the API until it is stopped."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import uvicorn
from fastapi import FastAPI

from energy_lib.config import Config
from energy_lib.errors import InputMissing
from energy_lib.lake.environment import environment_error
from energy_lib.models.config import Config as WholeConfig
from energy_lib.models.config import load_config
from energy_lib.run_log import configure_logging
from energy_lib.security.secrets import without_passwords
from energy_lib.serving.app import create_app

# What worker processes are told: the config as JSON, which names secrets and holds none.
CONFIG = "ENERGY_SERVING_CONFIG"
# Streams of alerts go on for ever: they are cut so long after a signal.
GRACE_SECONDS = 10


def main(argv: Sequence[str] | None = None) -> int:
    arguments = argparse.ArgumentParser(prog="python -m energy_lib.serving", description="Serve the API of a lake.")
    arguments.add_argument("--config", help="YAML file, for instance conf/local.yaml")
    arguments.add_argument("--set", action="append", default=[], metavar="key=value", help="override a config key")
    options = arguments.parse_args(argv)
    configure_logging()
    lake = "the lake"
    try:
        config, _ = load_config(options.config, options.set)
        lake = config.lake
        serve(config)
    except Exception as error:
        known = environment_error(error, lake)
        if known is None:
            raise
        print(f"serving: {without_passwords(str(known))}", file=sys.stderr)
        return known.exit_code
    return 0


def serve(config: Config) -> None:
    """Serve until a signal comes; requests under way are answered first. Raises InputMissing where there is no lake."""
    if not (config.local_folder / "silver" / "meters").is_dir():
        raise InputMissing(f"There is no lake at {config.lake}: run make demo, or name yours by --set lake=<folder>.")
    settings = config.serving
    scheme = "http" if settings.tls_certificate is None else "https"
    print(f"The API is at {scheme}://{settings.host}:{settings.port}/v1/meters until you press Ctrl-C.", flush=True)
    os.environ[CONFIG] = config.model_dump_json()
    uvicorn.run(
        "energy_lib.serving.__main__:app_of_worker", factory=True, host=settings.host, port=settings.port,
        workers=settings.workers, log_level="warning", access_log=False, server_header=False,
        ssl_certfile=settings.tls_certificate, ssl_keyfile=settings.tls_key,
        loop="uvloop", http="httptools", timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip


def app_of_worker() -> FastAPI:
    """The app of a worker process."""
    return create_app(WholeConfig.model_validate_json(os.environ[CONFIG]))


if __name__ == "__main__":
    sys.exit(main())
