#!/usr/bin/env bash
# Runs a test in Python, or skips it (exit status 77, which ctest knows) where Python or a package is
# not there:
#
#   run.sh debian|reference|deploy "MODULE..." SCRIPT [ARGUMENT...]
#
# `debian` is /usr/bin/python3; `reference` and `deploy` those of scripts/reference/make_env.sh and
# scripts/deploy/make_env.sh, which are looked for and never made here.
set -euo pipefail

skip() {
  echo "skipped: $*"
  exit 77
}

which_python="$1"
modules="$2"
shift 2
case "$which_python" in
  debian)
    python=/usr/bin/python3
    hint="Debian's python3-torch, python3-numpy, python3-pil and python3-jsonschema"
    ;;
  reference)
    python="${MOBIREG_REFERENCE_ENV:-$HOME/.cache/mobireg/reference-env}/bin/python"
    hint="scripts/reference/make_env.sh"
    ;;
  deploy)
    python="${MOBIREG_DEPLOY_ENV:-$HOME/.cache/mobireg/deploy-env}/bin/python"
    hint="scripts/deploy/make_env.sh"
    ;;
  *) echo "run.sh: '$which_python' is neither debian, reference nor deploy" >&2; exit 2 ;;
esac
[ -x "$python" ] || skip "there is no $python (made by $hint)"
for module in $modules; do
  "$python" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$module') is None)" ||
    skip "$python has no module $module (comes with $hint)"
done
exec "$python" -B "$@"
