"""The event files of a run, read by TensorBoard itself: every number of metrics.csv is there under its
tag and step, also when the run was stopped and went on.

    python tensorboard_test.py APPS
"""

import csv
import math
import re
import sys
import tempfile
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import small_run

EPOCHS = 3


def scalars_of(run_dir):
    """{tag: {step: value}}, as TensorBoard sees them."""
    events = EventAccumulator(str(run_dir / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    scalars = {}
    for tag in events.Tags()["scalars"]:
        points = [(event.step, event.value) for event in events.Scalars(tag)]
        assert points == sorted(set(points)), (tag, points)
        scalars[tag] = dict(points)
    return scalars


def tag_of(column):
    """The tag of a column of metrics.csv; none for those that are no value."""
    if column in ("epoch", "learning_rate"):
        return column
    if column == "step":
        return None
    if column.startswith("val_"):
        return column[len("val_"):] + "/validation"
    return column + "/train"


def check(run_dir):
    """All values as floats have them."""
    scalars = scalars_of(run_dir)
    with (run_dir / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == EPOCHS, rows
    steps = {int(row["step"]) for row in rows}
    checked = 0
    for row in rows:
        for column, text in row.items():
            tag = tag_of(column)
            if tag is None:
                continue
            expected, value = float(text), scalars[tag][int(row["step"])]
            assert math.isclose(value, expected, rel_tol=1e-6, abs_tol=1e-12), (tag, value, text)
            checked += 1
    assert set(scalars) == {tag_of(name) for name in rows[0]} - {None} | {"images_per_second"}
    assert all(set(points) == steps for points in scalars.values())
    return checked


def go_on_from_the_first_epoch(apps, run_dir):
    """As after a kill: the newest checkpoints are gone, their events are not."""
    for path in (run_dir / "checkpoints").iterdir():
        if not re.search("epoch-0001", path.name):
            path.unlink()
    small_run.run(apps / "mobireg-resume", run_dir)


def main():
    apps = Path(sys.argv[1])
    small_run.EPOCHS = EPOCHS
    with tempfile.TemporaryDirectory() as temporary:
        run_dir = small_run.train(apps, Path(temporary))
        checked = check(run_dir)
        go_on_from_the_first_epoch(apps, run_dir)
        files = list((run_dir / "tensorboard").iterdir())
        assert len(files) == 2, files
        assert check(run_dir) == checked
        print(f"{checked} values are as metrics.csv has them, also in a resumed run")


if __name__ == "__main__":
    main()
