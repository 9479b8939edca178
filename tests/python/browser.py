"""A page in a headless browser (a module)."""

import re
import shutil
import subprocess
import sys
import tempfile

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


def find():
    """A browser's path; the test is skipped where there is none."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("skipped: there is no chromium")
        sys.exit(77)
    return browser


def browse(browser, folder, *arguments):
    """What the browser prints."""
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        command = [browser, *QUIET, f"--user-data-dir={profile}", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode(errors="replace")


def count_images(browser, folder, page, width):
    """The images of a page, of which nothing may be wider than the screen."""
    frame = folder / f"frame{width}.html"
    frame.write_text(FRAME.format(page=page.relative_to(folder), width=width))
    dom = browse(browser, folder, "--allow-file-access-from-files", "--virtual-time-budget=20000",
                 "--dump-dom", frame.as_uri())
    seen = re.search(r"<p id=\"seen\">(\d+) (\d+) (\d+)</p>", dom)
    assert seen, dom[-2000:]
    client, scroll, images = map(int, seen.groups())
    assert client == width, (client, width)
    assert scroll <= client, f"at {width} pixels {page.name} is {scroll} wide"
    return images


def check_offline(html):
    """All it needs is in it, and the browser is told to fetch nothing else."""
    assert "content=\"default-src 'none';img-src data:;style-src 'unsafe-inline'\"" in html
    assert not re.search(r"<script|@import|<link|url\(|https?://", html)
    references = re.findall(r"(?:src|href)=\"([^\"]*)\"", html)
    assert references and all(r.startswith(("#", "data:image/")) for r in references)


def shot(browser, folder, page, name, *arguments):
    """A screenshot's bytes."""
    picture = folder / name
    browse(browser, folder, *arguments, f"--screenshot={picture}", page.as_uri())
    return picture.read_bytes()


def check_light_and_dark(browser, folder, page):
    """Something is seen in both, and it is not the same."""
    size = "--window-size=1280,2000"
    light = shot(browser, folder, page, "light.png", size)
    dark = shot(browser, folder, page, "dark.png", size, DARK)
    assert len(light) > 50_000 and len(dark) > 50_000 and light != dark
