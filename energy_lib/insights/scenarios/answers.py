"""Rows of gold.scenario_results: what each group used, paid and emitted, and how a scenario changes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from energy_lib.insights.access.privacy import AreaTree, Limits
from energy_lib.insights.accounts.amounts import Bools, Floats
from energy_lib.insights.scenarios.effects import Effects
from energy_lib.insights.scenarios.groups import ALL, Group, Places, Safe, safe_of, told
from energy_lib.insights.scenarios.load import POWER, Key, Unit
from energy_lib.insights.scenarios.ranges import Change, change_of

Row = dict[str, Any]
WITHHELD = "withheld: too few homes or meters, or too few that take part, to be told of"
# Of its own bill: a unit that pays less by more than this gains, one that pays more by more than this loses.
NOTICED = 0.01
# Of those that take part: of fewer, the change would be that of the others.
LEAST_KNOWN = 0.5
DIGITS = 6


@dataclass(frozen=True, eq=False)
class Results:
    """`after`: of the runs, central first; `names`: the assumption that each run has at an end. `groups`: of all."""

    units: Sequence[Unit]
    before: Effects
    after: Sequence[Effects]
    names: Sequence[str | None]
    groups: Sequence[Group]
    tree: AreaTree
    limits: Mapping[str, Limits]
    takes_part: Bools
    imputed_share: Callable[[Places], float]

    def rows(self) -> list[Row]:
        """All quantities of all groups, without what they have in common."""
        return [row for category in sorted({group.category for group in self.groups}) for row in self._of(category)]

    def _of(self, category: str) -> list[Row]:
        mine = [i for i, group in enumerate(self.groups) if group.category == category]
        places = np.unique(np.concatenate([self.groups[i].members for i in mine]))
        rows = []
        for key in self.before.energy:
            rows += self._sums(category, mine, places, ("energy_kwh", *key), partial(_or_zero, key=key), None)
            if key == POWER:
                rows += self._peaks(category, mine, places)
        currency = commonest([self.before.currencies[place] for place in places])
        other = np.array([each not in (None, currency) for each in self.before.currencies])
        rows += self._sums(
            category, mine, places, ("cost", "*", "*"), lambda e: np.where(other, np.nan, e.cost), currency
        )
        return rows + self._sums(category, mine, places, ("emissions_kg", "*", "*"), lambda e: e.emissions_kg, None)

    def _sums(
        self,
        category: str,
        mine: Sequence[int],
        places: Places,
        names: tuple[str, str, str],
        value: Callable[[Effects], Floats],
        currency: str | None,
    ) -> list[Row]:
        before, after = value(self.before), np.array([value(effects) for effects in self.after])
        is_known = np.isfinite(before) & np.isfinite(after).all(axis=0)
        known = places[is_known[places]]
        says = self._told(category, mine, known, safe_of(before, after[0], self.limits[category]))
        reasons = [why for effects in (self.before, self.after[0]) for why in effects.reasons.get(names[0], ())]
        rows = []
        for place, i in enumerate(mine):
            group = self.groups[i]
            row = self._row(group, names) | {"currency": currency}
            members = group.members[is_known[group.members]]
            takers = group.members[self.takes_part[group.members]]
            if len(takers) and is_known[takers].mean() < LEAST_KNOWN:
                rows.append(row | {"reason": f"not known of most that take part: {commonest(reasons)}"})
            elif place not in says:
                rows.append(row | {"reason": WITHHELD})
            else:
                change = change_of(float(before[members].sum()), after[:, members].sum(axis=1), self.names)
                row |= _numbers(float(before[members].sum()), change) | self._units(group, members)
                if names[0] == "cost":
                    row |= self._gains(category, before[members], after[0][members])
                rows.append(row)
        return rows

    def _peaks(self, category: str, mine: Sequence[int], places: Places) -> list[Row]:
        """Of groups whose energy may be told, if in neither highest hour one unit is too large a part of it."""
        before, after = _or_zero(self.before, POWER), _or_zero(self.after[0], POWER)
        says = self._told(category, mine, places, safe_of(before, after, self.limits[category]))
        rows = []
        for place, i in enumerate(mine):
            group, limits = self.groups[i], self.limits[category]
            row = self._row(group, ("peak_kw", *POWER))
            largest = max(self.before.peaks[i][1], *(effects.peaks[i][1] for effects in self.after))
            if place not in says or largest > limits.largest_share:
                rows.append(row | {"reason": WITHHELD})
            else:
                kw = self.before.peaks[i][0]
                change = change_of(kw, np.array([effects.peaks[i][0] for effects in self.after]), self.names)
                row |= _numbers(kw, change) | self._units(group, group.members)
                rows.append(row)
        return rows

    def _told(self, category: str, mine: Sequence[int], known: Places, safe: Safe) -> set[int]:
        if not len(known):
            return set()
        area_of = {
            place: area if (area := self.units[place].area_id) in self.tree.parents and area is not None else ALL
            for place in known.tolist()
        }
        return told([self.groups[i] for i in mine], self.tree, area_of, known, safe, self.limits[category].units)

    def _row(self, group: Group, names: tuple[str, str, str]) -> Row:
        row: Row = dict(zip(("quantity", "fuel", "flow"), names, strict=True))
        return row | {"category": group.category, "group_kind": group.kind, "group_id": group.group_id}

    def _units(self, group: Group, members: Places) -> Row:
        return {
            "units": len(members),
            "known_share": round(len(members) / len(group.members), 3),
            "taking_part": int(self.takes_part[members].sum()),
            "imputed_share": round(self.imputed_share(members), 3),
        }

    def _gains(self, category: str, before: Floats, after: Floats) -> Row:
        """Shares of units whose bill falls, or rises, by more than NOTICED of it; None where that tells of a few."""
        limit, found = NOTICED * np.abs(before), {}
        flags: dict[str, Bools] = {"gain_share": after < before - limit, "lose_share": after > before + limit}
        for name, flag in flags.items():
            # That all do, or none, tells of each what the rest of the row tells as well.
            is_safe = flag.all() or not flag.any() or self.limits[category].flags(flag.astype(float))
            found[name] = round(float(flag.mean()), 4) if is_safe else None
        return found


def _or_zero(effects: Effects, key: Key) -> Floats:
    """A unit without such a register takes none of it."""
    return np.nan_to_num(effects.energy[key])


def _numbers(before: float, change: Change) -> Row:
    return {
        "baseline": round(before, DIGITS),
        "change_low": round(change.low, DIGITS),
        "change": round(change.central, DIGITS),
        "change_high": round(change.high, DIGITS),
        "hangs_on": change.hangs_on,
    }


def commonest(values: Sequence[str | None]) -> str | None:
    """The commonest that is not None; of two as common the first by name."""
    found = Counter(value for value in values if value is not None)
    return min(found, key=lambda value: (-found[value], value), default=None)
