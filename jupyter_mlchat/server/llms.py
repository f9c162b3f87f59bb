"""REST of language models and their providers. What is known is answered at once; `refresh=1` waits for news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..protocol.answers import LlmList, ProviderHealth, ProviderList, ProvidersHealth
from ..protocol.faults import Code, Fault
from ..protocol.records import ProviderInfo
from .handler import MLChatHandler, permitted

if TYPE_CHECKING:
    from ..llm.catalogue import Catalogue


class LlmHandler(MLChatHandler):
    async def catalogue(self, *, wait: bool = False) -> Catalogue:
        """With `refresh=1` asked anew, else as it is, while what is old is asked in the background."""
        found = (await self.service()).means.catalogue
        refresh = self.flag("refresh")
        if refresh or wait:
            await found.refreshed(force=refresh)
        else:
            found.refresh()
        return found

    def flag(self, name: str) -> bool:
        value = self.get_query_argument(name, "0")
        if value not in ("0", "1"):
            raise Fault(Code.MALFORMED, f"`{name}` is 0 or 1.", about=name)
        return value == "1"


class AllLlms(LlmHandler):
    @permitted("read")
    async def get(self) -> None:
        usable = self.flag("usable")
        catalogue = await self.catalogue()
        self.answer(LlmList(catalogue.usable() if usable else catalogue.llms(), catalogue.complete))


class LlmsOfProvider(LlmHandler):
    @permitted("read")
    async def get(self, provider: str) -> None:
        catalogue = await self.catalogue()
        self.answer(LlmList(catalogue.llms(provider), catalogue.complete))


class OneLlm(LlmHandler):
    @permitted("read")
    async def get(self, provider: str, llm: str) -> None:
        self.answer((await self.catalogue()).one(provider, llm))


class LlmSearch(LlmHandler):
    @permitted("read")
    async def get(self) -> None:
        words = self.get_query_argument("q", "")
        catalogue = await self.catalogue()
        found = catalogue.search(words)
        self.answer(LlmList(found, catalogue.complete, [] if found else catalogue.close(words)))


class Providers(LlmHandler):
    @permitted("read")
    async def get(self) -> None:
        catalogue = await self.catalogue()
        self.answer(ProviderList(catalogue.providers(), catalogue.complete))


class Health(LlmHandler):
    """Waits some seconds for those that were not asked yet."""

    @permitted("read")
    async def get(self) -> None:
        catalogue = await self.catalogue(wait=True)
        self.answer(health_of(catalogue.meant(), catalogue.complete))


def health_of(meant: list[ProviderInfo], complete: bool) -> ProvidersHealth:
    ill = [p for p in meant if p.status in ("unhealthy", "error")]
    well = [p for p in meant if p.status == "healthy" and p.name != "builtin"]
    status: Literal["healthy", "degraded", "unhealthy"] = "healthy" if not ill else "degraded" if well else "unhealthy"
    known = {p.name: ProviderHealth(p.status, p.error, p.checked) for p in meant}
    return ProvidersHealth(status, known, complete)
