"""What the apps say of themselves: without arguments, by --help, and where arguments are wrong.

    python help_test.py APPS
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONG_OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
# Wrong arguments that the parser cannot see: what is typed, and what the app answers.
INCOMPLETE = {
    "mobireg-train": (["--resume"], "CONFIG is required"),
    "mobireg-export": (["--overwrite"], "CHECKPOINT is required"),
    "mobireg-bench": (["data", "--json"], "--images or --config is required"),
    "mobireg-predict": (["--overwrite"], "either FILE or --pose-from-landmarks is required"),
}


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def all_help(app):
    """--help of the app and of its commands."""
    status, text, errors = run(app, "--help")
    assert (status, errors) == (0, ""), (app.name, status, errors)
    commands = re.findall(r"^  (\w+) ", text.partition("\nSubcommands:\n")[2], re.M)
    return text + "".join(run(app, command, "--help")[1] for command in commands)


def check_without_arguments(app):
    """Usage and examples on stderr, status 2: nothing was done."""
    status, output, errors = run(app)
    assert (status, output) == (2, ""), (app.name, status, output)
    assert f"Usage: {app.name} " in errors, errors
    examples = errors.partition("\nExamples:\n")[2].splitlines()
    examples = [line for line in examples if line.startswith(f"  {app.name} ")]
    assert len(examples) >= 2, errors
    known = set(LONG_OPTION.findall(all_help(app)))
    for example in examples:
        unknown = set(LONG_OPTION.findall(example)) - known
        assert not unknown, f"{app.name} --help has no {unknown}: {example}"
    for line in examples:
        assert line in run(app, "--help")[1], line


def check_wrong_arguments(app):
    for arguments, message in [(["--no-such-option", "x"], ""), INCOMPLETE.get(app.name, ([], ""))]:
        if not arguments:
            continue
        status, output, errors = run(app, *arguments)
        assert (status, output) == (2, ""), (app.name, arguments, status, output)
        assert re.fullmatch(rf"{app.name}: .*{re.escape(message)}.*; see --help\n", errors), errors


def check_printed_texts(train):
    """What the app prints of the field list is what the repository has."""
    for option, file in [("--schema", "configs/schema.json"), ("--list-fields", "docs/configuration.md")]:
        status, output, errors = run(train, option)
        assert (status, errors) == (0, ""), (option, errors)
        assert output == (ROOT / file).read_text(), f"mobireg-train {option} > {file}"


def check_print_config(train, folder):
    """The printed config is complete, and describes itself when it is read again."""
    status, config, errors = run(train, ROOT / "configs/smoke.json", "--set", "seed=7",
                                 "--print-config")
    assert (status, errors) == (0, ""), errors
    assert '"seed": 7' in config and '"beta_2": 0.999' in config, config
    file = folder / "printed.json"
    file.write_text(config)
    assert run(train, file, "--print-config")[1] == config


def main():
    apps = sorted(path for path in Path(sys.argv[1]).glob("mobireg-*") if path.is_file())
    assert len(apps) >= 9, apps
    for app in apps:
        check_without_arguments(app)
        check_wrong_arguments(app)
        status, version, _ = run(app, "--version")
        assert status == 0 and re.fullmatch(r"mobireg \d+\.\d+\.\d+\n", version), (app, version)
    train = Path(sys.argv[1]) / "mobireg-train"
    check_printed_texts(train)
    with tempfile.TemporaryDirectory() as folder:
        check_print_config(train, Path(folder))
    print(f"{len(apps)} apps")


if __name__ == "__main__":
    main()
