"""A page of mobireg-inspect in a browser: it shows, on a phone and on a desk, in light and dark,
without asking for anything from elsewhere.

    python inspect_test.py APPS

Skipped (exit status 77) where there is no chromium.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import small_run

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# No profile of the user's, and nothing that a browser would do on its own.
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--hide-scrollbars"]
DARK = "--blink-settings=preferredColorScheme=0"
# A browser's window has a least width; a frame has not.
FRAME = """<!DOCTYPE html><body style="margin:0"><iframe src="{page}" width="{width}" height="900"
style="border:0"></iframe><script>
frames[0].addEventListener("load", () => {{
  const root = frames[0].document.documentElement;
  const images = frames[0].document.querySelectorAll("image");
  document.body.innerHTML = "<p id=seen>" + [root.clientWidth, root.scrollWidth, images.length]
    .join(" ") + "</p>";
}});</script>"""


def browse(browser, folder, *arguments):
    """What the browser prints."""
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        command = [browser, *QUIET, f"--user-data-dir={profile}", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode(errors="replace")


def check_layout(browser, folder, page, width):
    """Nothing is wider than the screen."""
    frame = folder / f"frame{width}.html"
    frame.write_text(FRAME.format(page=page.name, width=width))
    dom = browse(browser, folder, "--allow-file-access-from-files", "--virtual-time-budget=20000",
                 "--dump-dom", frame.as_uri())
    seen = re.search(r"<p id=\"seen\">(\d+) (\d+) (\d+)</p>", dom)
    assert seen, dom[-2000:]
    client, scroll, images = map(int, seen.groups())
    assert client == width, (client, width)
    assert scroll <= client, f"at {width} pixels the page is {scroll} wide"
    assert images > 50, images


def check_text(page):
    """All it needs is in it, and the browser is told to fetch nothing else."""
    html = page.read_text()
    assert "content=\"default-src 'none';img-src data:;style-src 'unsafe-inline'\"" in html
    assert not re.search(r"<script|@import|<link|url\(|https?://", html)
    references = re.findall(r"(?:src|href)=\"([^\"]*)\"", html)
    assert references and all(r.startswith(("#", "data:image/")) for r in references)
    for text in ("Duplicates", "Training samples, augmented", "where the nose points",
                 "broken&lt;&amp;&#39;.png", "across the split"):
        assert text in html, text


def shot(browser, folder, page, name, *arguments):
    """A screenshot's bytes."""
    picture = folder / name
    browse(browser, folder, *arguments, f"--screenshot={picture}", page.as_uri())
    return picture.read_bytes()


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
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("skipped: there is no chromium")
        sys.exit(77)
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
            check_layout(browser, folder, page, width)
        light = shot(browser, folder, page, "light.png", "--window-size=1280,2000")
        dark = shot(browser, folder, page, "dark.png", "--window-size=1280,2000", DARK)
        assert len(light) > 50_000 and len(dark) > 50_000 and light != dark
        print(f"{len(first)} bytes, seen in {Path(browser).name}")


if __name__ == "__main__":
    main()
