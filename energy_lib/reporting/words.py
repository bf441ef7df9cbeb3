"""The reader's language: translations by gettext, numbers and dates by Babel."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from babel import Locale
from babel.dates import format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

from energy_lib.reporting.labels import LABELS

# English is what templates are written in; each other language has a file of translations.
LANGUAGES = {"en": "English", "de": "Deutsch"}
LOCALES = {"en": "en_GB", "de": "de_DE"}
FOLDER = Path(__file__).parent / "translations"
# Digits after the point, for values of at least so much.
DIGITS = ((100.0, "#,##0"), (10.0, "#,##0.#"), (0.0, "#,##0.##"))


@dataclass(frozen=True)
class Words:
    """Texts, numbers and dates in one language."""

    language: str
    locale: Locale
    translations: NullTranslations

    @property
    def text(self) -> Callable[[str], str]:
        return self.translations.gettext

    def label(self, name: Any) -> str:
        """What a value of the tables is called (base_load_step: a step in the base load); else the value itself."""
        own = LABELS.get(str(name))
        return self.text(own) if own else str(name)

    def number(self, value: float) -> str:
        """With the digits that its size deserves; not for values that are not known."""
        form = next(form for least, form in DIGITS if abs(value) >= least)
        return str(format_decimal(value, format=form, locale=self.locale))

    def percent(self, share: float) -> str:
        form = "#,##0 %" if abs(share) >= 0.1 or share == 0 else "#,##0.0 %"
        return str(format_percent(share, format=form, locale=self.locale))

    def day(self, day: date) -> str:
        return self._form(day, "yMMMd")

    def short_day(self, day: date) -> str:
        return self._form(day, "MMMd")

    def month(self, day: date) -> str:
        return self._form(day, "yMMM")

    def weekday(self, day: date) -> str:
        return self._form(day, "E")

    def instant(self, instant_utc: datetime, zone: str) -> str:
        """An instant in UTC without a zone, on the clock of `zone`."""
        local = pd.Timestamp(instant_utc).tz_localize("UTC").tz_convert(zone)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def _form(self, day: date, skeleton: str) -> str:
        """In the order and with the signs that the language has for these parts of a date (CLDR)."""
        return str(format_skeleton(skeleton, day, locale=self.locale))


@cache
def words_of(language: str) -> Words:
    """The words of a key of LANGUAGES."""
    locale = Locale.parse(LOCALES[language])
    return Words(language, locale, NullTranslations() if language == "en" else _translations(language))


def _translations(language: str) -> Translations:
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
