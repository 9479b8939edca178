#!/usr/bin/env bash
# The whole path in one command, from a bare Debian 12 machine to an exported network: packages,
# build, drawn heads, training, evaluation on heads the network has never seen, export, and the
# export run by Python. Everything it makes lies in build/. Run again, it goes on where it stopped
# and skips what is done.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
build="$root/build"
apps="$build/apps"
demo="$build/demo"
config="$root/configs/demo.json"
best="$demo/run/checkpoints/best.safetensors"
exported="$demo/headpose.pt"

step() { printf '\n== %s\n' "$*"; }

# Whether `$1` is there and not older than the other files.
is_newer() {
  local file="$1" other
  shift
  [ -f "$file" ] || return 1
  for other in "$@"; do
    [ "$other" -nt "$file" ] && return 1
  done
  return 0
}

# Whether the run folder holds this very run, and the run came to its end.
is_trained() {
  [ -f "$demo/run/config.json" ] && [ -f "$best" ] &&
    "$apps/mobireg-train" "$config" --print-config | cmp -s - "$demo/run/config.json" &&
    tail -n 1 "$demo/run/train.log" | grep -q 'finished after epoch'
}

draw() {
  [ -f "$demo/heads/headpose.csv" ] && return
  step "Drawing 30000 heads at known angles"
  "$apps/mobireg-synth" "$demo/heads" --count 30000 --sheet "$demo/heads.png"
}

train() {
  is_trained && return
  step "Training on them (Ctrl-C saves; the same command goes on)"
  "$apps/mobireg-train" "$config" --resume
}

evaluate() {
  is_newer "$demo/evaluation.txt" "$best" && return
  "$apps/mobireg-evaluate" "$best" --rows test --predictions "$demo/predictions.csv" \
    >"$demo/evaluation.tmp"
  mv "$demo/evaluation.tmp" "$demo/evaluation.txt"
}

export_network() {
  is_newer "$exported" "$best" && return
  step "Exporting to TorchScript, and comparing the file with the network"
  "$apps/mobireg-export" "$best" --output "$exported" --overwrite
}

check_in_python() {
  is_newer "$demo/python.txt" "$exported" "$demo/predictions.csv" && return
  step "Running the exported file in Python"
  local status=0
  /usr/bin/python3 "$root/scripts/check_torchscript.py" "$exported" "$demo/predictions.csv" \
    "$demo/heads" >"$demo/python.tmp" || status=$?
  cat "$demo/python.tmp"
  [ "$status" -eq 77 ] && return
  [ "$status" -eq 0 ] || exit "$status"
  mv "$demo/python.tmp" "$demo/python.txt"
}

"$root/scripts/packages.sh"
"$root/scripts/build.sh" "$build" mobireg-{train,resume,evaluate,export,synth}
mkdir -p "$demo"
draw
train
evaluate
export_network
check_in_python

step "Errors on heads the network has never seen"
cat "$demo/evaluation.txt"
cat <<TEXT

Everything lies in $demo
  heads/           the drawn heads and their angles (headpose.csv); heads.png shows the first
  run/             the training run; begin with its README.txt
  predictions.csv  what the network says about each test head
  headpose.pt      the exported network, for torch.jit.load and for LibTorch

What to try next
  $apps/mobireg-evaluate $best --rows validation
  $apps/mobireg-export --describe $exported
  $apps/mobireg-train $root/configs/headpose.json --set data.csv=YOUR.csv
TEXT
