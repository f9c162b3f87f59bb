"""What a front end is told first."""

from __future__ import annotations

from jupyter_mlchat.guard.access import DEFAULTS, LOCAL, Caller
from jupyter_mlchat.guard.greeting import hello
from jupyter_mlchat.protocol.records import KernelId
from jupyter_mlchat.settings import MLChat


def test_a_panel_hears_what_is_switched_off_and_whether_people_answer() -> None:
    plain = hello(MLChat(environment={}, env_file="/nowhere"), Caller(LOCAL))
    assert (plain.principal, plain.experts, plain.disabled) == (LOCAL, False, [])
    settings = MLChat(environment={}, env_file="/nowhere", disabled_features=["search", "export"], experts=["eve"])
    told = hello(settings, Caller(LOCAL))
    assert (told.experts, told.disabled) == (True, ["search", "export"])
    assert told.connection != plain.connection


def test_what_can_not_be_approved_from_a_cell_is_told_beforehand() -> None:
    kernel = Caller(LOCAL, "kernel", KernelId("here"))
    settings = MLChat(environment={}, env_file="/nowhere", allow_kernel_approval=True)
    person, cell = hello(settings, Caller(LOCAL)), hello(settings, kernel)
    assert (person.unapproved, person.lasting) == ([], True)
    assert (cell.unapproved, cell.lasting) == (["disclose"], False)
    settings.allow_kernel_approval = False
    assert hello(settings, kernel).unapproved == list(DEFAULTS)
