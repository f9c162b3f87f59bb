"""Pictures that go along with a question asked in Python, as the wire has them."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

BEGINNINGS: Mapping[bytes, str] = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def wired(images: Sequence[Any]) -> list[dict[str, str]]:
    """Figures and axes of matplotlib, what draws itself as a PNG (PIL, IPython), and the bytes of a PNG or a JPEG.

    Raises TypeError for anything else. How many, and how large, the service says.
    """
    if isinstance(images, (bytes, str)) or not isinstance(images, Sequence):
        raise TypeError("`images` is a list, as in `images=[figure]`.")
    return [_picture(image, f"picture {number}") for number, image in enumerate(images, 1)]


def _picture(image: Any, origin: str) -> dict[str, str]:
    content = _bytes(image)
    kind = next((kind for begins, kind in BEGINNINGS.items() if content.startswith(begins)), "")
    if not kind:
        raise TypeError(
            f"{origin} is a {type(image).__name__}: give a figure, an image, or the bytes of a PNG or JPEG."
        )
    return {"media_type": kind, "data": base64.b64encode(content).decode(), "from": origin}


def _bytes(image: Any) -> bytes:
    if isinstance(image, (bytes, bytearray)):
        return bytes(image)
    drawn = getattr(image, "figure", None) or image
    if callable(getattr(drawn, "savefig", None)):
        file = io.BytesIO()
        drawn.savefig(file, format="png")
        return file.getvalue()
    draws = getattr(image, "_repr_png_", None)
    told = draws() if callable(draws) else None
    if isinstance(told, tuple):
        # IPython's own has what it knows about it beside it.
        told = told[0]
    return base64.b64decode(told) if isinstance(told, str) else told or b""
