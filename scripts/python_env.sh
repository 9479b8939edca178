#!/usr/bin/env bash
# Makes a Python environment outside the repository, and prints the path of its python as the last
# line: scripts/python_env.sh DIR REQUIREMENTS MODULES
# REQUIREMENTS is the whole closure, pinned; MODULES ("a, b") must import afterwards. Quiet and quick
# when the environment is already complete. $PYTHON names the Python 3.11 to use (default:
# python3.11). scripts/reference/make_env.sh and scripts/bench/make_env.sh call this.
set -euo pipefail

env_dir="${1:?usage: scripts/python_env.sh DIR REQUIREMENTS MODULES}"
requirements="$2"
modules="$3"
python="${PYTHON:-python3.11}"
stamp="$env_dir/requirements.installed"

fail() {
  echo "python_env.sh: $*" >&2
  exit 1
}

if ! cmp -s "$requirements" "$stamp"; then
  "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null ||
    fail "'$python' is not a Python 3.11 with venv (Debian: python3.11-venv); set PYTHON to one"
  echo "python_env.sh: installing $requirements in $env_dir" >&2
  "$python" -m venv --clear "$env_dir"
  "$env_dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps \
    --requirement "$requirements"
  NO_ALBUMENTATIONS_UPDATE=1 "$env_dir/bin/python" -c "import $modules" 2>/dev/null ||
    fail "the packages in $env_dir do not import"
  cp "$requirements" "$stamp"
fi
echo "$env_dir/bin/python"
