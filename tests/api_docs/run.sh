#!/usr/bin/env bash
# Makes the API's pages; a warning of Doxygen's is a failure:
#
#   tests/api_docs/run.sh
#
# Skipped (exit status 77) where there is no doxygen.
set -euo pipefail
command -v doxygen >/dev/null || {
  echo "skipped: there is no doxygen (Debian: doxygen)"
  exit 77
}
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$root"
MOBIREG_VERSION=0 MOBIREG_API_DOCS="$work" doxygen docs/Doxyfile
for page in index structmobireg_1_1RunConfig classmobireg_1_1Predictor classmobireg_1_1Regressor; do
  [ -f "$work/html/$page.html" ] || {
    echo "run.sh: there is no page $page.html" >&2
    exit 1
  }
done
