"""Notifications on their way: each channel for itself, again after a while where it failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ...settings import MLChat
from .mail import Mail
from .notification import Channel, NotDelivered, Notification
from .webhook import Webhook

DELAYS_S = (1.0, 5.0, 25.0, 120.0, 600.0)
"""How long it is waited before each further try."""
THREADS = 4


class Notifier:
    """`settled` hears of each notification, once, by which channels it could not be told. Lives in one event loop."""

    def __init__(
        self,
        channels: Sequence[Channel],
        settled: Callable[[Notification, list[str]], Awaitable[None]],
        log: logging.Logger,
        delays: Sequence[float] = DELAYS_S,
    ) -> None:
        self._channels, self._settled, self._log, self._delays = channels, settled, log, delays
        self._tasks: set[asyncio.Task[None]] = set()
        # Of its own: receivers that hang must not take the threads that answers need.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mlchat-notify")

    def send(self, notification: Notification) -> None:
        """Waits for nothing."""
        task = asyncio.ensure_future(self._send(notification))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """What was not told by now is told when the service opens again."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _send(self, notification: Notification) -> None:
        heard = await asyncio.gather(*(self._deliver(channel, notification) for channel in self._channels))
        await self._settled(notification, [c.name for c, ok in zip(self._channels, heard, strict=True) if not ok])

    async def _deliver(self, channel: Channel, notification: Notification) -> bool:
        for delay in (*self._delays, None):
            try:
                await asyncio.get_running_loop().run_in_executor(self._threads, channel.send, notification)
                return True
            except NotDelivered as trouble:
                last = delay is None or not trouble.again
                self._log.log(
                    logging.WARNING if last else logging.INFO,
                    "mlchat: experts were not told by %s: %s%s",
                    channel.name,
                    trouble,
                    "; given up" if last else f"; again in {delay:g} s",
                )
                if delay is None or not trouble.again:
                    break
                await asyncio.sleep(delay)
            except Exception as error:
                self._log.warning("mlchat: experts were not told by %s: %s", channel.name, type(error).__name__)
                break
        return False


def channels_of(settings: MLChat, log: logging.Logger) -> list[Channel]:
    """Those that are configured. One that can't work is left out, and the log says why."""
    channels: list[Channel] = []
    if settings.notify_webhook:
        secret = settings.variable("MLCHAT_WEBHOOK_SECRET")
        try:
            if not secret:
                raise ValueError("`notify_webhook` needs the variable MLCHAT_WEBHOOK_SECRET: nothing leaves unsigned.")
            channels.append(Webhook(settings.notify_webhook, secret))
        except ValueError as error:
            log.warning("mlchat: experts are not told by webhook: %s", error)
    if settings.notify_mail_to:
        if settings.smtp_host and settings.mail_from:
            channels.append(
                Mail(
                    settings.smtp_host,
                    settings.smtp_port,
                    settings.smtp_security,
                    settings.mail_from,
                    tuple(settings.notify_mail_to),
                    settings.smtp_user,
                    settings.variable("MLCHAT_SMTP_PASSWORD"),
                )
            )
        else:
            log.warning("mlchat: experts are not told by mail: `smtp_host` and `mail_from` are not both set.")
    return channels
