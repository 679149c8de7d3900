"""Sheets looked at as people see them: pages as pictures, what their codes say, what lies in their margins."""

import io
from collections.abc import Iterator

import pypdfium2
import zxingcpp
from PIL import Image


def pages(pdf: bytes, *, dpi: float = 100) -> Iterator[Image.Image]:
    """Render each page of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=dpi / 72).to_pil().convert("RGB")
    finally:
        document.close()


def picture(png: bytes) -> Image.Image:
    """Open a PNG."""
    return Image.open(io.BytesIO(png)).convert("RGB")


def codes(image: Image.Image) -> list[str]:
    """Return what the QR codes of a picture say."""
    return [found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)]


def words(pdf: bytes) -> str:
    """Return the text of a PDF, as a screen reader or a search finds it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    # U+FFFE is how pdfium writes a hyphen that ends a line
    return " ".join(" ".join(texts).replace("\u200b", "").replace("\ufffe", "-").split())


def margins(
    image: Image.Image, *, share: float = 0.03, top: float = 0.1, bottom: float = 0.665
) -> set[tuple[int, int, int]]:
    """Return the colours at the left and right edge (``share`` of the width) of the cream part of a poster."""
    width, height = image.size
    edge = int(width * share)
    found: set[tuple[int, int, int]] = set()
    for left in (0, width - edge):
        strip = image.crop((left, int(height * top), left + edge, int(height * bottom)))
        found |= {colour for _, colour in strip.getcolors(1 << 20) or []}
    return found
