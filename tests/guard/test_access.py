"""Who may do what."""

from __future__ import annotations

import pytest

from jupyter_mlchat.guard.access import (
    DEFAULTS,
    Caller,
    admin_levels,
    changed_levels,
    check_approver,
    check_owner,
    decide,
)
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import KernelId

HERE, ELSEWHERE = KernelId("here"), KernelId("elsewhere")


@pytest.mark.parametrize(
    ("effect", "levels", "decision"),
    [
        ("read", [], "allow"),
        ("predict", [], "allow"),
        ("write", [], "ask"),
        ("disclose", [{}], "ask"),
        ("execute", [{"write": "allow"}], "ask"),
        ("write", [{"write": "allow"}], "allow"),
        ("write", [{"write": "allow"}, {"write": "ask"}], "ask"),
        ("write", [{"write": "deny"}, {"write": "allow"}], "deny"),
        ("read", [{"read": "deny"}], "deny"),
    ],
)
def test_the_strictest_level_that_speaks_decides(effect, levels, decision) -> None:
    assert decide(effect, levels) == decision


def test_an_empty_list_of_permitted_effects_permits_all() -> None:
    assert admin_levels([]) == {}
    denied = admin_levels(["read", "predict"])
    assert denied == {"write": "deny", "disclose": "deny", "execute": "deny"}
    assert all(decide(effect, [denied]) == "deny" for effect in set(DEFAULTS) - {"read", "predict"})


def test_a_foreign_conversation_does_not_exist() -> None:
    check_owner("a", Caller("a"))
    with pytest.raises(Fault) as caught:
        check_owner("a", Caller("b"))
    assert caught.value.code is Code.NOT_FOUND


@pytest.mark.parametrize(
    ("caller", "effect", "allow_kernel", "allowed"),
    [
        (Caller("a"), "disclose", False, True),
        (Caller("a", "kernel", HERE), "write", True, True),
        (Caller("a", "kernel", HERE), "write", False, False),
        (Caller("a", "kernel", HERE), "disclose", True, False),
        (Caller("a", "kernel", ELSEWHERE), "write", True, False),
    ],
)
def test_a_cell_approves_only_effects_on_its_own_kernel(caller, effect, allow_kernel, allowed) -> None:
    if allowed:
        check_approver(caller, effect, HERE, allow_kernel)
    else:
        with pytest.raises(Fault) as caught:
            check_approver(caller, effect, HERE, allow_kernel)
        assert caught.value.code is Code.FORBIDDEN


@pytest.mark.parametrize(
    ("now", "changes", "after"),
    [
        ({"write": "allow", "read": "deny"}, {"write": None}, {"read": "deny"}),
        ({"write": "allow"}, {"write": "ask", "execute": "deny"}, {"write": "ask", "execute": "deny"}),
        ({"execute": "deny"}, {"execute": None}, {}),
    ],
)
def test_what_was_decided_about_effects_is_taken_back_or_tightened(now, changes, after) -> None:
    assert changed_levels(now, changes, Caller("a")) == after


@pytest.mark.parametrize("changes", [{"write": "allow"}, {"burn": "deny"}, {"write": 1}, {"write": ["ask"]}])
def test_only_an_approval_allows(changes) -> None:
    with pytest.raises(Fault, match="`levels` can't be that"):
        changed_levels({}, changes, Caller("a"))


def test_code_in_a_kernel_loosens_nothing_that_was_decided() -> None:
    code = Caller("a", "kernel", HERE)
    assert changed_levels({"write": "allow"}, {"write": None, "execute": "deny"}, code) == {"execute": "deny"}
    for now, changes in (({"execute": "deny"}, {"execute": "ask"}), ({"read": "ask"}, {"read": None})):
        with pytest.raises(Fault) as caught:
            changed_levels(now, changes, code)
        assert caught.value.code is Code.FORBIDDEN
