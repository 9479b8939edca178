"""Trains the recipe in real tf.keras on a head-pose CSV and reports the test error in degrees.

    python scripts/reference/headpose_keras.py headpose.csv --seed 1 --output keras_seed1.json

The CSV has the columns filename (relative to its folder), pitch, yaw, roll (radians). Rows are
split by file name, people apart (see TEST_ROWS, VALIDATION_ROWS); the weights of the epoch with
the smallest validation MAE are the ones judged. The JSON is rewritten after every epoch, and the
state of the run is kept in a folder beside it, so that the same command goes on after a kill.
"""

import argparse
import json
import os
import time
from pathlib import Path

import recipe

import numpy as np
import pandas as pd
import tensorflow as tf

TEST_ROWS = r"file\d*0\.jpg|person1[0-2]\d"
VALIDATION_ROWS = r"file\d*5\.jpg|person0[89]\d"
OUTPUTS = list(recipe.OUTPUTS)
SIZE = 64


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="the JSON to write")
    parser.add_argument("--alpha", type=float, default=0.5)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", action="store_true", help="add the recipe's noise stage")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def split_rows(frame):
    """Training, validation and test rows."""
    test = frame.filename.str.contains(TEST_ROWS)
    validation = ~test & frame.filename.str.contains(VALIDATION_ROWS)
    return frame[~test & ~validation], frame[validation], frame[test]


def flow(generator, rows, directory, batch_size, seed=None):
    """Batches of `rows`: shuffled by `seed`, or in order without one."""
    return generator.flow_from_dataframe(
        rows,
        directory=str(directory),
        x_col="filename",
        y_col=OUTPUTS,
        class_mode="raw",
        target_size=(SIZE, SIZE),
        batch_size=batch_size,
        shuffle=seed is not None,
        seed=seed,
    )


def load(rows, directory):
    """All images of `rows` as one array, not augmented."""
    batches = flow(recipe.evaluation_generator(), rows, directory, len(rows))
    return batches[0][0]


def mae_degrees(predictions, rows):
    """Mean absolute error of each output and over all of them, in degrees."""
    errors = np.degrees(np.abs(predictions - rows[OUTPUTS].to_numpy())).mean(axis=0)
    return dict(zip(OUTPUTS, errors.tolist()), overall=float(errors.mean()))


def mae_by_data_set(predictions, rows):
    """`mae_degrees` of all rows, and of each data set (first folder of the file name)."""
    data_sets = rows.filename.str.split("/").str[0].to_numpy()
    result = {"all": {"rows": len(rows), **mae_degrees(predictions, rows)}}
    for name in np.unique(data_sets):
        chosen = data_sets == name
        errors = mae_degrees(predictions[chosen], rows[chosen])
        result[name] = {"rows": int(chosen.sum()), **errors}
    return result


def write_json(path, value):
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(value, indent=1) + "\n")
    os.replace(temporary, path)


class Run:
    """A training run that goes on from its last finished epoch."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.directory = arguments.csv.parent
        frame = pd.read_csv(arguments.csv)
        self.training, self.validation, self.test = split_rows(frame)
        self.validation_images = load(self.validation, self.directory)

        tf.keras.utils.set_random_seed(arguments.seed)
        self.model = recipe.build_model(arguments.alpha, SIZE)
        self.best = tf.keras.models.clone_model(self.model)
        optimizer = tf.keras.optimizers.Adam(arguments.learning_rate)
        optimizer.build(self.model.trainable_variables)
        self.model.compile(optimizer, loss="mse")
        self.finished = tf.Variable(0, dtype=tf.int64)
        self.history = []

        checkpoint = tf.train.Checkpoint(
            model=self.model, best=self.best, optimizer=optimizer, finished=self.finished
        )
        folder = arguments.output.with_suffix(".state")
        self.checkpoints = tf.train.CheckpointManager(checkpoint, folder, max_to_keep=1)
        if self.checkpoints.restore_or_initialize():
            history = json.loads(arguments.output.read_text())["history"]
            self.history = history[: int(self.finished)]

    def train(self):
        generator = recipe.training_generator(self.arguments.noise, self.arguments.seed)
        for epoch in range(len(self.history), self.arguments.epochs):
            self.train_epoch(epoch, generator)

    def train_epoch(self, epoch, generator):
        seed = self.arguments.seed * 1_000_000 + epoch * 1_000  # the iterator adds its step
        batches = flow(generator, self.training, self.directory, self.arguments.batch_size, seed)
        start = time.perf_counter()
        fit = self.model.fit(batches, initial_epoch=epoch, epochs=epoch + 1, verbose=0, workers=0)
        seconds = time.perf_counter() - start
        predictions = self.model.predict(self.validation_images, verbose=0)
        errors = mae_degrees(predictions, self.validation)
        earlier = [entry["validation_mae"]["overall"] for entry in self.history]
        if not earlier or errors["overall"] < min(earlier):
            self.best.set_weights(self.model.get_weights())
        self.history.append(
            {
                "epoch": epoch + 1,
                "loss": fit.history["loss"][0],
                "validation_mae": errors,
                "seconds": round(seconds, 2),
                "images_per_second": round(len(self.training) / seconds, 1),
            }
        )
        print(json.dumps(self.history[-1]), flush=True)
        write_json(self.arguments.output, self.report())
        self.finished.assign(epoch + 1)
        self.checkpoints.save()

    def report(self):
        best = min(self.history, key=lambda epoch: epoch["validation_mae"]["overall"])
        arguments = {**vars(self.arguments), "csv": self.arguments.csv.name}
        del arguments["output"]
        return {
            "arguments": arguments,
            "rows": {
                "training": len(self.training),
                "validation": len(self.validation),
                "test": len(self.test),
            },
            "best_epoch": best["epoch"],
            "images_per_second": float(
                np.median([epoch["images_per_second"] for epoch in self.history])
            ),
            "history": self.history,
        }

    def judge(self):
        """The finished run's report, with the test errors in degrees."""
        images = load(self.test, self.directory)
        mean = self.training[OUTPUTS].to_numpy().mean(axis=0)
        constant = np.tile(mean, (len(self.test), 1))
        return {
            **self.report(),
            "test_mae": mae_by_data_set(self.best.predict(images, verbose=0), self.test),
            "test_mae_last_epoch": mae_by_data_set(
                self.model.predict(images, verbose=0), self.test
            ),
            "test_mae_of_training_mean": mae_by_data_set(constant, self.test),
        }


def main():
    arguments = parse_arguments()
    recipe.use_threads(arguments.threads)
    tf.keras.utils.disable_interactive_logging()
    run = Run(arguments)
    run.train()
    result = run.judge()
    write_json(arguments.output, result)
    print(json.dumps(result["test_mae"], indent=1))


if __name__ == "__main__":
    main()
