# shellcheck shell=bash
# Sourced by test scripts that have a folder $work.

# $1: what is done; the rest: the command. Its output is shown only when it fails.
step() {
  local what="$1"
  shift
  # shellcheck disable=SC2154  # work is the script's
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log"
    echo "$(basename "$0"): $what failed" >&2
    exit 1
  }
}
