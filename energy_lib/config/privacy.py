"""Config keys of privacy: where the keys of pseudonyms lie, who is privacy officer, what becomes of trained models."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from energy_lib.config.section import Section


class PrivacyConfig(Section):
    """Pseudonyms, erasure and the export of a person's data (docs/privacy.md). No key stands in it."""

    keys_file: str | None = Field(
        None, description="File of the keys of pseudonyms, outside of the lake: a line a key, `<version> <base64>`"
    )
    keys_env: str | None = Field(None, description="Environment variable that holds the same instead")
    officers: tuple[str, ...] = Field(
        (), description="System users that are privacy officers: they alone re-identify, erase and export a person"
    )
    trained_models: Literal["retrain", "keep"] = Field(
        "retrain",
        description="Models that were trained on an erased meter: the next night trains anew, or they are kept",
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.keys_file is not None and self.keys_env is not None:
            raise ValueError("give keys_file or keys_env, one of them")
        return self
