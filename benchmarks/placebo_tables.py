"""Coverage, widths and the smallest provable saving of placebos: one meter, a made-up site, the portfolio."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from energy_lib.insights.savings.baseline import Baseline
from energy_lib.insights.savings.correction import LEVEL, Correction, combined

# Meters of a made-up site, and how many sites are drawn of a period.
SITE_METERS, SITES = 5, 60
# Sun and Baltazar 2013, as OpenDSM has it for daily models.
SUN_BALTAZAR = (-0.00024, 0.03535, 1.00286)


def opendsm_half_width(baseline: Baseline, counterfactual_kwh: float, days: float, months: int) -> float:
    """Half of OpenDSM's own 90 % interval of a total, kWh (`ReportingMetrics.total_savings_uncertainty` of 1.2.6)."""
    own = {name: float(baseline.opendsm[name]) for name in ("n", "n_prime", "ddof", "cvrmse_adj")}
    t = stats.t.ppf(1 - (1 - LEVEL) / 2, own["ddof"])
    factor = np.sqrt(own["n"] / own["n_prime"] * (1 + 2 / own["n_prime"]) * days)
    return float(np.polyval(SUN_BALTAZAR, months) * abs(counterfactual_kwh / days * own["cvrmse_adj"]) * t * factor)


def coverage_table(placebos: pd.DataFrame, by: Sequence[str]) -> str:
    """How many intervals hold zero and how wide they are, of `error` and `half` (kWh); beside OpenDSM's, if there."""
    own = "opendsm_half" in placebos
    head = [*by, "placebos", "hold zero", "half-width, median"] + (
        ["OpenDSM holds zero", "its half-width"] if own else []
    )
    lines = [_line(head), _line(["---"] * len(head))]
    for keys, part in placebos.groupby(list(by), sort=True):
        cells = [*map(str, keys), f"{len(part):,}", *_of(part, "half")]
        lines.append(_line(cells + (_of(part, "opendsm_half") if own else [])))
    return "\n".join(lines)


def _of(part: pd.DataFrame, half: str) -> list[str]:
    held = (part["error"].abs() <= part[half]).mean()
    return [f"{held:.1%}", f"± {(part[half] / part['counterfactual_kwh'].clip(lower=1e-9)).median():.1%}"]


def provable_table(placebos: pd.DataFrame, corrections: dict[tuple[int, int], Correction], seed: int) -> str:
    """The smallest saving that is proven (median half-width over the counterfactual), and how often zero is held."""
    head = ["fuel", "who", "sums", "hold zero", "smallest provable saving", "as if independent", "it holds zero"]
    lines = [_line(head), _line(["---"] * len(head))]
    rng = np.random.default_rng(seed)
    for fuel, of_fuel in placebos.groupby("fuel"):
        sums: dict[str, list[tuple[float, float, float]]] = {
            "one meter": [],
            f"site of {SITE_METERS}": [],
            "portfolio": [],
        }
        for (year, tested), correction in corrections.items():
            part = of_fuel[(of_fuel["year"] == year) & (of_fuel["tested"] == tested)]
            picks = [[at] for at in range(len(part))]
            sums["one meter"] += [_sum(part, pick, correction) for pick in picks]
            if len(part) >= SITE_METERS:
                sites = [rng.choice(len(part), SITE_METERS, replace=False).tolist() for _ in range(SITES)]
                sums[f"site of {SITE_METERS}"] += [_sum(part, pick, correction) for pick in sites]
                sums["portfolio"].append(_sum(part, list(range(len(part))), correction))
        for who, found in sums.items():
            if found:
                error, half, apart = np.array(found).T
                cells = [f"{(error <= half).mean():.1%}", f"{np.median(half):.1%}"]
                cells += [f"{np.median(apart):.1%}", f"{(error <= apart).mean():.1%}"]
                lines.append(_line([str(fuel), who, f"{len(found):,}", *cells]))
    return "\n".join(lines)


def _sum(part: pd.DataFrame, pick: list[int], correction: Correction) -> tuple[float, float, float]:
    """|error|, half-width and the half-width of independent errors, over the counterfactual."""
    rows = part.iloc[pick]
    halves, total = rows["half"].to_numpy(float), max(float(rows["counterfactual_kwh"].sum()), 1e-9)
    apart = combined(halves, 0.0)
    return abs(rows["error"].sum()) / total, correction.sum_half_width_kwh(halves) / total, apart / total


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
