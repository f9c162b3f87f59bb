"""The one way in: make a bridge for this interpreter, bind it, register the magics, and find a host."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from . import WIRE_VERSION
from .bridge import Bridge
from .channel import close_channel, open_channel
from .chat import Chat, Host, ServedHost
from .foreign import of_packages
from .magics import ChatMagics, register, unregister
from .shell import Shell
from .toolbox import Toolbox

GREETING_S = 1.5
HostFactory = Callable[[Bridge], Host]
_ATTRIBUTE = "_mlchat_runtime"


class Runtime:
    """What `attach` made of one IPython shell, so that `%chat off` can take it all back."""

    def __init__(self, ip: Any, make_local_host: HostFactory | None) -> None:
        from .tools import MODULES

        self.ip = ip
        self.bridge = Bridge(Shell(ip), Toolbox(MODULES, of_packages))
        self.bound = open_channel(self.bridge)
        self.make_local_host = make_local_host
        self._local: Host | None = None
        self._served = ServedHost(self.bridge)
        self.magics = ChatMagics(self.bridge, lambda: Chat(open_host=self.open_host), self.remove)
        register(ip, self.magics)
        vars(ip)[_ATTRIBUTE] = self

    def host(self) -> Host:
        """The server once it has greeted us, else this process. Asked anew for every turn."""
        if self.bridge.greeted.is_set():
            return self._served
        if self._local is None:
            if self.make_local_host is None:
                raise RuntimeError(
                    "No Jupyter server answers this kernel, and jupyter_mlchat is not installed in it. "
                    "Run `%pip install jupyter-mlchat`, then `%load_ext jupyter_mlchat`."
                )
            self._local = self.make_local_host(self.bridge)
        return self._local

    def open_host(self, namespace: dict[str, Any] | None) -> tuple[Bridge, Callable[[], Host]]:
        return self.bridge, self.host

    def announce(self) -> bool:
        """Tell a listening server that we are here; True when it greets within 1.5 s."""
        if self.bridge.greeted.is_set():
            return True
        if not self.bound or self.bridge.send_up is None:
            return False
        self.bridge.send_up({"kind": "hello", "wire_version": WIRE_VERSION})
        return self.bridge.greeted.wait(GREETING_S)

    def remove(self) -> None:
        unregister(self.ip, self.magics)
        close_channel(self.bridge)
        self.bridge.shell.close()
        vars(self.ip).pop(_ATTRIBUTE, None)


def attach(ip: Any, make_local_host: HostFactory | None = None) -> Runtime:
    """Idempotent: the runtime that is there already stays, and only learns of a host it lacked."""
    runtime = vars(ip).get(_ATTRIBUTE)
    if runtime is None:
        return Runtime(ip, make_local_host)
    if runtime.make_local_host is None:
        runtime.make_local_host = make_local_host
    found: Runtime = runtime
    return found


def load_extension(ip: Any, make_local_host: HostFactory | None = None) -> None:
    """`%load_ext jupyter_mlchat`: attach, announce once, and say what is not there."""
    runtime = attach(ip, make_local_host)
    if getattr(ip, "kernel", None) is not None and runtime.bridge.shell.running is None:
        runtime.bridge.shell.begin_now()
    if not runtime.announce() and runtime.bound:
        print(
            "jupyter_mlchat answers from inside this kernel: no server extension greeted it. "
            "The chat panel appears after a restart of the Jupyter server. Try: %chat help"
        )


def current_shell() -> Any | None:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def open_host(
    namespace: dict[str, Any] | None, make_local_host: HostFactory | None = None
) -> tuple[Bridge, Callable[[], Host]]:
    """For `Chat()`: this kernel's runtime, or a bridge of its own where there is no IPython or another namespace."""
    ip = current_shell()
    if ip is not None and namespace is None:
        runtime = attach(ip, make_local_host)
        runtime.announce()
        return runtime.open_host(None)
    from .tools import MODULES

    if make_local_host is None:
        raise RuntimeError("Without an IPython kernel, Chat needs the installed package jupyter-mlchat.")
    bridge = Bridge(Shell(None, namespace), Toolbox(MODULES, of_packages))
    hosts: list[Host] = []
    make = make_local_host

    def host() -> Host:
        if not hosts:
            hosts.append(make(bridge))
        return hosts[0]

    return bridge, host
