"""Boosted trees in one process: `python -m energy_lib.training.families.boosting.worker JOB.json`."""

from __future__ import annotations

import sys

from energy_lib.training.export.model_folder import publish, write_description
from energy_lib.training.families.boosting.boosters import best_round, copy_boosters, grow_boosters, history_of
from energy_lib.training.workers.job import WorkerJob
from energy_lib.training.workers.opening import opened
from energy_lib.training.workers.process import die_with_parent


def main(text: str) -> int:
    die_with_parent()
    job = WorkerJob.from_text(text)
    folder, dataset, spec, manifest = opened(job)
    boosters = grow_boosters(job, spec, manifest)
    with publish(folder) as working:
        copy_boosters(boosters, working)
        write_description(working, spec, dataset, manifest, history_of(boosters), best_round(boosters))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
