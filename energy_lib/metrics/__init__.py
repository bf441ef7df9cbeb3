"""The metrics of forecasts, each declared once. The columns of gold.scores and the sums in Spark follow from that."""

from energy_lib.metrics.definitions import METRICS
from energy_lib.metrics.metric import Metric, Over, terms_of
from energy_lib.metrics.terms import Term

__all__ = ["METRICS", "Metric", "Over", "Term", "terms_of"]
