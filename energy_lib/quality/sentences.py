"""What an expectation asks, in the words of Great Expectations."""

from __future__ import annotations

import json
from functools import lru_cache
from string import Template

from energy_lib.quality.suites import third_party

# As many as all suites and declarations have.
KEPT = 4096


@lru_cache(maxsize=KEPT)
def sentence(expectation: str, kwargs: str) -> str:
    """`p10 values must be greater than or equal to 0.` `kwargs`: as JSON. Its name and them, where GX has no words."""
    with third_party():
        from great_expectations.exceptions import GreatExpectationsError
        from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
        from great_expectations.render.renderer.inline_renderer import InlineRenderer

        try:
            asked = ExpectationConfiguration(type=expectation, kwargs=json.loads(kwargs))
            [rendered] = InlineRenderer(render_object=asked).get_rendered_content()
        except (GreatExpectationsError, ValueError):
            return f"{expectation} {kwargs}"
        value = rendered.value.to_json_dict()
    if not value.get("template"):
        return f"{expectation} {kwargs}"
    given = {name: given["value"] for name, given in (value.get("params") or {}).items()}
    return Template(value["template"]).safe_substitute(given).rstrip()
