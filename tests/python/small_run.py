"""A small run for tests, from mobireg's own apps (a module)."""

import subprocess
from pathlib import Path

import network

ROOT = Path(__file__).parents[2]
EPOCHS = 1
HEADS = 60


def run(*command):
    """What a command prints; its stderr on failure."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}"
    return done.stdout


def train(apps, folder, alpha=network.ALPHA):
    """Draws HEADS heads into folder/heads and trains configs/smoke.json on them, from hashed
    weights; returns the run's folder."""
    heads, run_dir, weights = folder / "heads", folder / "run", folder / "hashed.safetensors"
    run(apps / "mobireg-synth", heads, "--count", HEADS)
    network.write_hashed_weights(weights, alpha)
    settings = {
        "run_dir": run_dir,
        "data.csv": heads / "headpose.csv",
        "training.epochs": EPOCHS,
        "training.init_from": weights,
        "model.alpha": alpha,
        "model.convention": "pitch up, yaw left",
    }
    options = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    run(apps / "mobireg-train", ROOT / "configs/smoke.json", *options)
    return run_dir
