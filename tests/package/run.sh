#!/usr/bin/env bash
# Packs a build as Debian packages and looks at what is in them; runs what the first one installs:
#
#   tests/package/run.sh BUILD_DIR
#
# Skipped (exit status 77) where Debian's tools are not there, or LibTorch is not Debian's.
set -euo pipefail
build="$(cd "$1" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

skip() {
  echo "skipped: $*"
  exit 77
}

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

has() { grep -qE "$1" "$work/list" || fail "$2 has no $1"; }

[ -f "$build/CPackConfig.cmake" ] || skip "packages are made with Debian's LibTorch alone"
for tool in dpkg-deb dpkg-shlibdeps; do
  command -v "$tool" >/dev/null || skip "there is no $tool (Debian: dpkg-dev)"
done

cpack --config "$build/CPackConfig.cmake" -B "$work/packages" >"$work/log" 2>&1 ||
  { cat "$work/log"; fail "cpack failed"; }
apps="$(echo "$work"/packages/mobireg_*.deb)"
dev="$(echo "$work"/packages/libmobireg-dev_*.deb)"

depends="$(dpkg-deb -f "$apps" Depends)"
for package in libtorch libopencv-dnn libc6; do
  [[ "$depends" == *"$package"* ]] || fail "$apps does not depend on $package, but on $depends"
done
dpkg-deb -c "$apps" >"$work/list"
for app in "$build"/apps/pages/bash/*; do
  name="$(basename "$app")"
  has "\./usr/bin/$name$" "$apps"
  has "\./usr/share/man/man1/$name\.1\.gz$" "$apps"
  has "\./usr/share/bash-completion/completions/$name$" "$apps"
  has "\./usr/share/zsh/vendor-completions/_$name$" "$apps"
done
has '\./usr/share/mobireg/configs/schema\.json$' "$apps"
has '\./usr/share/doc/mobireg/copyright$' "$apps"
if grep -vE '^[-dl]rwxr-xr-x root/root|^-rw-r--r-- root/root' "$work/list"; then
  fail "$apps has files of other people, or that others may write"
fi
dpkg-deb -c "$dev" >"$work/list"
has '\./usr/include/mobireg/config/run_config\.h$' "$dev"
has '\./usr/lib/.*mobireg-config\.cmake$' "$dev"

dpkg-deb -x "$apps" "$work/unpacked"
"$work/unpacked/usr/bin/mobireg-synth" "$work/heads" --count 5 >"$work/log"
[ "$(wc -l <"$work/heads/headpose.csv")" -eq 6 ] || fail "mobireg-synth drew no 5 heads"
cp -r "$work/unpacked/usr/share/mobireg/configs" "$work"
"$work/unpacked/usr/bin/mobireg-train" "$work/configs/smoke.json" --print-config >"$work/log"
if command -v lintian >/dev/null; then
  # Whose address it is, whoever packs says.
  lintian --fail-on error,warning --allow-root --suppress-tags \
    bogus-mail-host,bogus-mail-host-in-debian-changelog "$apps" "$dev" || fail "lintian complains"
fi
basename -a "$work"/packages/*.deb
