"""Who a request comes from, in the service's terms."""

from __future__ import annotations

import os
from typing import Any

from jupyter_server import CallContext
from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider

from ..guard.access import LOCAL, Caller


def is_stock(provider: Any) -> bool:
    """Jupyter's own token and password providers make up a user name per browser: one person owns that server."""
    return type(provider) in (IdentityProvider, PasswordIdentityProvider) or type(provider).__name__ == (
        "LegacyIdentityProvider"
    )


def owner_of_kernels(provider: Any) -> str:
    """Whose kernels these all are: `local` for stock identity, on a JupyterHub the server's user; else ""."""
    return LOCAL if is_stock(provider) else os.environ.get("JUPYTERHUB_USER", "")


def user_at_work() -> str:
    """The user whose request is being handled in this context; "" outside of requests."""
    handler = CallContext.get(CallContext.JUPYTER_HANDLER)
    user = getattr(handler, "current_user", None)
    return str(getattr(user, "username", ""))


def caller_of(handler: Any) -> Caller:
    """The principal of an authenticated request: `local` for stock identity, else the provider's user name."""
    if is_stock(handler.identity_provider):
        return Caller(LOCAL)
    return Caller(str(handler.current_user.username))
