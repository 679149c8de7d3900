"""Every sentence of the code and the pages stands in every catalogue, translated, with the same places to fill."""

import re
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "_n": (1, 2), "lazy_gettext": None}
#: %(name)s of gettext, {name} of the services' sentences
_PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def sentences() -> dict[str | tuple[str, ...], str]:
    """Return every sentence to translate and where it stands first."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[str | tuple[str, ...], str] = {}
    for folder in ("guinguette", "templates"):
        for name, line, message, _, _ in extract_from_dir(
            ROOT / folder, method_map=[(p.removeprefix(f"{folder}/"), m) for p, m in methods], options_map=options,
            keywords=KEYWORDS, strip_comment_tags=True,
        ):  # fmt: skip
            found.setdefault(message if isinstance(message, str) else tuple(message), f"{folder}/{name}:{line}")
    return found


def faults(catalogue: Catalog, wanted: dict[str | tuple[str, ...], str]) -> list[str]:
    """Return one line a fault of this catalogue."""
    lines = []
    for message, place in wanted.items():
        key = message if isinstance(message, str) else message[0]
        entry = catalogue.get(key)
        translations = [] if entry is None else [entry.string] if isinstance(entry.string, str) else entry.string
        if entry is None or not translations or not all(translations):
            lines.append(f"{place}: not translated: {key!r}")
        elif entry.fuzzy:
            lines.append(f"{place}: marked fuzzy: {key!r}")
        else:
            originals = [message] if isinstance(message, str) else list(message)
            allowed = {frozenset(_PLACES.findall(text)) for text in originals}
            lines += [
                f"{place}: other places to fill than {key!r}: {text!r}"
                for text in translations
                if frozenset(_PLACES.findall(text)) not in allowed
            ]
    lines += [
        f"no longer anywhere in the code: {entry.id!r}"
        for entry in catalogue
        if entry.id and (entry.id if isinstance(entry.id, str) else tuple(entry.id)) not in wanted
    ]
    return lines


def main() -> int:
    """Check every catalogue; exit 1 with one line a fault."""
    wanted = sentences()
    total = 0
    for path in sorted(ROOT.glob("guinguette/translations/*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            lines = faults(read_po(file), wanted)
        for line in lines:
            print(f"{path.parent.parent.name}: {line}", file=sys.stderr)
        total += len(lines)
        print(f"{path.parent.parent.name}: {len(wanted)} sentences, {len(lines)} faults")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
