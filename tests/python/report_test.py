"""A run's report.html, and the page of mobireg-compare, in a browser: they show, on a phone and on a
desk, in light and dark, without asking for anything from elsewhere.

    python report_test.py APPS

Skipped (exit status 77) where there is no chromium.
"""

import sys
import tempfile
from pathlib import Path

import browser as chromium
import small_run

SECTIONS = ("Curves", "Errors on the validation rows", "The worst faces",
            "Training samples, augmented", "Time per part", "Config", "Environment",
            "To train the same again")


def check_report(browser, folder, page):
    html = page.read_text()
    chromium.check_offline(html)
    for text in SECTIONS:
        assert f">{text}</h2>" in html, text
    for width in (360, 1280):
        images = chromium.count_images(browser, folder, page, width)
        assert images > 30, images
    chromium.check_light_and_dark(browser, folder, page)


def check_comparison(browser, folder, apps, run_dir):
    """Of the run and of what its own report says would train it again."""
    config = run_dir / "config.json"
    again = folder / "again"
    small_run.run(apps / "mobireg-train", config, "--set", f"run_dir={again}",
                  "--set", "training.loss=huber")
    page = folder / "runs.html"
    table = small_run.run(apps / "mobireg-compare", run_dir, again, "--html", page)
    assert 'training.loss\n  "mse": run\n  "huber": again\n' in table, table
    html = page.read_text()
    chromium.check_offline(html)
    assert "Validation MAE of yaw" in html and "&quot;huber&quot;" in html
    for width in (360, 1280):
        chromium.count_images(browser, folder, page, width)
    chromium.check_light_and_dark(browser, folder, page)


def main():
    apps = Path(sys.argv[1])
    browser = chromium.find()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run_dir = small_run.train(apps, folder)
        check_report(browser, folder, run_dir / "report.html")
        check_comparison(browser, folder, apps, run_dir)
        print(f"{(run_dir / 'report.html').stat().st_size} bytes, seen in {Path(browser).name}")


if __name__ == "__main__":
    main()
