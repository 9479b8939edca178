#!/usr/bin/env bash
# Makes the Python environment of the benchmark's peers (torchvision and albumentations; 4.4 GB), and
# prints the path of its python as the last line: scripts/bench/make_env.sh [DIR]
# DIR defaults to $MOBIREG_BENCH_ENV, else ~/.cache/mobireg/bench-env.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
exec bash "$here/../python_env.sh" "${1:-${MOBIREG_BENCH_ENV:-$HOME/.cache/mobireg/bench-env}}" \
  "$here/requirements.txt" "albumentations, PIL, torchvision"
