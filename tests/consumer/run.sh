#!/usr/bin/env bash
# Installs a built mobireg, moves the installation, and builds and runs the project here against it:
#
#   tests/consumer/run.sh BUILD_DIR [CMAKE_OPTION...]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
build="$(cd "$1" && pwd)"
shift
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# $1: what is done; the rest: the command. Its output is shown only when it fails.
step() {
  local what="$1"
  shift
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log"
    echo "run.sh: $what failed" >&2
    exit 1
  }
}

step "cmake --install" cmake --install "$build" --prefix "$work/first"
# What is installed must not remember where it was built, or installed.
mv "$work/first" "$work/prefix"
if grep -rFI -e "$root" -e "$build" -e "$work" "$work/prefix/lib" "$work/prefix/include"; then
  echo "run.sh: the installation names folders of this machine" >&2
  exit 1
fi
step "configuring the consumer" cmake -S "$here" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE= \
  -DCMAKE_PREFIX_PATH="$work/prefix" "$@"
step "building the consumer" cmake --build "$work/build"
"$work/build/consumer"
