"""HiGHS behind one call: arrays in, the best columns out (Huangfu & Hall 2018, its dual simplex; branch and cut)."""

from __future__ import annotations

import numpy as np
from highspy import HighsModelStatus

# The class that highspy.Highs wraps: the wrapper asks Python back at every step, and says hello on standard output.
from highspy._core import _Highs
from numpy.typing import NDArray

from energy_lib.insights.schedules.linear_model import ModelArrays

# Measured on plans of 48 h: presolve and steepest edge cost more on so small a program than they spare.
LINEAR: dict[str, bool | float | str] = {"presolve": "off", "simplex_dual_edge_weight_strategy": 0}
# Nor do the search's own helpers pay: its heuristics, presolve and symmetries took most of its time.
SEARCHED: dict[str, bool | float | str] = {
    "presolve": "off",
    "simplex_dual_edge_weight_strategy": -1,
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_detect_symmetry": False,
    "mip_allow_restart": False,
}
GAP = 1e-4
# A search ends after so many nodes, not after some time: the same program has the same answer on every machine.
ALWAYS: dict[str, bool | float | str] = {
    "output_flag": False, "threads": 1, "parallel": "off", "random_seed": 0, "mip_max_nodes": 2_000, "mip_rel_gap": GAP,
}  # fmt: skip
COLUMNWISE, MINIMISE = 1, 1


class Solver:
    """One HiGHS, used for many programs one after another: a new one each costs half a millisecond."""

    def __init__(self) -> None:
        self._highs = _Highs()
        self._set(ALWAYS | LINEAR)
        self._searches = False

    def _set(self, options: dict[str, bool | float | str]) -> None:
        for name, value in options.items():
            self._highs.setOptionValue(name, value)

    def solve(self, model: ModelArrays) -> NDArray[np.float64] | str:
        """The best columns, of a search within 0.01 % of the best or what its nodes gave; or why there are none."""
        searched = bool(model.integer.any())
        if searched != self._searches:
            self._set(SEARCHED if searched else LINEAR)
            self._searches = searched
        self._highs.passModel(
            *(len(model.cost), len(model.row_lower), len(model.rows), COLUMNWISE, MINIMISE, 0.0),
            *(model.cost, model.lower, model.upper, model.row_lower, model.row_upper),
            *(model.starts[:-1], model.rows, model.values, model.integer),
        )
        self._highs.run()
        status = self._highs.getModelStatus()
        solution = self._highs.getSolution()
        if status == HighsModelStatus.kOptimal or (searched and solution.value_valid):
            return np.array(solution.col_value)
        return str(self._highs.modelStatusToString(status))
