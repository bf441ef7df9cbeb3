"""The correction that a lake begins with, learnt on real meters."""

from __future__ import annotations

from energy_lib.insights.savings.correction import Correction

# python -m benchmarks.placebo --data FOLDER --learn prints these numbers.
SHIPPED = Correction(
    intercept=0.26057650130377064,
    days=-0.037353958161222486,
    cvrmse=0.19049382617378072,
    block_cv=0.563387837563329,
    day_intercept=0.3749520428313416,
    day_cvrmse=0.9686243950988971,
    day_block_cv=-0.22216029349978814,
    correlation=0.08510438684162529,
    sum_factor=1.0066048718620542,
    placebos=19608,
    meters=137,
    learnt_from="Cambridge Estates Building Energy Archive 2010 to 2022, DOI 10.5281/zenodo.10955332",
)
