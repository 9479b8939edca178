"""What mobireg-export and mobireg-predict say of files and arguments that are none of theirs: one line
each, an exit code, and no file.

    python export_faults_test.py APPS

Needs numpy.
"""

import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import small_run

SUFFIXES = (".pt", ".onnx", ".param")
FULL = 100_000  # bytes of a file, beyond which the disk is full


def fill_disk():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, FULL))


def complaint(*command, code=1, **options):
    """The one line on stderr."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    lines = done.stderr.splitlines()
    assert done.returncode == code and len(lines) == 1, (command, done.returncode, done.stderr)
    assert not done.stdout, (command, done.stdout)
    name = Path(command[0]).name
    assert lines[0].startswith(f"{name}: "), lines[0]
    return lines[0][len(name) + 2 :]


def check_formats(export, checkpoint, folder):
    output = folder / "net.tflite"
    assert complaint(export, checkpoint, "--output", output) == (
        f"{output}: the suffix '.tflite' tells no format; .pt is TorchScript, .onnx ONNX, .param "
        "ncnn")
    said = complaint(export, checkpoint, "--format", "tflite", "--output", output, code=2)
    assert "tflite not in {torchscript,onnx,ncnn}; see --help" in said, said
    assert not output.exists()


def check_full_disk(export, checkpoint, folder):
    before = sorted(folder.iterdir())
    for suffix in SUFFIXES:
        said = complaint(export, checkpoint, "--output", folder / f"net{suffix}",
                         preexec_fn=fill_disk)
        assert said.startswith("cannot write '") and said.endswith("File too large"), said
        assert sorted(folder.iterdir()) == before, suffix


def damaged(path):
    """(what it is, a file of that kind) for a whole one."""
    whole = path.read_bytes()
    yield "cut", whole[: len(whole) // 2]
    yield "cut short", whole[:10]
    yield "empty", b""
    middle = len(whole) // 2
    yield "overwritten", whole[:middle] + b"\xff" * 400 + whole[middle + 400 :]


def check_files(apps, checkpoint, folder):
    picture = folder / "heads/images" / sorted(p.name for p in (folder / "heads/images").iterdir())[0]
    for suffix in SUFFIXES:
        whole = folder / f"whole{suffix}"
        small_run.run(apps / "mobireg-export", checkpoint, "--output", whole)
        bad = folder / f"bad{suffix}"
        for part in (".bin", ".json"):  # ncnn's
            if suffix == ".param":
                bad.with_suffix(part).write_bytes(whole.with_suffix(part).read_bytes())
        for what, contents in damaged(whole):
            bad.write_bytes(contents)
            said = complaint(apps / "mobireg-predict", bad, picture, "--whole-image")
            assert str(bad) in said, (what, said)
            print(f"{suffix}, {what}: {said.replace(str(folder), '...')}")
    for foreign in (picture, folder / "heads/headpose.csv", folder, folder / "missing.onnx"):
        for command in ((apps / "mobireg-predict", foreign, picture),
                        (apps / "mobireg-export", "--describe", foreign)):
            said = complaint(*command)
            assert str(foreign) in said, said
            print(f"{Path(command[0]).name}, {foreign.name}: {said.replace(str(folder), '...')}")


def main():
    apps = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = small_run.train(apps, folder) / "checkpoints/last.safetensors"
        check_formats(apps / "mobireg-export", checkpoint, folder)
        check_full_disk(apps / "mobireg-export", checkpoint, folder)
        check_files(apps, checkpoint, folder)


if __name__ == "__main__":
    main()
