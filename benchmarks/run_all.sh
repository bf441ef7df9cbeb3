#!/usr/bin/env bash
# What docs/benchmarks/ measures in more than a few commands, one after the other; DATA is the folder with the
# Cambridge meters, PROTOCOL that of the forecast benchmark.
set -euo pipefail
cd "$(dirname "$0")/.."
DATA="${DATA:-../shared/data/cambridge}"
PROTOCOL="${PROTOCOL:-../shared/forecast_bench}"
python -m benchmarks.features_rolling
python -m benchmarks.petastorm_to_tensorflow
python -m benchmarks.thousand_meters
if [ -d "$DATA" ]; then
    python -m benchmarks.cambridge_small --data "$DATA"
    scratch=$(mktemp -d)
    python -m benchmarks.forecast_bench --data "$DATA" --protocol "$PROTOCOL" --work "$scratch" --kinds nowx --horizons 24
    python -m benchmarks.robustness --lake "$scratch/lake-nowx-24" --from 2022-10-01 --to 2022-12-14 --every-days 8
    python -m benchmarks.hierarchy --lake "$scratch/lake-nowx-24" --model ensemble
    rm -rf "$scratch"
    python -m benchmarks.cambridge_bench --data "$DATA"
    python -m benchmarks.cleaning_flags --data "$DATA" --part bench
    python -m benchmarks.night_cost --data "$DATA"
else
    echo "The Cambridge meters are not at $DATA: say DATA=<folder> make bench for the rest."
fi
