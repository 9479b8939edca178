#!/usr/bin/env bash
# Unpacks OpenCV's core, imgproc and dnn for arm64, what they need, and the headers of fmt and JSON, into
# a folder of its own:
#
#   sysroot.sh FOLDER
#
# Debian's packages, by apt with lists, cache and status of its own, as any user. Nothing is installed:
# arm64 packages beside amd64's would remove LibTorch.
set -euo pipefail
folder="$1"
packages=(libopencv-core-dev libopencv-imgproc-dev libopencv-dnn-dev libstdc++-12-dev
  libfmt-dev nlohmann-json3-dev)

# shellcheck disable=SC1091
codename="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")"
[ "$codename" = bookworm ] || {
  echo "sysroot.sh: this is made for Debian 12, not for ${codename:-an unknown system}" >&2
  exit 1
}
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/root"
: >"$work/status"
cat >"$work/sources.list" <<EOF
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $codename main
EOF
options=(
  -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=
  -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
  -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o Debug::NoLocking=true -o Acquire::Retries=2
)
apt-get "${options[@]}" update
apt-get "${options[@]}" --yes --no-install-recommends --download-only install "${packages[@]}" >/dev/null
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb -x "$package" "$work/root"
done
# Absolute links would lead out of it.
find "$work/root" -type l -lname '/*' | while read -r link; do
  ln -sfn "$work/root$(readlink "$link")" "$link.relative"
  ln -sfnr "$(readlink "$link.relative")" "$link"
  rm "$link.relative"
done
mkdir -p "$(dirname "$folder")"
rm -rf "$folder.new"
mv "$work/root" "$folder.new"
rm -rf "$folder"
mv "$folder.new" "$folder"
