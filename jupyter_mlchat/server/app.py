"""The composition root of the server extension: settings in, handlers and links out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp

from ..protocol.faults import Close, Code, Fault
from ..protocol.records import KernelId
from ..runtime.wire import MESSAGE_TYPES
from ..settings import MLChat
from .callers import owner_of_kernels
from .observing import Observing

KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
SETTINGS_KEY = "mlchat"


class MLChatApp(ExtensionApp):
    """The Jupyter server extension."""

    name = "jupyter_mlchat"
    extension_url = "/mlchat"
    load_other_extensions = True
    classes = [MLChat]

    def initialize_settings(self) -> None:
        server: Any = self.serverapp
        self.parts = Parts(server, MLChat(parent=self), self.log)
        self.settings[SETTINGS_KEY] = self.parts
        manager = server.kernel_manager
        if hasattr(manager, "untracked_message_types"):
            # Our busy and idle are not the user's: neither Lab's light nor the culler counts them.
            manager.untracked_message_types = [*manager.untracked_message_types, *MESSAGE_TYPES]
        if self.parts.settings.strip_keys_from_kernels:
            from ..kernel.keyless import start_without_keys

            start_without_keys(manager, self.log)
        if self.parts.settings.attach != "off":
            listener = self.parts.on_kernel_action
            server.event_logger.add_listener(schema_id=KERNEL_ACTIONS, listener=listener)

    def initialize_handlers(self) -> None:
        from .rest import routes

        self.handlers.extend(routes())

    async def stop_extension(self) -> None:
        await self.parts.close()


class Parts:
    """What the handlers reach. The store and the service open with the first conversation or socket."""

    def __init__(self, serverapp: Any, settings: MLChat, log: Any) -> None:
        self.settings = settings
        self.log = log
        self._server = serverapp
        self._links: Any = None
        self._opening: asyncio.Task[Any] | None = None
        self._database: Any = None
        self._mcp: Any = None
        self.observing = Observing(serverapp.event_logger, lambda: self.links.counted(), settings, log)
        self.observer = self.observing.observer
        self.agent_calls: set[asyncio.Task[Any]] = set()
        """Calls of agents from outside that are under way."""
        self.closing = False
        self.sockets: set[Any] = set()
        """The open WebSockets."""

    @property
    def links(self) -> Any:
        if self._links is None:
            from .kernels import KernelLinks

            server = self._server
            owner = owner_of_kernels(server.identity_provider)
            self._links = KernelLinks(
                server.kernel_manager, server.session_manager, self.settings, self.service, owner, self.log
            )
        return self._links

    async def on_kernel_action(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        await self.links.on_kernel_action(logger, schema_id, data)

    async def service(self) -> Any:
        """The one `ChatService`, opened when first asked for. A failed opening is tried again."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open())
        try:
            return await asyncio.shield(self._opening)
        except Exception:
            self._opening = None
            self.observing.unopened = True
            raise

    async def _open(self) -> Any:
        # In a thread: what these import takes half a second, in which the server must go on.
        await asyncio.to_thread(import_module, "jupyter_mlchat.chat.service")
        await asyncio.to_thread(import_module, "jupyter_mlchat.llm.registry")
        await asyncio.to_thread(import_module, "limits.strategies")
        from ..chat.journal import Journal
        from ..chat.means import Means
        from ..chat.service import ChatService
        from ..llm.catalogue import Catalogue
        from ..llm.keys import open_keyring
        from ..llm.registry import Llms
        from ..store.database import open_database

        settings = self.settings
        await open_keyring(settings, self.log.warning)
        self._database = await open_database(settings.db_url, Path(settings.data_dir))
        for told in filter(None, (self._database.notice, self._database.trouble)):
            self.log.warning(told)

        async def port(kernel: KernelId) -> Any:
            return await self.links.port(kernel)

        catalogue, kernel_of = Catalogue(settings), self.links.kernel_of
        llms, journal = Llms(settings, catalogue=catalogue), Journal(self._database)
        means = Means(journal, self._database, settings, port, llms.choose, catalogue, self.log, kernel_of)
        means = replace(means, observer=self.observer)
        service = ChatService(means)
        await service.open()
        await self.observing.begin(service)
        return service

    async def standing(self) -> Any:
        """How the parts of the service stand, by name. Raises Fault where it can't be opened."""
        return await self.observing.standing(await self.service())

    async def mcp(self) -> Any:
        """The MCP server. Raises Fault `mcp_extra_missing` where its SDK is not installed."""
        if self._mcp is None:
            try:
                # In a thread: the SDK takes more than half a second.
                module = await asyncio.to_thread(import_module, "jupyter_mlchat.server.mcp_sessions")
            except ModuleNotFoundError as error:
                raise Fault(
                    Code.MCP_EXTRA_MISSING,
                    f"MCP needs a package that is not installed here ({error.name}).",
                    'Run `pip install "jupyter-mlchat[mcp]"` where Jupyter runs, and restart it.',
                ) from None
            self._mcp = self._mcp or module.McpSessions(self)
        return self._mcp

    async def close(self) -> None:
        """Never raises: an exception here would keep the server from exiting."""
        self.closing = True
        for socket in list(self.sockets):
            socket.close(Close.SHUTTING_DOWN, "the server stops")
        for call in list(self.agent_calls):
            call.cancel()
        try:
            if self._mcp is not None:
                await self._mcp.close()
            if self._opening is not None:
                await (await self._opening).close()
        except Exception as error:
            self.log.debug("mlchat: closing: %s", type(error).__name__)
        if self._links is not None:
            await self._links.close()
        self.observing.close()
        database, self._database = self._database, None
        if database is not None:
            database.close()
