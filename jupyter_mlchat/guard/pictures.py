"""Pictures that go along with a question: PNG or JPEG by their own first bytes, few, and of bounded size."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from ..protocol.codec import MAX_PICTURE_BYTES, MAX_PICTURES
from ..protocol.faults import Code, Fault
from ..protocol.records import Picture, PictureType

LONGEST_ORIGIN = 200
_BEGINNINGS: Mapping[PictureType, bytes] = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def check_pictures(pictures: Sequence[Picture]) -> None:
    """Raises Fault `too_large`, or `invalid_input` for what is not what it says."""
    if len(pictures) > MAX_PICTURES:
        message = f"{len(pictures)} pictures go along; at most {MAX_PICTURES} are taken."
        raise Fault(Code.TOO_LARGE, message, "Leave some out, or ask about them one after the other.", about="images")
    for number, picture in enumerate(pictures):
        _check(picture, f"images[{number}]")


def _check(picture: Picture, about: str) -> None:
    if len(picture.data) > MAX_PICTURE_BYTES:
        message = f"The picture has {len(picture.data):,} bytes in base64; at most {MAX_PICTURE_BYTES:,} are taken."
        raise Fault(Code.TOO_LARGE, message, "Draw it smaller, or with a lower `dpi`.", about=about)
    if len(picture.origin) > LONGEST_ORIGIN:
        message = f"Where the picture is from is told in more than {LONGEST_ORIGIN} characters."
        raise Fault(Code.INVALID_INPUT, message, "Say it as in `figure of In[5]`.", about=f"{about}.from")
    try:
        begins = base64.b64decode(picture.data, validate=True)[:8]
    except (binascii.Error, ValueError):
        raise Fault(Code.INVALID_INPUT, "The picture is not base64.", "Encode its bytes.", about=about) from None
    if not begins.startswith(_BEGINNINGS[picture.media_type]):
        message = f"The picture says it is `{picture.media_type}`, and its first bytes are of something else."
        raise Fault(Code.INVALID_INPUT, message, "Send a PNG or a JPEG.", about=about)
