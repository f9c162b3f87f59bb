"""Notifications as e-mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from .notification import NotDelivered, Notification

TIMEOUT_S = 10.0
SUBJECTS = {
    "requested": "Somebody asks for an expert",
    "returned": "A request waits for an expert again",
    "assigned": "A request was assigned to {expert}",
}


@dataclass(frozen=True)
class Mail:
    """One mail to all of `to`. Certificates are checked against the machine's own authorities."""

    host: str
    port: int
    security: str
    """starttls, tls or none."""
    sender: str
    to: Sequence[str]
    user: str = ""
    password: str = ""

    @property
    def name(self) -> str:
        return "mail"

    def send(self, notification: Notification) -> None:
        try:
            with self._connected() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(self._message(notification))
        except smtplib.SMTPRecipientsRefused:
            raise NotDelivered("the mail server takes none of the addresses", again=False) from None
        except smtplib.SMTPResponseException as error:
            permanent = 500 <= error.smtp_code < 600
            raise NotDelivered(f"the mail server answered {error.smtp_code}", again=not permanent) from None
        except smtplib.SMTPNotSupportedError:
            raise NotDelivered("the mail server lacks what the settings ask for", again=False) from None
        except ssl.SSLCertVerificationError:
            raise NotDelivered("the mail server's certificate is not to be trusted", again=False) from None
        except OSError as error:
            raise NotDelivered(f"the mail server can't be reached ({type(error).__name__})", again=True) from None

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)

    def _message(self, told: Notification) -> EmailMessage:
        message = EmailMessage()
        # A header of several lines would be headers of its own; names come from elsewhere.
        message["Subject"] = " ".join(SUBJECTS[told.kind].format(expert=told.expert).split())
        message["From"], message["To"] = self.sender, ", ".join(self.to)
        message["Date"], message["Message-ID"] = formatdate(told.time), make_msgid(domain="jupyter-mlchat")
        lines = [
            f"From: {told.owner}",
            f"Conversation: {told.conversation}",
            f"Requests that wait: {told.queue}",
            *([f"Title: {told.title}"] if told.title else []),
            *(["", told.note] if told.note else []),
        ]
        message.set_content("\n".join(lines) + "\n")
        return message
