"""Training shards: time split, layout, manifest, and reading by Petastorm (energy_lib.shards.reader)."""

from energy_lib.encoding.tensors import Encoding
from energy_lib.shards.manifest import Manifest, find
from energy_lib.shards.time_split import TimeSplit, time_split

__all__ = ["Encoding", "Manifest", "TimeSplit", "find", "time_split"]
