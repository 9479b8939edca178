#!/usr/bin/env bash
# Installs the Debian 12 packages that mobireg is built and tested with, as root or through sudo.
# Quick and quiet when none is missing. Elsewhere than on Debian it only says what is needed.
set -euo pipefail

packages=(
  g++ cmake ninja-build                    # to build
  libtorch-dev libopencv-dev libfmt-dev nlohmann-json3-dev libssl-dev  # the library
  libjpeg-dev libpng-dev                   # images
  libonnx-dev libprotobuf-dev              # ONNX files
  opencv-data                              # a face detector
  libmatio-dev zlib1g-dev                  # .mat files of labels
  libopenblas0-openmp                      # its threads are LibTorch's own
  libcli11-dev                             # the apps
  catch2                                   # the tests
  python3-torch python3-numpy python3-pil  # Python's side of an exported file
)

say() { echo "packages.sh: $*" >&2; }

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      echo "$package"
  done
}

# Sets as_root to what a command is run as root with.
find_root() {
  as_root=()
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || return 1
  as_root=(sudo)
  # Without a terminal nobody can type a password.
  [ -t 0 ] || as_root=(sudo -n)
  "${as_root[@]}" true 2>/dev/null
}

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1
}

install_missing() {
  local still
  say "installing ${missing[*]}"
  log="$(mktemp)"
  # A failed update may be of a list that is not needed: the installation decides.
  apt_get update || true
  apt_get install --yes --no-install-recommends "${missing[@]}" || true
  mapfile -t still < <(missing_packages)
  if [ "${#still[@]}" -gt 0 ]; then
    say "missing: ${still[*]}; apt says: $(grep '^E:' "$log" | tail -n 1 || true)" \
      "(try: apt-get update && apt-get install ${still[*]}; log: $log)"
    exit 1
  fi
  rm -f "$log"
}

# The OpenMP build of OpenBLAS comes first unless the pthread build is there too, which starts
# threads of its own beside LibTorch's and slows training down.
check_blas() {
  local name status value
  update-alternatives --get-selections | while read -r name status value; do
    case "$name/$value" in
      lib*.so.3-*/*openblas-openmp*) ;;
      libblas.so.3-* | liblapack.so.3-*)
        say "$name is $value ($status); training is faster after:" \
          "update-alternatives --set $name ${value%/*/*}/openblas-openmp/${name%%-*} (as root)"
        ;;
    esac
  done
}

if ! command -v dpkg-query >/dev/null; then
  say "not a Debian system, so nothing was checked; needed are: ${packages[*]}"
  exit 0
fi
mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -gt 0 ]; then
  if ! find_root; then
    say "missing: ${missing[*]}; as root: apt-get update && apt-get install ${missing[*]}"
    exit 1
  fi
  install_missing
fi
check_blas
