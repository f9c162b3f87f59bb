"""Pictures as they go along from Python."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from IPython.display import Image
from matplotlib.figure import Figure

from jupyter_mlchat.protocol.records import Picture
from jupyter_mlchat.runtime.showing import wired

PNG = b"\x89PNG\r\n\x1a\n"


def figure() -> Figure:
    made = Figure(figsize=(1, 1))
    made.add_subplot().plot([1, 2])
    return made


def drawing() -> bytes:
    [picture] = wired([figure()])
    return base64.b64decode(picture["data"])


@pytest.mark.parametrize(
    "image",
    [figure(), figure().axes[0], Image(drawing()), drawing(), bytearray(drawing())],
    ids=["figure", "axes", "image", "bytes", "bytearray"],
)
def test_what_can_be_drawn_is_a_png(image: Any) -> None:
    [first, second] = wired([image, b"\xff\xd8\xff\xe0jpeg"])
    assert base64.b64decode(first["data"]).startswith(PNG)
    assert (first["media_type"], first["from"]) == ("image/png", "picture 1")
    assert (second["media_type"], second["from"]) == ("image/jpeg", "picture 2")
    assert set(first) == set(Picture.__struct_encode_fields__)


@pytest.mark.parametrize("image", ["figure.png", b"GIF89a", 3, None, Figure])
def test_what_is_no_picture_is_refused(image: Any) -> None:
    with pytest.raises(TypeError, match=r"picture 1 is a \w+: give a figure"):
        wired([image])


@pytest.mark.parametrize("images", [drawing(), "figure.png", figure()])
def test_one_that_is_not_in_a_list_is_told_so(images: Any) -> None:
    with pytest.raises(TypeError, match="is a list"):
        wired(images)
