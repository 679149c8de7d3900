"""Bring the few files that pages load from ``node_modules/`` to ``static/vendor/``.

What every first visit loads is made smaller on the way: Pico without the parts we do not use, typefaces without the
signs that our languages do not write. Each then fits what a server may send before the first acknowledgement (14 kB).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
ATKINSON, YOUNG = "@fontsource-variable/atkinson-hyperlegible-next", "@fontsource/young-serif"
ATKINSON_TTF, YOUNG_TTF = "@expo-google-fonts/atkinson-hyperlegible-next", "@expo-google-fonts/young-serif"
#: Typefaces of the pages, with the weights that they show where there are several. Titles are kerned; what is read
#: small can do without, and its table is a fifth of the file.
FACES = {
    f"{ATKINSON}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2": (400, 700),
    f"{YOUNG}/files/young-serif-latin-400-normal.woff2": None,
}
#: What French, English, German, Dutch and the names of our neighbours are written with.
SIGNS = "".join(map(chr, range(0x20, 0x7F))) + (
    "ÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸàâäæçéèêëîïôöœùûüÿßñáíóúåøìòÑÁÍÓÚ’‘“”„«»…–—·°€×−•→\u00a0\u202f"
)
WANTED = {
    # the same typefaces in the form that Typst sets type with
    f"{ATKINSON_TTF}/400Regular/AtkinsonHyperlegibleNext_400Regular.ttf": "paper",
    f"{ATKINSON_TTF}/700Bold/AtkinsonHyperlegibleNext_700Bold.ttf": "paper",
    f"{YOUNG_TTF}/400Regular/YoungSerif_400Regular.ttf": "paper",
    "fullcalendar/index.global.min.js": "fullcalendar",
    "htmx.org/dist/htmx.min.js": "htmx",
    "leaflet/dist/leaflet.js": "leaflet",
    "leaflet/dist/leaflet.css": "leaflet",
    "leaflet.markercluster/dist/leaflet.markercluster.js": "leaflet",
    "leaflet.markercluster/dist/MarkerCluster.css": "leaflet",
    "leaflet/dist/images/layers.png": "leaflet/images",
    "leaflet/dist/images/layers-2x.png": "leaflet/images",
    "leaflet/dist/images/marker-icon.png": "leaflet/images",
    "leaflet/dist/images/marker-icon-2x.png": "leaflet/images",
    "leaflet/dist/images/marker-shadow.png": "leaflet/images",
}


def main() -> int:
    """Copy what is wanted, made smaller where every page loads it; name what is missing."""
    sass = shutil.which("sass", path=os.pathsep.join([str(ROOT / "node_modules/.bin"), os.environ["PATH"]]))
    missing = [source for source in [*WANTED, *FACES] if not (ROOT / "node_modules" / source).is_file()]
    if missing or not sass:
        print(f"not in node_modules/: {', '.join(missing) or 'sass'} (make install)", file=sys.stderr)
        return 1
    for source, folder in WANTED.items():
        target = ROOT / "static" / "vendor" / folder
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "node_modules" / source, target)
    for source, weights in FACES.items():
        shrink(ROOT / "node_modules" / source, ROOT / "static" / "vendor" / "fonts", weights)
    compile_pico(sass, ROOT / "static" / "vendor" / "pico" / "pico.min.css")
    return 0


def shrink(source: Path, folder: Path, weights: tuple[int, int] | None) -> None:
    """Write a typeface with ``SIGNS`` alone, between two weights, without the hints that only old screens used."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.name
    font = TTFont(source)
    if weights:
        instantiateVariableFont(font, {"wght": weights}, inplace=True)
        font.flavor = None
        font.save(target)  # the subsetter wants the tables as a file has them
        font = TTFont(target, lazy=False)
    features = ["liga", "lnum", "locl", "ccmp", *([] if weights else ["kern"])]
    options = Options(hinting=False, layout_features=features)
    subsetter = Subsetter(options)
    subsetter.populate(text=SIGNS)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)


def compile_pico(sass: str, target: Path) -> None:
    """Write the parts of Pico that ``scripts/pico.scss`` names."""
    target.parent.mkdir(parents=True, exist_ok=True)
    options = ["--quiet", "--style=compressed", "--no-source-map", f"--load-path={ROOT / 'node_modules'}"]
    subprocess.run([sass, *options, str(ROOT / "scripts" / "pico.scss"), str(target)], check=True)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
