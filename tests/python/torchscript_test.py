"""An exported file runs in Python to mobireg's own numbers, and has its card inside.

    python torchscript_test.py APPS
"""

import csv
import json
import statistics
import sys
import tempfile
from pathlib import Path

import network
import small_run
import torch

CHECK = small_run.ROOT / "scripts/check_torchscript.py"
CARD_FILE = "model_card.json"


def check_card(path, normalization):
    extra = {CARD_FILE: ""}
    torch.jit.load(str(path), _extra_files=extra)
    card = json.loads(extra[CARD_FILE])
    model = card["model"]
    assert [output["name"] for output in model["outputs"]] == network.OUTPUTS, card
    assert {output["unit"] for output in model["outputs"]} == {"radians"}, card
    assert model["convention"] == "pitch up, yaw left", card
    assert model["input"]["size"] == 64, card
    assert model["input"]["mean"] == [123] * 3 and model["input"]["scale"] == [58] * 3, card
    assert card["input"]["channel_order"] == "RGB" and card["input"]["range"] == [0, 255], card
    assert card["normalization"] == normalization, card
    assert card["training"]["epoch"] == small_run.EPOCHS and len(card["checkpoint_sha256"]) == 64, card


def check_predictions(path):
    """They must vary, or any two networks would agree."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == small_run.HEADS, len(rows)
    for name in network.OUTPUTS:
        spread = statistics.pstdev(float(row[name]) for row in rows)
        assert spread > 0.01, f"{name}: {spread}"


def main():
    apps = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        checkpoint = small_run.train(apps, folder) / "checkpoints/last.safetensors"
        heads, predictions = folder / "heads", folder / "predictions.csv"
        small_run.run(apps / "mobireg-evaluate", checkpoint, "--csv", heads / "headpose.csv",
                      "--predictions", predictions)
        check_predictions(predictions)
        for normalization in ("inside", "outside"):
            exported = folder / f"{normalization}.pt"
            small_run.run(apps / "mobireg-export", checkpoint, "--output", exported,
                          "--normalization", normalization)
            check_card(exported, normalization)
            print(small_run.run(sys.executable, CHECK, exported, predictions, heads).strip())


if __name__ == "__main__":
    main()
