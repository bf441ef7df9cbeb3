#!/usr/bin/env bash
# Every measurement of docs/benchmarks.md, one after the other; DATA is the folder with the Cambridge meters.
set -euo pipefail
cd "$(dirname "$0")/.."
DATA="${DATA:-../shared/data/cambridge}"
python -m benchmarks.features_rolling
python -m benchmarks.petastorm_to_tensorflow
if [ -d "$DATA" ]; then
    scratch=$(mktemp -d)
    python -m benchmarks.cambridge_small --data "$DATA" --lake "$scratch/lake"
    python -m benchmarks.robustness --lake "$scratch/lake"
    rm -rf "$scratch"
    python -m benchmarks.cambridge_bench --data "$DATA"
    python -m benchmarks.night_cost --data "$DATA"
else
    echo "The Cambridge meters are not at $DATA: say DATA=<folder> make bench for the rest."
fi
