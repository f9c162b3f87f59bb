"""The table of statuses."""

from __future__ import annotations

import pytest
from tornado.web import HTTPError

from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.server.faults import STATUS, answer_to


def test_every_code_has_a_status_of_its_kind() -> None:
    assert set(STATUS) == set(Code)
    assert all(400 <= status < 600 for status in STATUS.values())


def test_a_fault_is_answered_as_it_is() -> None:
    fault = Fault(Code.NOT_FITTED, "`rf` is not fitted.", "Call rf.fit first.", about="rf")
    assert answer_to(fault) == (409, fault.record)


@pytest.mark.parametrize("error", [ValueError("secret /home/x"), None, HTTPError(502, "secret"), HTTPError(600)])
def test_anything_else_says_only_that_it_failed(error: Exception | None) -> None:
    status, record = answer_to(error)
    assert (status, record.code) == (500, Code.INTERNAL)
    assert "secret" not in record.message + record.hint


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 499])
def test_what_tornado_refuses_keeps_its_status(status: int) -> None:
    kept, record = answer_to(HTTPError(status, "secret"))
    assert kept == status and record.message and "secret" not in record.message
