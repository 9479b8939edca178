#!/usr/bin/env bash
# Configures (where that was not done before) and builds:
#
#   scripts/build.sh BUILD_DIR [-DNAME=VALUE...] [TARGET...]
#
# Options are CMake's, and configure the folder anew. Release unless the folder is configured otherwise. Quiet when there is nothing to build.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
build="${1:?usage: scripts/build.sh BUILD_DIR [-DNAME=VALUE...] [TARGET...]}"
shift
options=()
while [[ "${1:-}" == -D* ]]; do
  options+=("$1")
  shift
done

fail() {
  echo "build.sh: $*" >&2
  exit 1
}

# The first thing that CMake could not find, with the Debian package that has it.
missing_dependency() {
  local name
  name="$(sed -nE 's/.*provided by "([^"]+)".*/\1/p; s/.*Could NOT find ([^ ]+).*/\1/p' "$1" | head -n 1)"
  case "$name" in
    '') return ;;
    Torch | Caffe2) name+=' (Debian: libtorch-dev)' ;;
    OpenCV) name+=' (Debian: libopencv-dev)' ;;
    fmt) name+=' (Debian: libfmt-dev)' ;;
    nlohmann_json) name+=' (Debian: nlohmann-json3-dev)' ;;
    matio) name+=' (Debian: libmatio-dev)' ;;
    ZLIB) name+=' (Debian: zlib1g-dev)' ;;
    ONNX) name+=' (Debian: libonnx-dev)' ;;
    Protobuf) name+=' (Debian: libprotobuf-dev)' ;;
    JPEG) name+=' (Debian: libjpeg-dev)' ;;
    PNG) name+=' (Debian: libpng-dev)' ;;
    OpenSSL) name+=' (Debian: libssl-dev)' ;;
    CLI11) name+=' (Debian: libcli11-dev)' ;;
    Catch2) name+=' (Debian: catch2, version 2)' ;;
  esac
  echo "$name is missing; "
}

configure() {
  local log="$build/configure.log"
  mkdir -p "$build"
  cmake -S "$root" -B "$build" -G Ninja "${options[@]}" >"$log" 2>&1 ||
    fail "$(missing_dependency "$log")CMake could not configure $build; see $log"
}

# A compiler takes up to 1.5 GB on LibTorch's headers.
jobs() {
  local cores gigabytes
  cores="$(nproc)"
  gigabytes="$(awk '/^MemAvailable/ {print int($2 / 1.5e6)}' /proc/meminfo)"
  [ "$gigabytes" -lt "$cores" ] && cores=$((gigabytes > 0 ? gigabytes : 1))
  echo "$cores"
}

if [ ! -f "$build/build.ninja" ]; then
  options=(-DCMAKE_BUILD_TYPE=Release "${options[@]}")
fi
if [ ${#options[@]} -gt 0 ]; then
  echo "configuring $build"
  configure
fi
if ninja -C "$build" -n "$@" | grep -q 'no work to do'; then
  exit 0
fi
echo "building (some minutes on a small machine, the first time)"
status=()
[ -t 1 ] || status=(--quiet)
ninja -C "$build" -j "$(jobs)" "${status[@]}" "$@" || fail "the build of $build failed; the error is above"
