"""How experts hear of a request: a real receiver of webhooks, a real mail server, and both of them down."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from chat.house import House, new_id
from server.certificate import certificate_in

from jupyter_mlchat.chat.notify.mail import Mail
from jupyter_mlchat.chat.notify.notification import Channel, NotDelivered, Notification
from jupyter_mlchat.chat.notify.notifier import Notifier, channels_of
from jupyter_mlchat.chat.notify.webhook import Webhook
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.llm.keys import is_key
from jupyter_mlchat.observe.records import HelpRecord, Record
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.records import ConversationId
from jupyter_mlchat.settings import MLChat

SECRET = "a shared secret"
EVE = Caller("eve", roles=frozenset({"expert"}))
TOLD = Notification(
    id="r1",
    kind="requested",
    time=1.0,
    conversation=ConversationId("c1"),
    owner="ada",
    mode="expert",
    queue=1,
)


@dataclass
class Receiver:
    """Answers posts with the statuses that a test scripts, then with 204."""

    statuses: list[int] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def start(self) -> ThreadingHTTPServer:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/hook"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    server = made.start()
    yield made
    server.shutdown()
    server.server_close()


class Postbox:
    """The handler of a mail server: keeps what comes, or answers with `refusal`."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.envelopes: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.refusal = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusal:
            return self.refusal
        self.envelopes.append(envelope)
        self.mails.append(message_from_bytes(envelope.content or b""))  # type: ignore[arg-type]
        return "250 Taken"

    def __call__(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    box, port = Postbox(), free_port()
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=box, auth_require_tls=False, auth_required=False
    )
    controller.start()
    yield box, port
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(what: Callable[[], Any], seconds: float = 10) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.02)
    return found


def mail(port: int, **fields: Any) -> Mail:
    return Mail(
        **{
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "sender": "chat@example.org",
            "to": ("eve@example.org", "fay@example.org"),
            **fields,
        }
    )


async def settled_by(
    channel: Channel, told: Notification = TOLD, delays: tuple[float, ...] = (0.02, 0.02)
) -> list[str]:
    """Which channels were given up."""
    done: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    async def settled(notification: Notification, silent: list[str]) -> None:
        done.set_result(silent)

    notifier = Notifier([channel], settled, logging.getLogger("test"), delays)
    notifier.send(told)
    try:
        return await asyncio.wait_for(done, 10)
    finally:
        await notifier.close()


async def asked(house: House, text: str = "my secret trouble") -> ConversationId:
    opened = await house.send(c.ConversationOpen(id=new_id(), new=True))
    await house.send(c.ExpertRequest(id=new_id(), conversation=opened.conversation, text=text))
    return opened.conversation


# -- webhooks --------------------------------------------------------------------------------------------------


async def test_a_request_is_posted_signed_and_without_what_was_written(tmp_path: Path, receiver: Receiver) -> None:
    environment = {"MLCHAT_WEBHOOK_SECRET": SECRET}
    house = House(tmp_path, experts=["eve"], notify_webhook=receiver.url, environment=environment)
    await house.open()
    try:
        where = await asked(house)
        await until(lambda: receiver.posts)
        headers, body = receiver.posts[0]
        signed = hmac.new(SECRET.encode(), headers["x-mlchat-timestamp"].encode() + b"." + body, "sha256").hexdigest()
        assert headers["x-mlchat-signature"] == f"sha256={signed}"
        assert abs(time.time() - int(headers["x-mlchat-timestamp"])) < 30
        told = json.loads(body)
        assert (told["kind"], told["conversation"], told["owner"], told["queue"]) == ("requested", where, "me", 1)
        assert (told["title"], told["note"]) == ("", "")
        assert b"secret trouble" not in body
        await house.send(c.ExpertClaim(id=new_id(), conversation=where), EVE)
        await house.send(c.ExpertRelease(id=new_id(), conversation=where), EVE)
        await until(lambda: len(receiver.posts) == 2)
        again = json.loads(receiver.posts[1][1])
        assert (again["kind"], again["id"]) == ("returned", told["id"])
    finally:
        await house.close()


