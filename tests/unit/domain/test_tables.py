"""Tables as spreadsheets save them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guinguette.domain.errors import InvalidInput
from guinguette.domain.tables import decode, harmless, read, whole_number

COLUMNS = {"insee": ("insee", "code insee"), "name": ("commune",), "notes": ("remarques",)}
TEXT = "code INSEE;commune;remarques\r\n52182;Éclaron;fête, place de l’Église\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_of_excel_reads(encoding: str) -> None:
    """Whatever Excel saved, the accents come out right."""
    assert decode(TEXT.encode(encoding)) == TEXT.replace("\r\n", "\n")


def test_an_old_macintosh_is_told_from_windows() -> None:
    """Without a mark, the reading with the more French letters wins."""
    words = "commune\r\nÉclaron\rVillers-en-Prayères\rChâlons"
    assert decode(words.encode("mac_roman")).split("\n")[1:] == ["Éclaron", "Villers-en-Prayères", "Châlons"]
    assert "Prayères" in decode(words.encode("cp1252"))


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"\xff\xfe\x00", b"a;b\n\0\0;c\n"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    """A workbook, a broken file and a binary one are told apart from a table."""
    with pytest.raises(InvalidInput):
        decode(data)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_the_separator_is_found_from_the_titles(separator: str) -> None:
    """The one under which the most titles are known is the right one, whatever stands in the texts."""
    text = f"Code_INSEE{separator}Commune\n52182{separator}Éclaron\n"
    table = read(text, COLUMNS)
    assert table.rows == ((2, {"insee": "52182", "name": "Éclaron"}),)
    assert table.unknown_columns == ()


def test_lines_keep_their_numbers_and_empty_ones_go() -> None:
    """A message that names a line must mean the line of the file."""
    text = 'sep=;\nremarques;code INSEE;divers\n\n"deux\nlignes";52182;x\n;;\n;52448;\n'
    table = read(text, COLUMNS)
    assert [(line, cells["insee"]) for line, cells in table.rows] == [(4, "52182"), (7, "52448")]
    assert table.rows[0][1]["notes"] == "deux\nlignes"
    assert table.unknown_columns == ("divers",)


def test_a_column_named_twice_counts_once() -> None:
    """The first of two columns with the same meaning is the one that counts."""
    assert read("insee;code insee\n52182;52448\n", COLUMNS).rows[0][1] == {"insee": "52182"}


def test_too_many_cells_are_noticed() -> None:
    """A separator that hides in a text shifts the cells after it: the row is marked."""
    assert read("insee;commune\n52182;Éclaron;le bourg\n52448;Saint-Dizier;\n", COLUMNS).overfull == {2}


def test_unknown_titles_are_refused() -> None:
    """Without a title line nobody can tell the columns."""
    with pytest.raises(InvalidInput, match="première ligne"):
        read("52182;Éclaron\n", COLUMNS)


@pytest.mark.parametrize(
    ("text", "number"),
    [("2", 2), (" 2 ", 2), ("2,0", 2), ("2.00", 2), ("1 000", 1000), ("1\u202f000", 1000), ("0", 0),
     ("", None), ("1,5", None), ("-1", None), ("2e3", None), ("²", None), ("deux", None), ("1,000", None), ("٣", None)],
)  # fmt: skip
def test_whole_numbers_as_spreadsheets_write_them(text: str, number: int | None) -> None:
    """French and English numbers read alike; what is not a whole number is nothing at all."""
    assert whole_number(text) == number


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Whatever somebody uploads, the answer is a table or a sentence."""
    try:
        table = read(decode(data), COLUMNS)
    except InvalidInput:
        return
    assert table.fields


#: What people type, as it is kept: without blanks at its ends. U+2028 is how we write a line break within a cell.
_CELL = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl")), max_size=12).map(
    lambda s: s.strip(" \u00a0\u202f\t")
)


@given(
    st.lists(st.tuples(_CELL, _CELL), min_size=1, max_size=6),
    st.sampled_from(";,\t"),
    st.sampled_from(["utf-8-sig", "utf-16"]),
)
@example([("", "'=")], ";", "utf-8-sig")
def test_what_was_written_is_read_back(rows: list[tuple[str, str]], separator: str, encoding: str) -> None:
    """Quoted as the CSV habit wants, and harmless to a spreadsheet, any text comes back."""
    written = [[harmless(cell).replace('"', '""') for cell in row] for row in rows]
    quoted = "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in written)
    table = read(decode(f"insee{separator}commune\r\n{quoted}\r\n".encode(encoding)), COLUMNS)
    expected = [{"insee": a, "name": b} for a, b in rows if a or b]
    assert [dict(cells) for _, cells in table.rows] == expected
