#!/usr/bin/env bash
# dlib's 68-point predictor on the test rows of a landmark run, beside what the network says:
#   scripts/reference/dlib_landmarks.sh landmarks68.csv RUN/rows.csv predicted.csv
# Fetches Debian's libdlib-dev and libdlib-data (they need not be installed) into a folder of its own,
# $MOBIREG_DLIB or ~/.cache/mobireg/dlib, and builds dlib_landmarks.cpp there.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
folder="${MOBIREG_DLIB:-$HOME/.cache/mobireg/dlib}"
model="$folder/unpacked/usr/share/dlib/shape_predictor_68_face_landmarks.dat"

fetch() {
  mkdir -p "$folder/packages"
  (cd "$folder/packages" && apt-get -qq download libdlib-dev libdlib-data)
  for package in "$folder"/packages/*.deb; do dpkg-deb -x "$package" "$folder/unpacked"; done
}

[ -f "$model" ] || fetch
program="$folder/dlib_landmarks"
if [ ! "$program" -nt "$here/dlib_landmarks.cpp" ]; then
  libraries=(-lopencv_core -lopencv_imgproc -lopencv_imgcodecs -l:liblapack.so.3 -l:libblas.so.3)
  read -ra opencv < <(pkg-config --cflags opencv4)
  g++ -std=c++17 -O2 -I"$folder/unpacked/usr/include" "${opencv[@]}" "$here/dlib_landmarks.cpp" \
    -o "$program" "${libraries[@]}"
fi
exec python3 "$here/dlib_landmarks.py" "$program" "$model" "$@"
