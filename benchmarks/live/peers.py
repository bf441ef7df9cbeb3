"""Peers on the topic's messages, in a Python that has them: `uv pip install bytewax quixstreams confluent-kafka`.

Each parses every message and keeps a mean and a spread for each meter, against which it holds the next reading (three
spreads); none has a sink, a table or a state that outlives it. Run as a program: peers.py <peer> <servers> <topic> <n>.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from typing import Any

PEERS = ("confluent-kafka", "bytewax", "quixstreams")


def judged(state: Any, kwh: float) -> tuple[Any, bool]:
    """Welford's mean and spread of a meter, and whether a reading is more than three spreads off."""
    count, mean, square = state or (0, 0.0, 0.0)
    off = count > 24 and (kwh - mean) ** 2 > 9 * square / count
    count += 1
    delta = kwh - mean
    mean += delta / count
    return (count, mean, square + delta * (kwh - mean)), off


def by_consumer(servers: str, topic: str, wanted: int) -> int:
    from confluent_kafka import Consumer

    consumer = Consumer({"bootstrap.servers": servers, "group.id": f"p{time.time()}", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    states: dict[str, Any] = {}
    seen = alarms = 0
    while seen < wanted:
        for message in consumer.consume(10_000, timeout=1.0):
            body = json.loads(message.value() or b"{}")
            states[body["meter_id"]], off = judged(states.get(body["meter_id"]), body["kwh"])
            alarms += off
            seen += 1
    consumer.close()
    return alarms


def by_bytewax(servers: str, topic: str, wanted: int) -> int:
    import bytewax.operators as op
    from bytewax.connectors.kafka import KafkaSource
    from bytewax.dataflow import Dataflow
    from bytewax.testing import TestingSink, run_main

    flow = Dataflow("peer")
    source = KafkaSource([*servers.split(",")], [topic], tail=False, batch_size=10_000)
    bodies = op.map("parse", op.input("in", flow, source), lambda message: json.loads(message.value))
    keyed = op.map("key", bodies, lambda body: (body["meter_id"], body["kwh"]))
    told = op.stateful_map("judge", keyed, judged)
    alarms: list[Any] = []
    op.output("out", op.filter("off", told, lambda pair: pair[1]), TestingSink(alarms))
    run_main(flow)
    return len(alarms)


def by_quixstreams(servers: str, topic: str, wanted: int) -> int:
    from quixstreams import Application

    options = {"consumer_group": f"q{time.time()}", "auto_offset_reset": "earliest", "loglevel": None}
    app = Application(broker_address=servers, state_dir=tempfile.mkdtemp(), **options)
    seen = alarms = 0

    def judge(body: dict[str, Any], state: Any) -> bool:
        nonlocal seen, alarms
        kept, off = judged(state.get("welford"), body["kwh"])
        state.set("welford", list(kept))
        alarms += off
        seen += 1
        if seen == wanted:
            app.stop()  # `run(count=…)` counts what passes the filter.
        return off

    frame = app.dataframe(app.topic(topic, value_deserializer="json"))
    frame.filter(judge, stateful=True)
    app.run()
    return alarms


def main() -> None:
    peer, servers, topic, wanted = sys.argv[1:]
    run = {"confluent-kafka": by_consumer, "bytewax": by_bytewax, "quixstreams": by_quixstreams}[peer]
    begun, cpu = time.perf_counter(), time.process_time()
    alarms = run(servers, topic, int(wanted))
    print(json.dumps({"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu, "alarms": alarms}))


if __name__ == "__main__":
    main()
