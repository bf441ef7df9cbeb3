"""The metrics of forecasts. Each is declared once; gold.scores' columns, Spark's sums and NumPy's values follow."""

from energy_lib.metrics.declared import METRICS
from energy_lib.metrics.metric import Metric, Over, terms_of
from energy_lib.metrics.terms import Term

__all__ = ["METRICS", "Metric", "Over", "Term", "terms_of"]
