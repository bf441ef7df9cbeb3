"""The client: reads tables by pages, forecasts meters, gives feedback, and hears alerts."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from energy_lib.client.alerts import Alert, alerts_of
from energy_lib.client.answers import MeterForecast, Page, Row, forecast_of, page_of
from energy_lib.client.posted import Posted, Series, Weather, instant_text, meter_body, posted_of, readings_body
from energy_lib.client.problem import require_answer, unreachable
from energy_lib.vocabulary import Fuel

Value = str | int | date | Sequence[str]
TIMEOUT_SECONDS = 30.0
# The stream says something every 15 s.
SILENT_SECONDS = 60.0


class EnergyApi:
    """The API at `address`, asked with an API key or a token, or with none on the loopback address.

    Every method raises ApiProblem: what the API said in its sentence, or that nothing answered. Times are aware.
    `certificate`: file of the authority (PEM) that a server of one's own is trusted by.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8322",
        *,
        api_key: str | None = None,
        token: str | None = None,
        certificate: str | None = None,
    ) -> None:
        headers = {"X-API-Key": api_key} if api_key else {"Authorization": f"Bearer {token}"} if token else {}
        self._address = address
        verify = True if certificate is None else ssl.create_default_context(cafile=certificate)
        self._http = httpx.Client(base_url=address, headers=headers, timeout=TIMEOUT_SECONDS, verify=verify)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def page(
        self,
        table: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        **filters: Value,
    ) -> Page:
        """A page of /v1/<table>, for instance `page("readings", meter=["m-1", "m-2"], since=…)`.

        `filters`: meter, site and the columns that the table takes. `as_of`: what was known then.
        """
        times = {"from": since, "to": until, "as_of": as_of}
        asked: dict[str, Any] = {name: instant_text(at) for name, at in times.items() if at is not None}
        asked |= {name: value for name, value in (("limit", limit), ("cursor", cursor)) if value is not None}
        asked |= {name: _text(value) for name, value in filters.items()}
        return page_of(self._ask("GET", f"/v1/{table}", params=asked))

    def rows(self, table: str, **asked: Any) -> Iterator[Row]:
        """Rows of all pages, asked for as by `page`, one page after another."""
        page = self.page(table, **asked)
        yield from page.rows
        while page.next is not None:
            page = self.page(table, **{**asked, "cursor": page.next})
            yield from page.rows

    def forecast(self, meter_id: str) -> MeterForecast:
        """A meter's newest live forecast."""
        said = self._ask("GET", f"/v1/meters/{quote(meter_id, safe='')}/forecast")
        return forecast_of(said, said["origin_utc"])

    def forecast_posted(
        self,
        origin_utc: datetime,
        meter_id: str,
        fuel: Fuel,
        zone: str,
        readings: Sequence[Series],
        weather: Sequence[Weather] = (),
        **more: Any,
    ) -> MeterForecast:
        """A meter that the lake does not know, from its history up to the origin, a full hour.

        `zone`: IANA name. `more`: what else is known of it, as country, floor_area_m2, latitude and longitude.
        """
        meter = meter_body(meter_id, fuel, zone, readings, weather, more)
        body = {"origin_utc": instant_text(origin_utc), "meters": [meter]}
        said = self._ask("POST", "/v1/forecasts", json=body)
        return forecast_of(said["data"][0], said["origin_utc"])

    def post_readings(self, meter_id: str, readings: Sequence[Series], *, idempotency_key: str | None = None) -> Posted:
        """Post readings of a meter of yours, which the lake's next ingest takes in.

        The same `idempotency_key` again is the same request, kept once; by default each call is one of its own.
        """
        answer = self._answer(
            "POST", "/v1/readings", json=readings_body(meter_id, readings), headers=_key(idempotency_key)
        )
        return posted_of(answer.json(), "idempotency-replayed" in answer.headers)

    def green_button(self, meter_id: str, *, since: datetime | None = None, until: datetime | None = None) -> bytes:
        """A meter's own readings as a Green Button feed (ESPI, Atom XML)."""
        times = {"from": since, "to": until}
        asked = {name: instant_text(at) for name, at in times.items() if at is not None}
        return self._answer("GET", f"/v1/meters/{quote(meter_id, safe='')}/readings", params=asked).content

    def give_feedback(
        self,
        recommendation_id: str,
        state: Literal["new", "accepted", "done", "rejected", "snoozed"],
        *,
        note: str | None = None,
        done_on: date | None = None,
        snoozed_until: date | None = None,
        idempotency_key: str | None = None,
    ) -> Row:
        """Say what became of a recommendation; gives what is kept.

        The same `idempotency_key` again is the same request, kept once; by default each call is one of its own.
        """
        body = {"state": state, "note": note, "done_on": _text(done_on), "snoozed_until": _text(snoozed_until)}
        return self._ask(
            "POST",
            f"/v1/recommendations/{quote(recommendation_id, safe='')}/feedback",
            json={name: value for name, value in body.items() if value is not None},
            headers=_key(idempotency_key),
        )

    def alerts(self, after: str | None = None) -> Iterator[Alert]:
        """Alerts as they are told, until the API ends the stream after an hour: come back with the last one's id.

        `after`: go on behind the alert with this id; without it, only what comes from now on.
        """
        headers = {} if after is None else {"Last-Event-ID": after}
        timeout = httpx.Timeout(TIMEOUT_SECONDS, read=SILENT_SECONDS)
        try:
            with self._http.stream("GET", "/v1/alerts/stream", headers=headers, timeout=timeout) as answer:
                if answer.is_error:
                    answer.read()
                require_answer(answer)
                yield from alerts_of(answer.iter_lines())
        except httpx.HTTPError as error:
            raise unreachable(error, self._address) from error

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        said: dict[str, Any] = self._answer(method, path, params, json, headers).json()
        return said

    def _answer(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = self._http.request(method, path, params=params, json=json, headers=headers)
        except httpx.HTTPError as error:
            raise unreachable(error, self._address) from error
        require_answer(answer)
        return answer


def _key(idempotency_key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": idempotency_key or secrets.token_hex(16)}


def _text(value: Value | None) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value
