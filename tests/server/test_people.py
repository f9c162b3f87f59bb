"""Several people on one real server: an identity provider's names and groups, the authorizer, REST and sockets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User

ALICE, EVE, FAY, BOSS = ({"X-User": name, "Authorization": ""} for name in ("alice", "eve", "fay", "boss"))
GROUPS = {"fay": ("helpers",), "boss": ("staff",)}


@dataclass
class Member(User):
    groups: tuple[str, ...] = ()


class Names(IdentityProvider):
    """Users are whoever the header says, in the groups that are known of them."""

    def get_user(self, handler):
        name = handler.request.headers.get("X-User", "")
        return Member(username=name, groups=GROUPS.get(name, ())) if name else None


@pytest.fixture
def mlchat() -> dict[str, Any]:
    return {"experts": ["eve", "@helpers"], "admins": ["@staff"]}


@pytest.fixture
def jp_server_config(jp_server_config):
    # Names in a header come with no cookie that a foreign page could use.
    jp_server_config["ServerApp"] |= {"identity_provider_class": Names, "disable_check_xsrf": True}
    return jp_server_config


async def begun(api: Any, **fields: Any) -> str:
    """A conversation of Alice's that has asked for a person."""
    made = await api("post", "conversations", {}, headers=ALICE)
    where = f"conversations/{made.body['id']}"
    assert (await api("post", f"{where}/request", fields, headers=ALICE)).status == 200
    return where


async def test_over_rest_from_the_request_to_the_way_back(api):
    where = await begun(api, text="it diverges")
    waits = await api("post", f"{where}/turns", {"text": "why?"}, headers=ALICE, wait=1)
    assert (waits.body["state"], waits.body["events"][-1]["waits_for"]) == ("waiting", "person")
    stands = await api("get", f"turns/{waits.body['turn']}", headers=ALICE)
    assert (stands.body["state"], stands.body["waits_for"]) == ("waiting", "person")
    [request] = (await api("get", "experts/queue", headers=EVE)).body["requests"]
    assert (request["owner"], request["note"], request["waiting"]) == ("alice", "it diverges", 1)
    assert (await api("get", f"{where}/events", headers=EVE)).status == 200
    assert (await api("post", f"{where}/claim", headers=EVE)).status == 200
    taken = await api("post", f"{where}/claim", headers=FAY)
    assert (taken.status, taken.body["fault"]["message"]) == (409, "`eve` has taken this request.")
    assert (await api("get", f"{where}/events", headers=FAY)).fault == "not_found"
    assert (await api("post", f"{where}/say", {"text": "Scale it."}, headers=EVE)).status == 200
    answered = await api("get", f"turns/{waits.body['turn']}", headers=ALICE)
    assert answered.body["state"] == "completed"
    assert (await api("get", where, headers=ALICE)).body["mode"] == "expert"
    assert (await api("post", f"{where}/mode", {"mode": "assistant"}, headers=EVE)).status == 200
    assert (await api("get", where, headers=EVE)).fault == "not_found"
    closed = await api("post", f"{where}/say", {"text": "Bye."}, headers=EVE)
    assert (closed.status, closed.body["fault"]["message"]) == (409, "This request is closed.")
    back = await api("post", f"{where}/turns", {"text": "what can you do?"}, headers=ALICE, wait=1)
    assert back.body["state"] == "completed"
    assert "mode" not in (await api("get", where, headers=ALICE)).body


async def test_over_sockets_people_hear_each_other_as_it_happens(api, connect):
    where = await begun(api)
    identity = where.removeprefix("conversations/")
    alice = await connect(headers=ALICE, conversation=identity)
    hello = await alice.next()
    assert (hello["experts"], hello.get("roles", [])) == (True, [])
    eve = await connect(headers=EVE)
    assert (await eve.next())["roles"] == ["expert"]
    await eve.send("expert.claim", conversation=identity)
    await eve.send("resume", conversation=identity, after=0)
    await eve.until("mode.changed")
    heard = await alice.until("presence")
    assert [(x["who"], x["state"]) for x in heard if x["type"] == "presence"] == [("eve", "online")]
    assert [x.get("expert", "") for x in heard if x["type"] == "mode.changed"] == ["", "eve"]
    await eve.send("presence.set", conversation=identity, state="typing")
    assert (await alice.until("presence"))[-1]["state"] == "typing"
    await alice.send("turn.start", conversation=identity, text="why?")
    asked = (await eve.until("turn.waiting"))[-2]
    assert (asked["type"], asked["text"]) == ("message", "why?")
    await eve.send("expert.say", conversation=identity, text="Because.")
    said = await alice.until("turn.ended")
    assert [(x["author"], x["text"]) for x in said if x["type"] == "message" and "author" in x] == [("eve", "Because.")]
    eve.connection.close()
    assert (await alice.until("presence"))[-1]["state"] == "away"
    await alice.send("mode.change", conversation=identity, mode="assistant")
    assert (await alice.until("mode.changed"))[-1]["why"] == "ended"
    await alice.send("turn.start", conversation=identity, text="what can you do?")
    assert (await alice.until("turn.ended"))[-1]["answered_by"].startswith("the built-in engine")


async def test_roles_come_of_names_and_groups(api):
    where = await begun(api)
    for who, status in ((ALICE, 403), (EVE, 200), (FAY, 200), (BOSS, 200)):
        assert (await api("get", "experts/queue", headers=who)).status == status
    assert (await api("post", f"{where}/claim", {"expert": "eve"}, headers=FAY)).fault == "forbidden"
    assert (await api("post", f"{where}/claim", {"expert": "eve"}, headers=BOSS)).status == 200
    assert (await api("post", f"{where}/say", {"text": "Assigned, I come."}, headers=EVE)).status == 200
    assert (await api("post", f"{where}/mode", {"mode": "assistant"}, headers=FAY)).fault == "not_found"
    assert (await api("post", f"{where}/release", headers=BOSS)).status == 200


