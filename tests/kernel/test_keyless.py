"""Kernels that start without the keys of the server's environment."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from server.apart import Apart, said_by

from jupyter_mlchat.kernel.keyless import NAME, USUAL, start_without_keys

KEYS = {"OPENAI_API_KEY": "sk-of-the-server", "MLCHAT_AGENT_ACME_KEY": "of-an-agent", "AWS_SECRET_ACCESS_KEY": "aws"}
OTHERS = {"AWS_REGION_NAME": "eu-west-1", "MY_OWN_API_KEY": "mine"}
ENVIRONMENT = "import os, json; print(json.dumps(dict(os.environ)))"


@pytest.fixture
def factory() -> Iterator[KernelProvisionerFactory]:
    """Jupyter has one in a process: it is made anew here, and for whoever comes next."""
    KernelProvisionerFactory.clear_instance()
    yield KernelProvisionerFactory.instance()
    KernelProvisionerFactory.clear_instance()


def test_another_provisioner_of_the_administrator_stays(
    factory: KernelProvisionerFactory, caplog: pytest.LogCaptureFixture
) -> None:
    start_without_keys(None, logging.getLogger("tests"))
    assert (factory.default_provisioner_name, caplog.messages) == (NAME, [])
    factory.default_provisioner_name = "docker-provisioner"
    start_without_keys(None, logging.getLogger("tests"))
    assert factory.default_provisioner_name == "docker-provisioner"
    assert "docker-provisioner" in caplog.messages[0]
    assert USUAL != NAME


def test_a_kernel_has_no_key_also_after_a_restart(tmp_path: Any) -> None:
    server = Apart(tmp_path / "s", {"strip_keys_from_kernels": True}, {**KEYS, **OTHERS}).start()
    try:
        assert server("get", "providers").body["providers"]
        has_key = {one["name"] for one in server("get", "providers").body["providers"] if one.get("has_key")}
        assert "openai" in has_key, "the service itself has it"
        kernel, client = server.kernel()
        seen = said_by(client, ENVIRONMENT)
        assert server.call("post", f"api/kernels/{kernel}/restart").status == 200
        for environment in (seen, said_by(server.client(kernel), ENVIRONMENT)):
            assert not [name for name in KEYS if name in environment]
            assert [name for name in OTHERS if json.dumps(name)[1:-1] in environment] == list(OTHERS)
    finally:
        server.stop()
