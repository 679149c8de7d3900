"""``python -m guinguette.cli``: the same as ``guinguette``."""

from guinguette.cli import main

main()
