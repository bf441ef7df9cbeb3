"""The correction that a lake begins with, learnt on real meters."""

from __future__ import annotations

from energy_lib.insights.savings.correction import Correction

# python -m benchmarks.placebo --data FOLDER --learn prints these numbers; the lockdowns are not in them.
SHIPPED = Correction(
    intercept=0.31589,
    days=0.07381,
    cvrmse=-0.0507,
    block_cv=0.77085,
    day_intercept=0.59092,
    day_cvrmse=0.48338,
    day_block_cv=0.38185,
    correlation=0.03999,
    sum_factor=1.11067,
    placebos=5293,
    meters=129,
    learnt_from="5,293 placebos of Cambridge Estates Building Energy Archive 2010 to 2022, DOI 10.5281/zenodo.10955332",
)
