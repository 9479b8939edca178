#!/usr/bin/env bash
# Makes the Python environment of data_peers.py (torchvision and albumentations), and prints the
# path of its python as the last line. Quiet and quick when the environment is already complete.
#
#   scripts/bench/make_env.sh [DIR]
#
# DIR defaults to $MOBIREG_BENCH_ENV, else ~/.cache/mobireg/bench-env; it takes 4.4 GB. $PYTHON
# names the Python 3.11 to use (default: python3.11).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
env_dir="${1:-${MOBIREG_BENCH_ENV:-$HOME/.cache/mobireg/bench-env}}"
python="${PYTHON:-python3.11}"
requirements="$here/requirements.txt"
stamp="$env_dir/requirements.installed"

if ! cmp -s "$requirements" "$stamp"; then
  if ! "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' \
    2>/dev/null; then
    echo "make_env.sh: '$python' is not a Python 3.11 with venv (Debian: python3.11-venv);" \
      "set PYTHON to one" >&2
    exit 1
  fi
  echo "make_env.sh: installing the benchmark environment in $env_dir" >&2
  "$python" -m venv --clear "$env_dir"
  "$env_dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
    --no-deps --requirement "$requirements"
  NO_ALBUMENTATIONS_UPDATE=1 "$env_dir/bin/python" -c 'import albumentations, PIL, torchvision' \
    2>/dev/null || { echo "make_env.sh: the packages in $env_dir do not import" >&2; exit 1; }
  cp "$requirements" "$stamp"
fi
echo "$env_dir/bin/python"
