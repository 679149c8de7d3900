"""Who publishes the installation."""

from pathlib import Path

import pytest

from guinguette.association import Association, read
from guinguette.config import ConfigError

COMPLETE = """
name = "La Guinguette mobile"
registration = "W521000000"
address = "1, place de la Mairie, 52100 Saint-Dizier"
phone = "03 53 01 00 00"
email = "bonjour@example.org"
director = "Jeanne Petit"
host_name = "Hébergeur"
host_address = "2, rue du Serveur, 75000 Paris"
host_phone = "01 99 00 00 00"
"""


def test_complete(tmp_path: Path) -> None:
    """Everything the law asks for is there."""
    file = tmp_path / "association.toml"
    file.write_text(COMPLETE, encoding="utf-8")
    found = read(file)
    assert found.director == "Jeanne Petit"
    assert found.complete


def test_absent(tmp_path: Path) -> None:
    """No file: nobody has said yet, and the page says that."""
    assert read(tmp_path / "association.toml") == Association()
    assert not Association().complete


@pytest.mark.parametrize("text", ["name = ", 'nom = "La Guinguette"'])
def test_wrong(tmp_path: Path, text: str) -> None:
    """Broken TOML, or a line that is not expected, stops the start with a sentence that names the file."""
    file = tmp_path / "association.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"association\.toml"):
        read(file)
