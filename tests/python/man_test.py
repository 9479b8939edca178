"""The apps' man pages: complete, in the form that `man` and `whatis` expect, without roff's warnings.

    python man_test.py APPS

Skipped (exit status 77) where there is no groff, but for what needs none.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from help_test import LONG_OPTION, all_help, run

SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS"]


def page_of(app):
    status, page, errors = run(app, "--man")
    assert (status, errors) == (0, ""), (app.name, errors)
    return page


def check_text(app, page):
    assert page.isascii(), page
    assert page.startswith(f".TH {app.name.upper()} 1 "), page[:80]
    titles = re.findall(r"^\.SH (.+)$", page, re.M)
    assert [title for title in titles if title in SECTIONS] == SECTIONS, titles
    plain = re.sub(r"\\f[BIR]", "", page.replace("\\-", "-"))
    name = re.search(r"^\.SH NAME\n(.+)$", plain, re.M)[1]
    assert re.fullmatch(rf"{app.name} - [a-z].+[^.]", name) and len(name) <= 100, name
    missing = set(LONG_OPTION.findall(all_help(app))) - set(LONG_OPTION.findall(plain))
    assert not missing, f"{app.name}: {missing} in --help, but not in the page"


def check_roff(app, page):
    done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-rCHECKSTYLE=1"], input=page,
                          capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, f"{app.name}: {done.stderr}"
    shown = re.sub(r"\x1b\[\d*m|.\x08", "", done.stdout)
    examples = shown.partition("EXAMPLES")[2]
    assert f"{app.name} " in examples and "EXIT STATUS" in examples, shown


def main():
    apps = sorted(path for path in Path(sys.argv[1]).glob("mobireg-*") if path.is_file())
    assert len(apps) >= 9, apps
    pages = {app: page_of(app) for app in apps}
    for app, page in pages.items():
        check_text(app, page)
    if not shutil.which("groff"):
        print("skipped: there is no groff (Debian: groff)")
        sys.exit(77)
    for app, page in pages.items():
        check_roff(app, page)
    print(f"{len(apps)} pages")


if __name__ == "__main__":
    main()
