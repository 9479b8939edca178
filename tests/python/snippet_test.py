"""The snippets of docs/deployment.md run, and give mobireg's numbers.

    python snippet_test.py FOLDER NAME

NAME's are the code blocks behind a line `<!-- tested: NAME -->`, or, where several make a program,
`<!-- tested: NAME FILE -->`. FOLDER is that of deploy_files.py. $MOBIREG_LIBTORCH is LibTorch's
folder for C++, where it is not the system's.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import network
import numpy as np
from deploy_files import skip_without_files

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"<!-- tested: (\w+) ?([\w.]*) -->\n```\w+\n(.*?)^```$", re.S | re.M)
TOLERANCE = {"ncnn": 1e-3}  # radians; its own setting is half precision


def snippets(name):
    """{file, "" of a snippet alone: text}."""
    text = "".join(path.read_text() for path in sorted(DOCS.glob("deployment.md")))
    return {file: code for of, file, code in BLOCK.findall(text) if of == name}


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def run_python(code):
    variables = {}
    exec(compile(code, "snippet", "exec"), variables)
    return variables


def skip_with_cuda(libtorch):
    """LibTorch's own CMake files, which the snippet uses, ask for CUDA where it was built with it."""
    if libtorch and list(Path(libtorch, "lib").glob("libtorch_cuda*")):
        print(f"skipped: {libtorch} is a build for CUDA")
        sys.exit(77)


def run_cpp(files, folder, prefix):
    """The lines that the program prints."""
    with tempfile.TemporaryDirectory() as temporary:
        source, build = Path(temporary), Path(temporary) / "build"
        for name, text in files.items():
            (source / name).write_text(text)
        run("cmake", "-G", "Ninja", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Debug",
            f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", build)
        return run(build / "headpose", folder / "headpose.pt", folder / "face.png").split()


def main():
    folder, name = Path(sys.argv[1]).resolve(), sys.argv[2]
    skip_without_files(folder)
    found = snippets(name)
    assert found, f"docs/deployment.md has no snippet '{name}'"
    os.chdir(folder)
    if name == "onnx_card":
        variables = run_python(found[""])
        assert variables["names"] == network.OUTPUTS and variables["size"] == 64, variables["card"]
        return
    if "main.cpp" in found:
        skip_with_cuda(os.environ.get("MOBIREG_LIBTORCH"))
        actual = run_cpp(found, folder, os.environ.get("MOBIREG_LIBTORCH", ""))
    else:
        variables = run_python(found[""])
        actual = [variables[output] for output in network.OUTPUTS]
    expected = np.load("expected.npy")[0]  # face.png is the first
    difference = np.abs(np.float64(actual) - expected)
    print(f"{name}: outputs differ from mobireg's by at most {difference.max():.1e} radians")
    assert (difference <= TOLERANCE.get(name, 1e-5)).all(), (actual, expected)


if __name__ == "__main__":
    main()
