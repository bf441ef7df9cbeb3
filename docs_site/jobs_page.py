"""The reference of the jobs' arguments: what each says of itself, and what `--help` prints."""

from __future__ import annotations

import ast
import inspect
import io
import os
import runpy
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path

JOBS = Path(__file__).parents[1] / "jobs"
INTRODUCTION = """\
`spark-submit jobs/<job>.py …`; `jobs/sql.py` also runs by plain `python`. The [README](../readme.md#jobs) says which
tables a job reads and writes and what its exit codes mean."""
# As wide as a page, whatever the terminal.
WIDTH = "80"


def job_files() -> list[Path]:
    return sorted(path for path in JOBS.glob("*.py") if path.stem != "__init__")


def jobs_page(files: Iterable[Path]) -> str:
    """A page of Markdown: each job's own words and its arguments."""
    return "\n\n".join(["# Jobs and their arguments", INTRODUCTION, *(_section(file) for file in files)]) + "\n"


def _section(file: Path) -> str:
    said = inspect.cleandoc(ast.get_docstring(ast.parse(file.read_text())) or "")
    return f"## {file.stem}\n\n{said}\n\n```text\n{_help(file)}\n```"


def _help(file: Path) -> str:
    """What the job prints for --help, from the same lines that a user runs."""
    printed = io.StringIO()
    with _called_as(str(file), "--help"), redirect_stdout(printed), suppress(SystemExit):
        runpy.run_path(str(file), run_name="__main__")
    return printed.getvalue().rstrip()


@contextmanager
def _called_as(*words: str) -> Iterator[None]:
    """sys.argv and the terminal's width, put back at the end."""
    argv, columns = sys.argv, os.environ.get("COLUMNS")
    sys.argv, os.environ["COLUMNS"] = list(words), WIDTH
    try:
        yield
    finally:
        sys.argv = argv
        os.environ.pop("COLUMNS")
        if columns is not None:
            os.environ["COLUMNS"] = columns
