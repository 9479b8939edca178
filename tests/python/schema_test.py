"""configs/schema.json by Python's jsonschema: it is a schema, takes every config, and refuses what
is wrong with the place where it is wrong.

    python schema_test.py
"""

import json
import re
from pathlib import Path

import jsonschema

CONFIGS = Path(__file__).parents[2] / "configs"
COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.S)
WRONG = [  # a config, and the path of its error
    ({"sede": 1}, []),
    ({"seed": -1}, ["seed"]),
    ({"seed": "1"}, ["seed"]),
    ({"kernels": "fast"}, ["kernels"]),
    ({"model": {"heads": [{"hiden": 3}]}}, ["model", "heads", 0]),
    ({"model": {"alpha": 9}}, ["model", "alpha"]),
    ({"training": {"epochs": 1.5}}, ["training", "epochs"]),
    ({"training": {"optimizer": {"beta_1": 1}}}, ["training", "optimizer", "beta_1"]),
    ({"augmentation": {"zoom_range": [0.9, 1, 1.1]}}, ["augmentation", "zoom_range"]),
    ({"augmentation": {"steps": [{"one_of": [{"sigma": -1}]}]}},
     ["augmentation", "steps", 0, "one_of", 0, "sigma"]),
]


def read(path):
    return json.loads(COMMENT.sub(lambda match: match[1] or "", path.read_text()))


def main():
    schema = json.loads((CONFIGS / "schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    configs = [path for path in sorted(CONFIGS.glob("*.json")) if path.name != "schema.json"]
    assert len(configs) >= 3, configs
    for path in configs:
        config = read(path)
        assert config["$schema"] == "schema.json", path
        validator.validate(config)
    for config, place in WRONG:
        errors = [list(error.absolute_path) for error in validator.iter_errors(config)]
        assert errors == [place], (config, errors)
    print(f"{len(configs)} configs, {len(WRONG)} wrong ones")


if __name__ == "__main__":
    main()
