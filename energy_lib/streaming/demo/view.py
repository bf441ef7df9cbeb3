"""The terminal's view of a stream: readings a second, lag, alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table

from energy_lib.streaming.demo.watching import AlertFeed, Look, shown

# Of an alert, and how a column of it is headed.
ALERT_FIELDS = {
    "event": "alert", "type": "type", "severity": "grade", "meter_id": "meter", "start_utc": "since, UTC",
    "observed_kwh": "read kWh", "expected_kwh": "expected",
}  # fmt: skip


def screen(
    look: Look,
    rates: tuple[float, float],
    alerts: AlertFeed,
    programs: Mapping[str, str],
    flowing_since: float | None,
) -> RenderableType:
    """All of it, to be drawn anew at each look; `flowing_since`: monotonic time at which the first reading came."""
    figures = Table(box=None, pad_edge=False)
    for heading in ("", "sent", "in the lake", "lag"):
        figures.add_column(heading, justify="left" if not heading else "right")
    figures.add_row("messages", f"{look.sent:,}", f"{look.read:,}", f"{look.lag:,}")
    figures.add_row("a second", f"{rates[0]:,.0f}", f"{rates[1]:,.0f}", "")
    told = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for field, heading in ALERT_FIELDS.items():
        told.add_column(heading, justify="right" if field.endswith("_kwh") else "left")
    for alert in alerts.newest:
        told.add_row(*shown(alert, list(ALERT_FIELDS)))
    running = " · ".join(f"{name}: {state}" for name, state in programs.items())
    return Group(
        Panel(figures, title=f"readings, {look.seconds:,.0f} s", title_align="left"),
        Panel(told, title=_heading(flowing_since, alerts), title_align="left"),
        f"{running}\nCtrl-C stops all.",
    )


def _heading(flowing_since: float | None, alerts: AlertFeed) -> str:
    if alerts.first_at is None:
        return "no alert yet"
    after = f", the first {alerts.first_at - flowing_since:,.0f} s after the first reading" if flowing_since else ""
    return f"{alerts.count:,} alerts{after}"


def line(look: Look, rates: tuple[float, float], alerts: AlertFeed) -> str:
    """The same for a log."""
    return (
        f"{look.seconds:,.0f} s: {look.sent:,} messages sent ({rates[0]:,.0f}/s), {look.read:,} in the lake "
        f"({rates[1]:,.0f}/s), lag {look.lag:,}, {alerts.count:,} alerts{_newest(alerts.newest)}"
    )


def _newest(alerts: Iterable[dict[str, object]]) -> str:
    last = next(reversed(list(alerts)), None)
    return "" if last is None else f", the newest: {' '.join(filter(None, shown(last, list(ALERT_FIELDS))))}"
