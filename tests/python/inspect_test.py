"""A page of mobireg-inspect in a browser: it shows, on a phone and on a desk, in light and dark,
without asking for anything from elsewhere.

    python inspect_test.py APPS

Skipped (exit status 77) where there is no chromium.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import browser as chromium
import small_run


def check_text(page):
    html = page.read_text()
    chromium.check_offline(html)
    for text in ("Duplicates", "Training samples, augmented", "where the nose points",
                 "broken&lt;&amp;&#39;.png", "across the split"):
        assert text in html, text


def make_data(apps, folder):
    """Heads, one of them twice and one file damaged. The first rows are for validation."""
    heads = folder / "heads"
    small_run.run(apps / "mobireg-synth", heads, "--count", small_run.HEADS)
    table = heads / "headpose.csv"
    header, *rows = table.read_text().splitlines()
    (heads / "broken<&'.png").write_bytes(b"no image")
    rows.append("broken<&'.png,0,0,0")
    rows.append(rows[0])
    table.write_text("\n".join([header, *rows]) + "\n")
    return table


def main():
    apps = Path(sys.argv[1])
    browser = chromium.find()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        table = make_data(apps, folder)
        page = folder / "page.html"
        inspect = [apps / "mobireg-inspect", table, "--output", page, "--samples", 4]
        small_run.run(*inspect)
        first = page.read_bytes()
        refused = subprocess.run(list(map(str, inspect)), capture_output=True, text=True)
        assert refused.returncode == 1 and "exists already" in refused.stderr, refused
        small_run.run(*inspect, "--overwrite")
        assert page.read_bytes() == first, "the same data gives another page"
        check_text(page)
        for width in (360, 1280):
            images = chromium.count_images(browser, folder, page, width)
            assert images > 50, images
        chromium.check_light_and_dark(browser, folder, page)
        print(f"{len(first)} bytes, seen in {Path(browser).name}")


if __name__ == "__main__":
    main()
