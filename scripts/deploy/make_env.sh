#!/usr/bin/env bash
# Makes the Python environment with the runtimes that exported files are tested in (ONNX Runtime,
# OpenVINO, ncnn, MNN, pnnx, OpenCV; 0.7 GB), and prints the path of its python as the last line:
# scripts/deploy/make_env.sh [DIR]
# DIR defaults to $MOBIREG_DEPLOY_ENV, else ~/.cache/mobireg/deploy-env.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
exec bash "$here/../python_env.sh" "${1:-${MOBIREG_DEPLOY_ENV:-$HOME/.cache/mobireg/deploy-env}}" \
  "$here/requirements.txt" "cv2, MNN, ncnn, onnx, onnxruntime, openvino"
