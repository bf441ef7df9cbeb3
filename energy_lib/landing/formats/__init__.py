"""One reader per raw format: bytes in, chunks of columns out. No Spark."""

from energy_lib.landing.formats.chunk import Broken, Chunk, Raw
from energy_lib.landing.formats.tabular import read_chunks

__all__ = ["Broken", "Chunk", "Raw", "read_chunks"]
