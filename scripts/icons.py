"""Draw the app's icons (``static/img/*.png``) from ``static/img/icon.svg`` again: ``python scripts/icons.py``.

They are committed, being small; whoever changes the drawing runs this. Needs Chromium and the tests' packages.
"""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
#: File, side in pixels, and how much of the side the drawing takes on a full ground: phones cut a maskable icon to a
#: circle of 80 %, and Apple's to a rounded square. 0 leaves the SVG as it is, corners transparent.
WANTED = (
    ("icon-192.png", 192, 0),
    ("icon-512.png", 512, 0),
    ("icon-maskable-512.png", 512, 0.62),
    ("apple-touch-icon.png", 180, 0.86),
)
_PAGE = """<!DOCTYPE html><body style="margin:0;height:100vh;display:grid;place-content:center;background:{ground}">
<div style="width:{side}px;height:{side}px">{svg}</div>"""


def main() -> None:
    """Photograph the drawing at each size."""
    svg = (IMAGES / "icon.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for file, pixels, share in WANTED:
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            ground = "#11254d" if share else "transparent"
            page.set_content(_PAGE.format(ground=ground, side=round(pixels * (share or 1)), svg=svg))
            page.screenshot(path=IMAGES / file, omit_background=not share)
        browser.close()


if __name__ == "__main__":
    main()
