"""One reader a format: bytes in, chunks of columns or readings out. No Spark."""

from energy_lib.landing.formats.chunk import BrokenRow, Chunk, RawReadings
from energy_lib.landing.formats.readers import READINGS_READERS, read_chunks

__all__ = ["READINGS_READERS", "BrokenRow", "Chunk", "RawReadings", "read_chunks"]
