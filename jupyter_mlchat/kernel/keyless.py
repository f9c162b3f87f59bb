"""Kernels of this server without the keys of providers in their environment (`strip_keys_from_kernels`)."""

from __future__ import annotations

import logging
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ..guard.secrets import keys_among

USUAL = "local-provisioner"
NAME = "mlchat-keyless"
"""As in the entry point, by which a kernelspec may ask for it too."""


class KeylessProvisioner(LocalProvisioner):
    """Starts a kernel as Jupyter does, after its environment has lost the keys."""

    def _finalize_env(self, env: dict[str, str]) -> None:
        """Jupyter's own hook for provisioners, called before every start and restart."""
        super()._finalize_env(env)
        for name in keys_among(list(env)):
            del env[name]


def start_without_keys(manager: Any, log: logging.Logger) -> None:
    """From now on the kernels of `manager` start without keys, unless their kernelspec names a provisioner of its own.

    Where an administrator has made another provisioner the default one, that stays, and the log says so.
    """
    factory = KernelProvisionerFactory.instance(parent=manager)
    if factory.default_provisioner_name in (USUAL, NAME):
        factory.default_provisioner_name = NAME
        return
    log.warning(
        "mlchat: strip_keys_from_kernels has no effect: kernels are started by %r.", factory.default_provisioner_name
    )
