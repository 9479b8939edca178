#!/usr/bin/env bash
# Makes the Python environment of the reference scripts (real tf.keras and imgaug), and prints the
# path of its python as the last line: scripts/reference/make_env.sh [DIR]
# DIR defaults to $MOBIREG_REFERENCE_ENV, else ~/.cache/mobireg/reference-env.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
exec bash "$here/../python_env.sh" \
  "${1:-${MOBIREG_REFERENCE_ENV:-$HOME/.cache/mobireg/reference-env}}" "$here/requirements.txt" \
  "h5py, imgaug, pandas, PIL, safetensors, scipy, tensorflow"
