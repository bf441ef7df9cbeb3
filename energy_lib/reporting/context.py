"""What every page is rendered with: the night, the clock, the reader's words, and where links lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlencode

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.words import LANGUAGES, Words

PAGES = ("overview", "buildings", "actions", "savings", "carbon", "areas", "forecasts", "data", "method")


class Links(Protocol):
    """Addresses of pages, and of places: None where there is no page of it."""

    def page(self, name: str) -> str: ...

    def building(self, building_id: str) -> str | None: ...

    def language(self, language: str) -> str | None: ...

    def figure(self, name: str) -> str | None: ...


@dataclass(frozen=True)
class FileLinks:
    """Within one file, which holds the details of some buildings; each figure's rows lie in a folder beside it."""

    anchors: dict[str, str] = field(default_factory=dict)

    def page(self, name: str) -> str:
        return f"#{name}"

    def building(self, building_id: str) -> str | None:
        anchor = self.anchors.get(building_id)
        return f"#{anchor}" if anchor else None

    def language(self, language: str) -> str | None:
        return None

    def figure(self, name: str) -> str | None:
        return f"figures/{name}.csv"


@dataclass(frozen=True)
class AppLinks:
    """Addresses of the app, which keep the language and the date that were asked for."""

    path: str = "/"
    asked: tuple[tuple[str, str], ...] = ()

    def _with(self, path: str, **changes: str) -> str:
        asked = urlencode({**dict(self.asked), **changes})
        return f"{path}?{asked}" if asked else path

    def page(self, name: str) -> str:
        return self._with("/" if name == "overview" else f"/{name}")

    def building(self, building_id: str) -> str | None:
        return self._with(f"/buildings/{quote(building_id, safe='')}")

    def language(self, language: str) -> str | None:
        return self._with(self.path, lang=language)

    def figure(self, name: str) -> str | None:
        return None


@dataclass(frozen=True)
class Context:
    """`zone`: the clock of what concerns the whole portfolio."""

    as_of: AsOf
    zone: str
    words: Words
    links: Links

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """Other languages: key, name, address."""
        others = [(key, name, self.links.language(key)) for key, name in LANGUAGES.items()]
        return [(key, name, link) for key, name, link in others if link and key != self.words.language]
