"""Who a request comes from, in the service's terms."""

from __future__ import annotations

import os
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider

from ..guard.access import LOCAL, Caller


def is_stock(provider: Any) -> bool:
    """Jupyter's own token and password providers make up a user name per browser: one person owns that server."""
    return type(provider) in (IdentityProvider, PasswordIdentityProvider) or type(provider).__name__ == (
        "LegacyIdentityProvider"
    )


def owner_of_kernels(provider: Any) -> str:
    """Whose kernels these are: `local` for stock identity, on a JupyterHub the server's user; "" if nobody can tell."""
    return LOCAL if is_stock(provider) else os.environ.get("JUPYTERHUB_USER", "")


def caller_of(handler: Any) -> Caller:
    """The principal of an authenticated request: `local` for stock identity, else the provider's user name."""
    if is_stock(handler.identity_provider):
        return Caller(LOCAL)
    return Caller(str(handler.current_user.username))