async def test_the_note_is_told_where_the_administrator_lets_it(tmp_path: Path, receiver: Receiver) -> None:
    environment = {"MLCHAT_WEBHOOK_SECRET": SECRET}
    house = House(tmp_path, experts=["eve"], notify_webhook=receiver.url, environment=environment, notify_content=True)
    await house.open()
    try:
        await asked(house, "it diverges")
        await until(lambda: receiver.posts)
        assert json.loads(receiver.posts[0][1])["note"] == "it diverges"
    finally:
        await house.close()


async def test_a_receiver_that_fails_is_tried_again_with_the_same_id(receiver: Receiver) -> None:
    receiver.statuses = [503, 429]
    assert await settled_by(Webhook(receiver.url, SECRET)) == []
    assert {json.loads(body)["id"] for _, body in receiver.posts} == {"r1"}
    assert len(receiver.posts) == 3


@pytest.mark.parametrize(("status", "posts"), [(404, 1), (307, 1), (500, 3)])
async def test_what_will_not_work_is_given_up(receiver: Receiver, status: int, posts: int) -> None:
    receiver.statuses = [status] * 5
    assert await settled_by(Webhook(receiver.url, SECRET)) == ["webhook"]
    assert len(receiver.posts) == posts


async def test_while_the_receiver_is_down_the_request_stays_and_who_asked_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_mlchat.chat.notify.notifier.Notifier.__init__.__defaults__", ((0.05,),))
    told: list[Record] = []
    environment = {"MLCHAT_WEBHOOK_SECRET": SECRET}
    down = f"http://127.0.0.1:{free_port()}/hook"
    house = House(tmp_path, experts=["eve"], notify_webhook=down, environment=environment)
    house.takers.append(told.append)
    await house.open()
    try:
        began = time.monotonic()
        where = await asked(house)
        assert time.monotonic() - began < 5, "nobody waits for the receiver"
        await until(lambda: [r for r in told if isinstance(r, HelpRecord) and r.action == "not_told"])
        notices: list[e.Notice] = []
        for _ in range(100):
            notices = [event for event in await house.events(where) if isinstance(event, e.Notice)]
            if notices:
                break
            await asyncio.sleep(0.02)
        assert [notice.text for notice in notices] == [
            "The experts could not be told by webhook. The request stays in their queue."
        ]
        [request] = await house.service.people.queue(EVE)
        assert request.conversation == where
    finally:
        await house.close()


async def test_receivers_that_hang_hold_up_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        settings = {"notify_webhook": where, "environment": {"MLCHAT_WEBHOOK_SECRET": SECRET}}
        house = await House(tmp_path, experts=["eve"], rate_limit=0, **settings).open()
        try:
            for _ in range(8):
                conversation = await asked(house)
            await asyncio.wait_for(asyncio.to_thread(time.sleep, 0), 5)
            await house.send(c.ModeChange(id=new_id(), conversation=conversation, mode="assistant"))
            await house.settle(await house.call("add", a=1))
        finally:
            began = time.monotonic()
            await house.close()
            assert time.monotonic() - began < 5


async def test_what_was_not_told_before_the_service_ended_is_told_by_the_next(
    tmp_path: Path, receiver: Receiver
) -> None:
    environment = {"MLCHAT_WEBHOOK_SECRET": SECRET}
    settings = {"experts": ["eve"], "environment": environment}
    down = f"http://127.0.0.1:{free_port()}/hook"
    before = await House(tmp_path, notify_webhook=down, **settings).open()
    where = await asked(before)
    await before.close()
    after = await House(tmp_path, notify_webhook=receiver.url, **settings).open()
    try:
        await until(lambda: receiver.posts)
        assert json.loads(receiver.posts[0][1])["conversation"] == where
    finally:
        await after.close()


def test_nothing_leaves_unsigned_and_only_by_http(caplog: pytest.LogCaptureFixture) -> None:
    def channels(**settings: Any) -> list[Channel]:
        return channels_of(MLChat(env_file="", **settings), logging.getLogger("test"))

    secret = {"MLCHAT_WEBHOOK_SECRET": SECRET}
    assert channels(notify_webhook="http://127.0.0.1/", environment={}) == []
    assert "MLCHAT_WEBHOOK_SECRET" in caplog.text
    assert channels(notify_webhook="file:///etc/passwd", environment=secret) == []
    assert "not an http" in caplog.text
    assert channels(notify_mail_to=["eve@example.org"], environment={}) == []
    assert "`smtp_host`" in caplog.text
    assert [one.name for one in channels(notify_webhook="https://127.0.0.1/", environment=secret)] == ["webhook"]
    assert SECRET not in caplog.text
    assert is_key("MLCHAT_WEBHOOK_SECRET") and is_key("MLCHAT_SMTP_PASSWORD"), "no kernel has to know them"


