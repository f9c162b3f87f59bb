"""What a front end is told first."""

from __future__ import annotations

from jupyter_mlchat.guard.access import LOCAL, Caller
from jupyter_mlchat.guard.greeting import hello
from jupyter_mlchat.settings import MLChat


def test_a_panel_hears_what_is_switched_off_and_whether_people_answer() -> None:
    plain = hello(MLChat(environment={}, env_file="/nowhere"), Caller(LOCAL))
    assert (plain.principal, plain.experts, plain.disabled) == (LOCAL, False, [])
    settings = MLChat(environment={}, env_file="/nowhere", disabled_features=["search", "export"], experts=["eve"])
    told = hello(settings, Caller(LOCAL))
    assert (told.experts, told.disabled) == (True, ["search", "export"])
    assert told.connection != plain.connection
