"""A notebook assistant that knows the live, fitted models in the kernel."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["Chat", "ChatPanel", "__version__", "register_model", "tool"]


def __getattr__(name: str) -> Any:
    """The public names, imported when first asked for."""
    if name == "tool":
        from .runtime.own import tool

        return tool
    if name == "register_model":
        from .runtime.registered import register_model

        return register_model
    if name == "Chat":
        return _chat_class()
    if name == "ChatPanel":
        from .frontends.panel import ChatPanel

        return ChatPanel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _chat_class() -> type[Any]:
    """`Chat` that can host itself in this process where no server does."""
    from functools import partial

    from .runtime import chat, entry

    class Chat(chat.Chat):
        __doc__ = chat.Chat.__doc__

        def __init__(
            self,
            llm: str | None = None,
            route: str | None = None,
            prompt: str | None = None,
            mode: str | None = None,
            *,
            namespace: dict[str, Any] | None = None,
        ) -> None:
            open_host = partial(entry.open_host, make_local_host=_local_host)
            super().__init__(llm, route, prompt, mode, namespace=namespace, open_host=open_host)

    globals()["Chat"] = Chat
    return Chat


def _local_host(bridge: Any) -> Any:
    from .frontends.local import local_host

    return local_host(bridge)


def load_ipython_extension(ip: Any) -> None:
    """`%load_ext jupyter_mlchat`: `%%chat` and `%chat`, also where the server does not have us yet."""
    from .runtime.entry import load_extension

    load_extension(ip, _local_host)


def unload_ipython_extension(ip: Any) -> None:
    runtime = vars(ip).get("_mlchat_runtime")
    if runtime is not None:
        runtime.remove()


def attach_served(ip: Any) -> None:
    """What an attaching server calls in a kernel that has this package."""
    from .runtime.entry import attach

    attach(ip, _local_host)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .server.app import MLChatApp

    return [{"module": "jupyter_mlchat", "app": MLChatApp}]
