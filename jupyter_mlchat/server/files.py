"""REST of conversations as files: one as a file and back, all of a person, and what was said in them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

import msgspec
from tornado.iostream import StreamClosedError

from ..protocol.answers import FoundList
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId, ExportFormat
from .handler import MLChatHandler, permitted

KINDS: Mapping[ExportFormat, tuple[str, str]] = MappingProxyType(
    {
        "json": ("application/json", "json"),
        "markdown": ("text/markdown", "md"),
        "notebook": ("application/x-ipynb+json", "ipynb"),
    }
)
"""Media type and ending of each format."""
CHUNK = 256 * 1024


class FileHandler(MLChatHandler):
    feature = "export"

    def attach(self, media: str, name: str) -> None:
        """What follows is a file, to be saved under `name` and never shown as a page."""
        self.set_header("Content-Type", media)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")


class ConversationExport(FileHandler):
    @permitted("read")
    async def get(self, conversation: str) -> None:
        kind = cast("ExportFormat", self.choice("format", list(KINDS)))
        service = await self.service()
        info = await service.conversations.own(ConversationId(conversation), self.caller)
        content = await service.archive.export(info.id, self.caller, kind)
        media, ending = KINDS[kind]
        self.attach(media, f"{_plain(info.title)}.{ending}")
        self.finish(content, set_content_type=media)


class Everything(FileHandler):
    """All that is stored of the caller. Made in a temporary file, so that it is sent whole or not at all."""

    @permitted("read")
    async def get(self) -> None:
        from ..chat.keeping.everything import everything_of

        service = await self.service()
        with await everything_of(service.means, self.caller) as file:
            self.attach("application/zip", "jupyter-mlchat.zip")
            try:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    self.write(chunk)
                    await self.flush()
                self.finish(set_content_type="application/zip")
            except StreamClosedError:
                return


class Search(MLChatHandler):
    feature = "search"

    @permitted("read")
    async def get(self) -> None:
        query, limit = self.get_query_argument("q", strip=False), self.number("limit", 50, 1, 500)
        self.answer(FoundList(await (await self.service()).archive.find(self.caller, query, limit)))


def holds_conversation(body: bytes, limit: int) -> bool:
    """Whether it is a file to import. Raises Fault `too_large`."""
    if len(body) > limit:
        hint = "The limit is the setting `max_import_bytes`."
        raise Fault(Code.TOO_LARGE, f"At most {limit:,} bytes are imported.", hint)
    try:
        content = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return "format" in content or "messages" in content


def _plain(title: str) -> str:
    """A name that every file system and header takes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-")[:60] or "conversation"
