#!/usr/bin/env bash
# Packages, build, every test: scripts/test.sh [--libtorch PATH] [--build-dir DIR]
# --libtorch: with a LibTorch 2.x instead of Debian's; PATH is its folder, or `torch` in site-packages.
# --build-dir: `build`, or `build-libtorch` with a LibTorch of its own.
# Skipped tests are listed with their reasons; the last line is ctest's own verdict.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
build=''
libtorch=''

fail() {
  echo "test.sh: $*" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case "$1" in
    --build-dir)
      [ $# -ge 2 ] || fail "--build-dir needs a folder"
      build="$(realpath -m "$2")"
      shift 2
      ;;
    --libtorch)
      [ $# -ge 2 ] || fail "--libtorch needs a folder"
      libtorch="$(realpath -m "$2")"
      [ -f "$libtorch/lib/libtorch_cpu.so" ] || fail "--libtorch: $2 has no lib/libtorch_cpu.so"
      shift 2
      ;;
    -h | --help)
      sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) fail "unknown option '$1'; known are --libtorch PATH and --build-dir DIR" ;;
  esac
done

options=()
if [ -n "$libtorch" ]; then
  options=("-DMOBIREG_LIBTORCH=$libtorch")
  build="${build:-$root/build-libtorch}"
fi
build="${build:-$root/build}"

"$root/scripts/packages.sh"
"$root/scripts/build.sh" "$build" "${options[@]}"

# One test at a time: each uses all cores already.
log="$build/Testing/ctest.log"
mkdir -p "$build/Testing"
status=0
ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel 1 2>&1 | tee "$log" ||
  status=$?
# ctest says which tests were skipped; why, it keeps to itself.
grep -h '^skipped: ' "$build/Testing/Temporary/LastTest.log" || true
grep 'tests passed' "$log" || true
exit "$status"
