#!/usr/bin/env bash
# Builds the library for boards and examples/board, trains and exports a small network with a built
# mobireg's apps, and compares the example's numbers with the checkpoint's:
#
#   run.sh APPS_DIR native|aarch64
#
# aarch64: cross-compiled against the sysroot of sysroot.sh, which is made in ~/.cache/mobireg where it
# is not there yet, and run by qemu; skipped (exit status 77) where Debian's cross compiler, qemu-user
# or the packages are not to be had.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
# shellcheck source=tests/step.sh
source "$here/../step.sh"
apps="$(cd "$1" && pwd)"
machine="$2"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

skip() {
  echo "skipped: $*"
  exit 77
}

options=()
strip=strip
run=()
case "$machine" in
  native) ;;
  aarch64)
    for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
      command -v "$tool" >/dev/null ||
        skip "there is no $tool (Debian's g++-aarch64-linux-gnu and qemu-user)"
    done
    sysroot="${MOBIREG_SYSROOT:-$HOME/.cache/mobireg/arm64-sysroot}"
    [ -d "$sysroot/usr" ] || "$here/sysroot.sh" "$sysroot" >"$work/log" 2>&1 ||
      skip "arm64's OpenCV is not to be had: $(tail -n 1 "$work/log")"
    libraries="$sysroot/usr/lib/aarch64-linux-gnu"
    options=("-DCMAKE_TOOLCHAIN_FILE=$here/aarch64.cmake" "-DMOBIREG_SYSROOT=$sysroot")
    strip=aarch64-linux-gnu-strip
    run=(qemu-aarch64 -L "$sysroot"
      -E "LD_LIBRARY_PATH=$libraries:$libraries/blas:$libraries/lapack")
    ;;
  *)
    echo "run.sh: '$machine' is neither native nor aarch64" >&2
    exit 2
    ;;
esac

# LibTorch must not even be looked for.
step "configuring the board library" cmake -S "$root" -B "$work/library" -G Ninja -DMOBIREG_BOARD=ON \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_DISABLE_FIND_PACKAGE_Torch=ON "${options[@]}"
step "building the board library" nice cmake --build "$work/library"
step "installing the board library" cmake --install "$work/library" --prefix "$work/prefix"
step "configuring the example" cmake -S "$root/examples/board" -B "$work/example" -G Ninja \
  -DCMAKE_BUILD_TYPE=Release -Dmobireg_DIR="$work/prefix/lib/cmake/mobireg" "${options[@]}"
step "building the example" cmake --build "$work/example"
example="$work/example/board-example"

# Who asks for the whole library is told what there is.
printf 'cmake_minimum_required(VERSION 3.20)\nfind_package(mobireg 0.1)\n' >"$work/whole.cmake"
cmake -Dmobireg_DIR="$work/prefix/lib/cmake/mobireg" -P "$work/whole.cmake" >"$work/log" 2>&1
grep -q 'only its component `board` is installed' "$work/log" || {
  cat "$work/log"
  exit 1
}

"$strip" -o "$work/stripped" "$example"
size="$(stat -c %s "$work/stripped")"
[ "$size" -lt 1000000 ] || {
  echo "run.sh: the example has $size bytes; all of our own code must stay under 1 MB" >&2
  exit 1
}

step "drawing heads" "$apps/mobireg-synth" "$work/heads" --count 60
step "training" "$apps/mobireg-train" "$root/configs/smoke.json" --set "run_dir=$work/run" \
  --set "data.csv=$work/heads/headpose.csv" --set training.epochs=1
checkpoint="$work/run/checkpoints/last.safetensors"
step "exporting" "$apps/mobireg-export" "$checkpoint" --format onnx --output "$work/net.onnx"

# A picture of some bytes: the checkpoint's.
{
  printf 'P6\n90 70\n255\n'
  dd if="$checkpoint" bs=$((90 * 70 * 3)) skip=1 count=1 status=none
} >"$work/picture.ppm"
echo "filename,x0,y0,x1,y1" >"$work/boxes.csv"
echo "picture.ppm,12,-3,61,50" >>"$work/boxes.csv"

# $1: what the example printed (name, degrees, unit a line); $2: mobireg-predict's CSV, the last three
# columns pitch, yaw and roll in degrees. Allowed: 1e-4 (1 + |y|) in radians.
compare() {
  awk -F '[, ]' -v degree=57.29578 '
    FNR == NR { if (FNR == 2) { for (i = 1; i <= 3; ++i) expected[i] = $(NF - 3 + i) } next }
    {
      difference = $2 - expected[FNR]; if (difference < 0) difference = -difference
      size = expected[FNR] < 0 ? -expected[FNR] : expected[FNR]
      # mobireg-predict rounds to thousandths of a degree
      if (!(difference <= 1e-4 * (degree + size) + 5e-4)) {
        print "run.sh: " $1 " is " $2 " on the board and " expected[FNR] " by the checkpoint"
        bad = 1
      }
      if (difference > most) most = difference
      ++outputs
    }
    END {
      if (outputs != 3) { print "run.sh: " outputs " outputs, not 3"; bad = 1 }
      printf "differs by at most %.5f degrees\n", most
      exit bad
    }' "$2" "$1"
}
"${run[@]}" "$example" "$work/net.onnx" "$work/picture.ppm" >"$work/whole"
step "predicting" "$apps/mobireg-predict" "$checkpoint" "$work/picture.ppm" --whole-image \
  --output "$work/whole.csv"
compare "$work/whole" "$work/whole.csv"
"${run[@]}" "$example" "$work/net.onnx" "$work/picture.ppm" 12 -3 61 50 >"$work/face"
step "predicting" "$apps/mobireg-predict" "$checkpoint" --boxes "$work/boxes.csv" \
  --output "$work/face.csv"
compare "$work/face" "$work/face.csv"

# The library for boards reads ONNX files alone, and says so.
if "${run[@]}" "$example" "$checkpoint" "$work/picture.ppm" >"$work/log" 2>&1; then
  echo "run.sh: the example read a checkpoint" >&2
  exit 1
fi
grep -q "^board-example: $checkpoint: " "$work/log" || {
  cat "$work/log"
  exit 1
}
echo "$machine: $size bytes, stripped, with the example"
