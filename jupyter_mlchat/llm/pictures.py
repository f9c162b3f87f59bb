"""Pictures in a request: as OpenAI's content parts, which litellm words for each provider; and llms that can't see."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..protocol.records import Picture
from .base import Around, CancelToken, Llm, LlmRequest, Message, NoticePart, Part
from .external import EXTERNAL
from .providers import provider_of

BLIND = "blind"
"""The code of a notice that says so."""
_PICTURE = "image_url"


def with_pictures(messages: Sequence[Message], pictures: Sequence[Picture]) -> list[Message]:
    """`messages` with the pictures beside the last question."""
    last = max((at for at, one in enumerate(messages) if one["role"] == "user"), default=-1)
    return [_shown(one, pictures) if at == last and pictures else one for at, one in enumerate(messages)]


def without_pictures(messages: Sequence[Message]) -> list[Message]:
    """The same in words alone."""
    return [{**one, "content": _words(one["content"])} if _count(one) else one for one in messages]


def pictures_in(messages: Sequence[Message]) -> int:
    return sum(map(_count, messages))


def blind(llm: str) -> str:
    """What a person is told of an llm that can't be shown a picture."""
    if not provider_of(llm):
        return "The built-in engine can't see figures: it answers from your words and your kernel. Nothing was sent."
    if provider_of(llm) == EXTERNAL:
        return f"{llm} gets the words of your question alone: no picture goes to another agent."
    return f"{llm} can't see pictures; ask one that can (`%chat llms vision`). It got the words of your question alone."


class Eyes(Around):
    """An llm that is shown pictures only if it `sees`; else it gets the words, and the person is told so once."""

    def __init__(self, llm: Llm, sees: Container[str]) -> None:
        super().__init__(llm)
        self._sees = llm.name in sees
        self._told = False

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        if not self._sees and pictures_in(request.messages):
            request = replace(request, messages=without_pictures(request.messages))
            if not self._told:
                self._told = True
                yield NoticePart(blind(self.name), BLIND)
        yield from self._llm.stream(request, cancel)


def _shown(question: Message, pictures: Sequence[Picture]) -> Message:
    parts = [{"type": _PICTURE, _PICTURE: {"url": f"data:{one.media_type};base64,{one.data}"}} for one in pictures]
    return {**question, "content": [{"type": "text", "text": question["content"]}, *parts]}


def _count(message: Message) -> int:
    return sum(part["type"] == _PICTURE for part in _parts(message.get("content")))


def _words(content: Any) -> str:
    return "".join(part["text"] for part in _parts(content) if part["type"] == "text")


def _parts(content: Any) -> list[dict[str, Any]]:
    return content if isinstance(content, list) else []