class NoExperts(Authorizer):
    """Everything but one right of one person."""

    asked: list[tuple[str, str, str]] = []

    def is_authorized(self, handler, user, action, resource):
        self.asked.append((user.username, action, resource))
        return not (user.username == "eve" and action == "expert")


async def test_the_servers_authorizer_may_take_a_role_away(api, connect, jp_serverapp):
    authorizer = jp_serverapp.web_app.settings["authorizer"] = NoExperts(parent=jp_serverapp)
    assert (await api("get", "experts/queue", headers=EVE)).fault == "forbidden"
    assert (await api("get", "experts/queue", headers=FAY)).status == 200
    assert {("eve", "expert", "mlchat"), ("fay", "expert", "mlchat")} <= set(authorizer.asked)
    assert "roles" not in await (await connect(headers=EVE)).next()


async def test_who_watches_the_servers_events_sees_the_audit(api, jp_serverapp):
    heard: list[tuple[str, dict[str, Any]]] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        heard.append((schema_id.split("/")[-2], data))

    for schema in ("access", "help"):
        identity = f"https://events.jupyter.org/jupyter_mlchat/{schema}/v1"
        jp_serverapp.event_logger.add_listener(schema_id=identity, listener=listen)
    where = await begun(api, text="my secret trouble")
    await api("post", f"{where}/claim", headers=EVE)
    await api("post", f"{where}/claim", headers=FAY)
    for _ in range(100):
        if len(heard) >= 4:
            break
        await asyncio.sleep(0.02)
    identity = where.removeprefix("conversations/")
    told = [(name, x.get("action"), x["actor"], x.get("fault", "")) for name, x in heard]
    assert sorted(told) == [
        ("access", "expert.claim", "eve", ""),
        ("access", "expert.claim", "fay", "conflict"),
        ("help", "claimed", "eve", ""),
        ("help", "requested", "alice", ""),
    ]
    assert {x["conversation"] for _, x in heard} == {identity}
    assert "secret" not in str(heard)


class TestWhereNoExpertIsNamed:
    @pytest.fixture
    def mlchat(self) -> dict[str, Any]:
        return {}

    async def test_nothing_of_it_is_there(self, api, connect):
        assert (await api("get", "health", headers=ALICE)).body["experts"] is False
        assert "experts" not in await (await connect(headers=ALICE)).next()
        made = await api("post", "conversations", {}, headers=ALICE)
        where = f"conversations/{made.body['id']}"
        for action, body in (
            ("mode", {"mode": "expert"}),
            ("request", {}),
            ("claim", {}),
            ("release", {}),
            ("say", {"text": "x"}),
            ("presence", {"state": "typing"}),
        ):
            answer = await api("post", f"{where}/{action}", body, headers=ALICE)
            assert (answer.status, answer.fault) == (422, "unsupported"), action
        assert (await api("get", "experts/queue", headers=EVE)).fault == "unsupported"
        assert (await api("get", where, headers=EVE)).fault == "not_found"


async def test_in_a_notebook_a_cell_asks_for_a_person_and_does_not_wait(api, open_notebook):
    notebook = await open_notebook(code="%load_ext jupyter_mlchat", **ALICE)

    async def shown(code: str) -> str:
        done = await notebook.run(code)
        assert done["status"] == "ok", done
        return done["shown"][-1]["text/plain"]

    assert "A person was asked for" in await shown("%chat expert it diverges")
    assert "A person will answer this" in await shown("%chat ask why?")
    [request] = (await api("get", "experts/queue", headers=EVE)).body["requests"]
    assert (request["owner"], request["note"], request["waiting"]) == ("alice", "it diverges", 1)
    where = f"conversations/{request['conversation']}"
    await api("post", f"{where}/claim", headers=EVE)
    await api("post", f"{where}/say", {"text": "Scale the columns."}, headers=EVE)
    again = "from jupyter_mlchat import Chat\nchat = Chat()\nreply = chat.ask('and why not?')\ndisplay(reply)"
    assert "A person will answer this" in await shown(again)
    assert "eve: Scale the columns." in await shown("display(chat.history[0])")
    assert "The assistant answers" in await shown("%chat assistant")
    assert "models" in await shown("%chat ask what can you do?")
    assert "A person will answer this" in await shown("display(Chat(mode='direct').ask('hello?'))")
    refused = "try:\n    chat.change_mode('nonsense')\nexcept ValueError as error:\n    display(str(error))"
    assert "mode" in await shown(refused)


async def test_an_expert_opens_what_has_asked_for_a_person_and_nothing_else(api, connect):
    where = (await begun(api)).removeprefix("conversations/")
    own = (await api("post", "conversations", {}, headers=ALICE)).body["id"]
    eve = await connect(headers=EVE)
    await eve.send("conversation.open", conversation=where)
    assert [x["why"] for x in await eve.until("mode.changed") if x["type"] == "mode.changed"] == ["requested"]
    await eve.send("conversation.open", conversation=own)
    assert (await eve.until("fault"))[-1]["fault"]["code"] == "not_found"


async def test_somebody_called_local_is_not_the_one_person_of_a_server_without_names(api):
    local, at = ({"X-User": name, "Authorization": ""} for name in ("local", "@local"))
    owner = (await api("post", "conversations", {}, headers=local)).body
    assert owner["owner"] == "@local"
    assert (await api("get", f"conversations/{owner['id']}", headers=at)).fault == "not_found"
    assert (await api("get", "reviews", headers=local)).fault == "forbidden"