# -- mail ------------------------------------------------------------------------------------------------------


async def test_a_request_is_mailed_to_all_experts(tmp_path: Path, postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    house = House(
        tmp_path,
        experts=["eve"],
        notify_mail_to=["eve@example.org", "fay@example.org"],
        mail_from="chat@example.org",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
    )
    await house.open()
    try:
        where = await asked(house)
        await until(lambda: box.mails)
        assert box.envelopes[0].rcpt_tos == ["eve@example.org", "fay@example.org"]
        received = box.mails[0]
        assert (received["From"], received["Subject"]) == ("chat@example.org", "Somebody asks for an expert")
        text = str(received.get_payload())
        assert where in text and "secret trouble" not in text
    finally:
        await house.close()


async def test_names_make_no_headers(postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    evil = Notification(
        **{
            **{name: getattr(TOLD, name) for name in TOLD.__struct_fields__},
            "kind": "assigned",
            "expert": "eve\r\nBcc: all@example.org",
            "owner": "ada\r\nX-Evil: yes",
            "note": "Grüße",
        }
    )
    assert await settled_by(mail(port), evil) == []
    received = box.mails[0]
    assert (received["Bcc"], received["X-Evil"]) == (None, None)
    assert box.envelopes[0].rcpt_tos == ["eve@example.org", "fay@example.org"]
    assert "Grüße" in received.get_payload(decode=True).decode()  # type: ignore[union-attr]


async def test_a_mail_server_that_wants_a_login_gets_it(postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    assert await settled_by(mail(port, user="chat", password="right")) == []
    assert await settled_by(mail(port, user="chat", password="wrong")) == ["mail"]
    assert (box.logins[0], set(box.logins[1:])) == ((b"chat", b"right"), {(b"chat", b"wrong")})


@pytest.mark.parametrize(("refusal", "again"), [("451 Later", True), ("550 Never", False)])
def test_what_a_mail_server_says_decides_whether_it_is_tried_again(
    postbox: tuple[Postbox, int], refusal: str, again: bool
) -> None:
    box, port = postbox
    box.refusal = refusal
    with pytest.raises(NotDelivered) as caught:
        mail(port).send(TOLD)
    assert caught.value.again is again
    assert refusal[:3] in str(caught.value)


@pytest.mark.parametrize(
    ("security", "again"), [("starttls", False), ("tls", True)], ids=["no STARTTLS offered", "no TLS spoken"]
)
def test_no_mail_goes_over_a_line_that_is_not_secured_as_asked(
    postbox: tuple[Postbox, int], security: str, again: bool
) -> None:
    box, port = postbox
    with pytest.raises(NotDelivered) as caught:
        mail(port, security=security).send(TOLD)
    assert caught.value.again is again
    assert box.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_over_tls_only_a_certificate_that_is_trusted_will_do(
    security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = certificate_in(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    secured = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **secured)
    if security == "tls":
        # Its own trial connection would speak with a server's context.
        trusting = ssl.create_default_context(cafile=str(certificate))

        def trial() -> None:
            with socket.create_connection(("127.0.0.1", port)) as line:
                trusting.wrap_socket(line, server_hostname="127.0.0.1").close()

        monkeypatch.setattr(controller, "_trigger_server", trial)
    controller.start()
    try:
        with pytest.raises(NotDelivered, match="certificate") as caught:
            mail(port, security=security).send(TOLD)
        assert not caught.value.again
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        mail(port, security=security).send(TOLD)
    finally:
        controller.stop()
    assert len(box.mails) == 1


def test_a_mail_server_that_is_down_is_tried_again() -> None:
    with pytest.raises(NotDelivered) as caught:
        mail(free_port()).send(TOLD)
    assert caught.value.again
