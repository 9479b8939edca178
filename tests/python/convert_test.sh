#!/usr/bin/env bash
# Weights that real tf.keras saved load into mobireg and give Keras's outputs:
#
#   convert_test.sh COMMAND [ARGUMENT...]
#
# COMMAND finds `converted.safetensors` and `expected.json` in the folder $MOBIREG_CONVERTED; see
# scripts/convert/check_keras_to_safetensors.py.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
MOBIREG_CONVERTED="$(mktemp -d)"
export MOBIREG_CONVERTED
trap 'rm -rf "$MOBIREG_CONVERTED"' EXIT
bash "$here/run.sh" reference "tensorflow h5py safetensors" \
  "$here/../../scripts/convert/check_keras_to_safetensors.py" --write "$MOBIREG_CONVERTED"
"$@"
