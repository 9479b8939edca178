#!/usr/bin/env bash
# Installs a built mobireg, moves the installation, and builds and runs the examples against it, as
# somebody else's projects:
#
#   tests/consumer/run.sh BUILD_DIR [CMAKE_OPTION...]
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
# shellcheck source=tests/step.sh
source "$root/tests/step.sh"
build="$(cd "$1" && pwd)"
shift
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

# $1: an example's folder; the rest: CMake options.
build_example() {
  local name="$1"
  shift
  step "configuring $name" cmake -S "$root/examples/$name" -B "$work/build/$name" -G Ninja \
    -DCMAKE_BUILD_TYPE= -DCMAKE_PREFIX_PATH="$work/prefix" "$@"
  step "building $name" cmake --build "$work/build/$name"
}

# Runs an example and shows what it prints, in which $1, a regular expression, must match.
run_example() {
  local expected="$1" name="$2"
  shift 2
  "$work/build/$name/${name//_/-}-example" "$@" | tee "$work/printed"
  grep -qE "$expected" "$work/printed" || fail "$name printed no '$expected'"
}

step "cmake --install" cmake --install "$build" --prefix "$work/first"
# What is installed must not remember where it was built, or installed.
mv "$work/first" "$work/prefix"
if grep -rFI -e "$root" -e "$build" -e "$work" "$work/prefix"/{lib,include,share}; then
  fail "the installation names folders of this machine"
fi
for name in train predict own_loop; do
  build_example "$name" "$@"
done

step "mobireg-synth" "$work/prefix/bin/mobireg-synth" "$work/heads" --count 64
csv="$work/heads/headpose.csv"
run_example '^epoch 2 of 2: mean error [0-9.]+ degrees' train "$csv" "$work/run" 2
run_example '^face at .* pitch -?[0-9.]+ deg yaw .* roll ' \
  predict "$work/run/checkpoints/last.safetensors" "$work/heads/images/000000.png"
run_example '^step 3: loss [0-9.]+$' own_loop "$csv" 3
