"""Terraform: the files parse, and what outputs and policies name exists."""

from __future__ import annotations

import re
from pathlib import Path

import hcl2

FOLDER = Path(__file__).parents[2] / "terraform"


def test_every_reference_has_its_declaration() -> None:
    text = "\n".join(path.read_text() for path in sorted(FOLDER.glob("*.tf")))
    parsed = [hcl2.loads(path.read_text()) for path in sorted(FOLDER.glob("*.tf"))]
    declared = {
        f"{kind}.{name}".replace('"', "")
        for document in parsed
        for block in document.get("resource", [])
        for kind, named in block.items()
        for name in named
    }
    used = set(re.findall(r"(?<![\w.])(aws_\w+\.\w+)", text))
    assert used <= declared
    variables = {name.strip('"') for d in parsed for block in d.get("variable", []) for name in block}
    assert set(re.findall(r"var\.(\w+)", text)) == variables
