"""Copy the few files that pages load from ``node_modules/`` to ``static/vendor/``."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ATKINSON, YOUNG = "@fontsource-variable/atkinson-hyperlegible-next", "@fontsource/young-serif"
ATKINSON_TTF, YOUNG_TTF = "@expo-google-fonts/atkinson-hyperlegible-next", "@expo-google-fonts/young-serif"
WANTED = {
    "@picocss/pico/css/pico.min.css": "pico",
    f"{ATKINSON}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2": "fonts",
    f"{YOUNG}/files/young-serif-latin-400-normal.woff2": "fonts",
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
    """Copy what is wanted; name what is missing."""
    missing = [source for source in WANTED if not (ROOT / "node_modules" / source).is_file()]
    if missing:
        print(f"not in node_modules/: {', '.join(missing)} (make install)", file=sys.stderr)
        return 1
    for source, folder in WANTED.items():
        target = ROOT / "static" / "vendor" / folder
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "node_modules" / source, target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
