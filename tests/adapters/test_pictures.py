"""Photographs made small and harmless (guinguette/adapters/pictures.py)."""

import io
import struct
import zlib

import pytest
from PIL import Image

from guinguette.adapters.pictures import cleaned
from guinguette.domain.errors import InvalidInput

_ORIENTATION, _MAKE, _GPS = 0x0112, 0x010F, 0x8825
_RED, _BLUE = (220, 30, 30), (30, 30, 220)


def _jpeg(size: tuple[int, int] = (200, 100), **saved: object) -> bytes:
    """A picture whose left half is red, whose right half is blue."""
    image = Image.new("RGB", size, _RED)
    image.paste(_BLUE, (size[0] // 2, 0, *size))
    out = io.BytesIO()
    image.save(out, "JPEG", **saved)
    return out.getvalue()


def _looks_like(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 30 for a, b in zip(pixel, colour, strict=True))


def test_where_and_when_it_was_taken_goes_away() -> None:
    """GPS position, camera and comment are in what a telephone sends, none is in what is kept."""
    exif = Image.Exif()
    exif[_MAKE] = "Telephone-de-Jeanne"
    exif.get_ifd(_GPS)[2] = (48.0, 38.0, 15.0)
    sent = _jpeg(exif=exif, comment=b"chez Jeanne")
    assert b"Telephone-de-Jeanne" in sent
    kept = cleaned(sent).content
    assert b"Jeanne" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert (dict(image.getexif()), image.format) == ({}, "JPEG")
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)


def test_a_picture_taken_upright_stands_upright() -> None:
    """A telephone held upright says so in its metadata: the pixels are turned before that is dropped."""
    exif = Image.Exif()
    exif[_ORIENTATION] = 6  # turn by a quarter to the right
    picture = cleaned(_jpeg(exif=exif))
    assert (picture.width, picture.height) == (100, 200)
    with Image.open(io.BytesIO(picture.content)) as image:
        assert _looks_like(image.getpixel((50, 20)), _RED)
        assert _looks_like(image.getpixel((50, 180)), _BLUE)


def test_a_large_picture_becomes_small() -> None:
    """Twelve megapixels in, 1600 points on the longer side out; a small one keeps its size."""
    picture = cleaned(_jpeg((4000, 3000)))
    assert (picture.width, picture.height) == (1600, 1200)
    assert cleaned(_jpeg((40, 30))).width == 40


@pytest.mark.parametrize("mode", ["RGBA", "P", "LA", "L"])
def test_a_drawing_with_holes_lies_on_white(mode: str) -> None:
    """PNG of any kind: what is transparent becomes white, not black."""
    out = io.BytesIO()
    image = Image.new("RGBA", (10, 10), (0, 0, 0, 0)) if mode != "L" else Image.new("L", (10, 10), 255)
    image.convert(mode).save(out, "PNG", **({"transparency": 0} if mode == "P" else {}))
    with Image.open(io.BytesIO(cleaned(out.getvalue()).content)) as kept:
        assert _looks_like(kept.getpixel((5, 5)), (255, 255, 255))


def _png_of(width: int, height: int) -> bytes:
    """The head of a PNG of that size, with hardly a byte of content."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6_000, 10_000, 60_000])
def test_a_bomb_is_not_opened(side: int) -> None:
    """A file of some bytes that would fill the memory is refused by what its head says."""
    with pytest.raises(InvalidInput):
        cleaned(_png_of(side, side))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.7",
        _jpeg()[:300],
        _png_of(20, 20),
    ],
)
def test_what_is_no_photograph_is_refused(data: bytes) -> None:
    """Empty, another kind of file, cut short: one sentence, never a broken page."""
    with pytest.raises(InvalidInput, match=r"JPEG, PNG ou WebP|trop de points"):
        cleaned(data)
