"""Quality gates and their Data Docs: the only room that uses Great Expectations."""

from energy_lib.quality.data_docs import write_data_docs
from energy_lib.quality.gate import gate
from energy_lib.quality.preload_great_expectations import preload

__all__ = ["gate", "preload", "write_data_docs"]
