"""What the brokers say of a topic: its id, its partitions, and where they end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from energy_lib.config import StreamConfig
from energy_lib.errors import InputMissing, TryAgain
from energy_lib.lake.stream_appends import positions
from energy_lib.landing.parsing.messages import sequence_name
from energy_lib.streaming.connection import client_options
from energy_lib.tables import Table

ANSWER_SECONDS = 10.0
# The client says by itself what it cannot reach, on stderr; here it is one sentence.
QUIET = {"log_level": "0"}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that is there; one that was deleted and made anew has another `id`."""

    name: str
    id: str
    partitions: tuple[int, ...]

    def sequence(self, partition: int) -> str:
        """Name of the messages of a partition, by which the lake's tables say how far they were read."""
        return sequence_name(self.id, partition)

    def read_to(self, root: str, table: Table) -> dict[int, int]:
        """partition -> the offset up to which it was read into the table, of the partitions that were."""
        names = {self.sequence(partition): partition for partition in self.partitions}
        return {names[name]: offset for name, offset in positions(root, table, names).items()}


def describe_topic(stream: StreamConfig, name: str) -> Topic:
    """Raises InputMissing if there is no such topic, TryAgain if no broker answers."""
    admin = AdminClient({**client_options(stream), **QUIET})
    try:
        futures = admin.describe_topics(TopicCollection([name]), request_timeout=ANSWER_SECONDS)
        found = futures[name].result(timeout=2 * ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise InputMissing(
                f"There is no topic {name} at {stream.bootstrap_servers}: create it, or mend kafka.topic of the source."
            ) from None
        raise away(stream, error.args[0].str()) from None
    except TimeoutError:
        raise away(stream, "no answer") from None
    return Topic(name, str(found.topic_id), tuple(sorted(partition.id for partition in found.partitions)))


def ends(stream: StreamConfig, name: str, partitions: Iterable[int]) -> dict[int, int]:
    """partition -> offset of the next message that will come; raises TryAgain if no broker answers."""
    client = Consumer({**client_options(stream), **QUIET, "group.id": "energy-lag", "enable.auto.commit": False})
    try:
        return {
            partition: client.get_watermark_offsets(TopicPartition(name, partition), timeout=ANSWER_SECONDS)[1]
            for partition in partitions
        }
    except KafkaException as error:
        raise away(stream, error.args[0].str()) from None
    finally:
        client.close()


def away(stream: StreamConfig, what: str) -> TryAgain:
    return TryAgain(f"Kafka at {stream.bootstrap_servers} does not answer ({what}): see stream.bootstrap_servers.")
