"""Photographs that people send, made small and harmless (Pillow)."""

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps

from guinguette.domain.errors import N_, InvalidInput

#: Megapixels that are decoded at all, by format. A JPEG is read at a fraction of its size from the start, others whole.
_MOST_PIXELS = {"JPEG": 64_000_000, "MPO": 64_000_000, "PNG": 24_000_000, "WEBP": 24_000_000}
_SIDE = 1600
_QUALITY = 80
#: What Pillow's decoders raise on bytes that only look like a picture.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, struct.error, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG without any metadata; ``width`` and ``height`` in pixels."""

    content: bytes
    width: int
    height: int


def cleaned(data: bytes) -> Picture:
    """Return a photograph upright, at most 1600 pixels a side, with nothing in it but its pixels.

    Where it was taken, when and by which telephone goes away. Raises ``InvalidInput`` on anything but a JPEG, PNG or
    WebP picture, or one of more pixels than can be decoded safely.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > _MOST_PIXELS.get(image.format or "", 0):
                raise _too_large()
            return _rewritten(image)
    except Image.DecompressionBombWarning as warning:  # raised only where warnings are errors
        raise _too_large() from warning
    except _BROKEN as error:
        raise InvalidInput(
            N_("Cette photo ne se lit pas : envoyez un fichier JPEG, PNG ou WebP."), field="photo"
        ) from error


def _rewritten(image: Image.Image) -> Picture:
    image.thumbnail((_SIDE, _SIDE))
    ImageOps.exif_transpose(image, in_place=True)
    upright = image.convert("RGBA") if "A" in image.mode or "transparency" in image.info else image.convert("RGB")
    # a new image has no metadata that could go along: no place, no date, no comment, no thumbnail
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return Picture(out.getvalue(), plain.width, plain.height)


def _too_large() -> InvalidInput:
    return InvalidInput(N_("Cette photo a trop de points pour être lue : envoyez-la plus petite."), field="photo")
