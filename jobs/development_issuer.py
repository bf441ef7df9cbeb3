"""Give tokens to developers on this machine, in the place of an OpenID provider; it starts no Spark."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from energy_lib.config import Config
from energy_lib.entry import parser, start_without_spark
from energy_lib.lake.outcome import Outcome
from energy_lib.security.development_issuer import IssuerServer, require_development

JOB = "development_issuer"


def serve(config: Config, port: int) -> Outcome:
    """Serve until it is interrupted; raises BadConfig in production."""
    require_development(config.security)
    with IssuerServer(port) as server:
        print("Start the service with:", *(f"  --set {setting}" for setting in server.settings()), sep="\n")
        print(f"A token: curl '{server.url}/token?name=ada&role=analyst&site=SITE_ID' (Ctrl-C ends this)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return Outcome()
    return Outcome()


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Give tokens to developers on this machine.")
    arguments.add_argument("--port", type=int, default=8322, help="port (default 8322)")
    options = arguments.parse_args(argv)
    return start_without_spark(JOB, options, lambda config: serve(config, options.port))


if __name__ == "__main__":
    sys.exit(main())
