"""Writes tests/fixtures/torch_schedules.json: learning rates of PyTorch's schedulers.

    python3 scripts/reference/torch_schedules.py

Any PyTorch will do, such as Debian's python3-torch. Cosine, step and exponential follow a LinearLR
as warm-up, in a SequentialLR.
"""

import json
from pathlib import Path

import torch
from torch.optim import lr_scheduler

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/torch_schedules.json"
RATE = 0.01
STEPS_PER_EPOCH = 5
EPOCHS = 8
STEPS = STEPS_PER_EPOCH * EPOCHS
WARMUP_EPOCHS = 1.4
DECAY_EPOCHS = 2
DECAY_FACTOR = 0.1


def rates(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = make(optimizer)
    found = []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def after_warmup(make):
    warmup = round(WARMUP_EPOCHS * STEPS_PER_EPOCH)

    def sequence(optimizer):
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
        return lr_scheduler.SequentialLR(
            optimizer, [rise, make(optimizer, STEPS - warmup)], milestones=[warmup]
        )

    return sequence


def one_cycle(optimizer):
    rise = STEPS / 3
    # PyTorch reaches the ends in the last step of each phase; here they lie one step further.
    return lr_scheduler.OneCycleLR(
        optimizer,
        RATE,
        total_steps=STEPS + 1,
        pct_start=(rise + 1) / (STEPS + 1),
        div_factor=25,
        final_div_factor=1e30,
        cycle_momentum=False,
    )


def main():
    step = round(DECAY_EPOCHS * STEPS_PER_EPOCH)
    schedules = {
        "cosine": after_warmup(lambda o, rest: lr_scheduler.CosineAnnealingLR(o, rest)),
        "step": after_warmup(lambda o, _: lr_scheduler.StepLR(o, step, DECAY_FACTOR)),
        "exponential": after_warmup(
            lambda o, _: lr_scheduler.ExponentialLR(o, DECAY_FACTOR ** (1 / step))
        ),
        "one_cycle": one_cycle,
    }
    fixture = {
        "learning_rate": RATE,
        "steps_per_epoch": STEPS_PER_EPOCH,
        "epochs": EPOCHS,
        "warmup_epochs": WARMUP_EPOCHS,
        "decay_epochs": DECAY_EPOCHS,
        "decay_factor": DECAY_FACTOR,
        "rates": {name: rates(make) for name, make in schedules.items()},
    }
    FIXTURE.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
