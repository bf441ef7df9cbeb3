"""What every request passes: its size, how often one asks, who answers a share, and which address it may have."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from served_api import served

from energy_lib.config import Config, ServingConfig
from energy_lib.errors import BadConfig
from energy_lib.forecasting.model_forecasts import ModelRef
from energy_lib.models.config import load_config
from energy_lib.serving.rate_limits import RateLimits
from energy_lib.serving.resources import RESOURCES
from energy_lib.serving.served_models import Served, ServedModel


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    limits = RateLimits(0.5, 2, lambda: now[0])
    assert [limits.wait_seconds("a") for _ in range(4)] == [0, 0, 2, 2]
    assert limits.wait_seconds("b") == 0
    now[0] = 2.0
    assert [limits.wait_seconds("a") for _ in range(2)] == [0, 2]
    now[0] = 1000.0
    # A bucket holds no more than its burst.
    assert [limits.wait_seconds("a") for _ in range(3)] == [0, 0, 2]


def test_too_many_and_too_long_requests_are_refused(root: Path) -> None:
    few = ServingConfig(requests_per_second=0.001, burst=3, max_body_bytes=1024)
    with served(Config(lake=str(root), serving=few)) as address, httpx.Client(base_url=address, timeout=30) as client:
        assert client.post("/v1/forecasts", content=b"x" * 1025).status_code == 413
        # One that does not say how long it is, is cut when it is.
        assert client.post("/v1/forecasts", content=iter([b"x" * 600] * 3)).status_code == 413
        assert client.get("/v1/meters").status_code == 200
        refused = client.get("/v1/meters")
        assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
        # Whether it lives may be asked always.
        assert client.get("/health/live").status_code == 200


def test_a_challenger_answers_its_share_of_names_always_the_same() -> None:
    both = Served(ServedModel(ModelRef("a", "1", "x")), ServedModel(ModelRef("a", "2", "y")))
    names = [f"meter-{number}" for number in range(10_000)]
    versions = [both.of(name, 0.05).ref.version for name in names]
    assert 400 < versions.count("2") < 600
    assert versions == [both.of(name, 0.05).ref.version for name in names]
    assert {both.of(name, 0.0).ref.version for name in names} == {"1"}
    assert {Served(both.champion).of(name, 1.0).ref.version for name in names} == {"1"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.2", "energy.example"])
def test_without_authentication_it_serves_this_machine_alone(host: str) -> None:
    with pytest.raises(BadConfig, match="authentication none answers anyone"):
        load_config(None, [f"serving.host={host}"])


def test_the_description_names_every_table_and_its_columns(api: httpx.Client) -> None:
    document = api.get("/openapi.json").json()
    for resource in RESOURCES:
        assert list(document["components"]["schemas"][resource.name]["properties"]) == list(resource.table.column_names)
        assert "200" in document["paths"][f"/v1/{resource.name}"]["get"]["responses"]
    for path in ("/v1/forecasts", "/v2/models/{model}/infer", "/v1/recommendations/{recommendation_id}/feedback"):
        assert "example" in document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    references = str(document).split("#/components/schemas/")[1:]
    named = {each.split("'")[0] for each in references}
    assert named <= set(document["components"]["schemas"])


def test_figures_name_routes_as_templates(api: httpx.Client) -> None:
    api.get("/v1/meters/m-1/forecast")
    api.get("/v1/meters?meter=m-1")
    text = api.get("/metrics").text
    assert 'route="/v1/meters/{meter_id:path}/forecast",status="2xx"' in text
    assert 'route="/v1/meters",status="2xx"' in text
    assert "m-1" not in text
