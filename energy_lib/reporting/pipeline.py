"""Writes a night's report into the lake's folder `reports/<date>`."""

from __future__ import annotations

import logging
import os
import shutil
from datetime import date
from pathlib import Path

from energy_lib.config import Config
from energy_lib.lake.outcome import Outcome
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.assembly import headline, read_report, report_html
from energy_lib.reporting.export import write_figures
from energy_lib.reporting.pdf import write_pdf
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.reporting.words import words_of

JOB = "report"
FOLDER = "reports"

log = logging.getLogger(__name__)


def write_report(config: Config, day: date | None, *, pdf: bool) -> Outcome:
    """Write `report.html`, the rows of its figures and, if asked for, a PDF; `day`: None for the newest night's.

    The folder is replaced as a whole: a run that is killed leaves the last report, or none.
    Raises BadConfig for a lake that is not in a local folder, InputMissing where no night is named and none has run.
    """
    lake = ReportTables(config.lake)
    as_of = AsOf(day or lake.newest_day(), config.features.origin_hour_utc)
    words = words_of(config.report.language)
    report = read_report(lake, as_of, config.report.buildings)
    target = lake.root / FOLDER / str(as_of.day)
    staging = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        html = staging / "report.html"
        html.write_text(report_html(report, words), encoding="utf-8")
        figures = write_figures(report.figures(), staging / "figures")
        said = [write_pdf(html, staging / "report.pdf")] if pdf else []
        shutil.rmtree(target, ignore_errors=True)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    log.info("%d figures in %s", figures, target)
    said = [line.replace(str(staging), str(target)) for line in said]
    rows = sum(len(figure.rows) for figure in report.figures())
    return Outcome(
        rows_out=rows,
        versions_read=dict(lake.versions),
        lines=[headline(report, words), f"The report is {Path(target, 'report.html')}.", *said],
    )
