"""An ensemble in one process: `python -m energy_lib.training.families.ensemble.worker JOB.json`.

Its network is trained already, in a folder within the training's. This program grows the trees, fits the linear day,
and chooses the shares of all three.
"""

from __future__ import annotations

import sys

from energy_lib.models.families.ensemble.family import LINEAR_SECTION
from energy_lib.models.families.ensemble.settings import LinearConfig
from energy_lib.training.export.model_folder import publish, write_description
from energy_lib.training.families.boosting.boosters import best_round, copy_boosters, grow_boosters, history_of
from energy_lib.training.families.ensemble.mixture import join
from energy_lib.training.spec import FINISHED, NETWORK
from energy_lib.training.workers.job import WorkerJob
from energy_lib.training.workers.opening import opened
from energy_lib.training.workers.process import die_with_parent


def main(text: str) -> int:
    die_with_parent()
    job = WorkerJob.from_text(text)
    folder, dataset, spec, manifest = opened(job)
    boosters = grow_boosters(job, spec, manifest)
    settings = LinearConfig.model_validate(spec.settings[LINEAR_SECTION])
    with publish(folder) as working:
        copy_boosters(boosters, working)
        shares = join(working, folder / NETWORK / FINISHED, settings, dataset, manifest)
        described = {**best_round(boosters), "shares": shares}
        write_description(working, spec, dataset, manifest, history_of(boosters), described)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
