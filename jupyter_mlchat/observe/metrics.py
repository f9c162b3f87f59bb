"""Figures for Prometheus, at the address that Jupyter's own are read from. Ids and names of people are in none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, Metric

from .labels import Capped, Known
from .records import (
    CommandRefused,
    ConnectionRecord,
    Evaluated,
    EventStored,
    FirstWord,
    HelpRecord,
    LlmFailed,
    LlmUsed,
    MessageTaken,
    Record,
    SentRecord,
    SteppedIn,
    ToolRecord,
    TurnRecord,
    UploadRecord,
)

QUICK = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)
USUAL = (0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
LONG = (1, 10, 60, 600, 3_600, 6 * 3_600, 24 * 3_600)


class Metrics:
    """Takes records, in any thread; a collector of `prometheus_client`, with a registry of its own."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        self._tool, self._prompt = Known(()), Known(())
        self._llm, self._provider, self._check = Capped(), Capped(), Capped()

        self._open = Gauge("mlchat_connections", "Open connections of front ends.", registry=own)
        self._stayed = Histogram(
            "mlchat_connection_seconds", "How long connections were open.", registry=own, buckets=LONG
        )
        self._closed = Counter(
            "mlchat_connections_closed", "Connections that ended or were refused, by why.", ["reason"], registry=own
        )
        self._messages = Counter("mlchat_messages", "Messages that were taken.", ["kind"], registry=own)
        self._refused = Counter("mlchat_refusals", "Commands that were not taken, by fault.", ["fault"], registry=own)
        self._turns = Counter("mlchat_turns", "Turns that have ended.", ["state", "llm"], registry=own)
        self._took = Histogram("mlchat_turn_seconds", "How long attempts took.", ["llm"], registry=own, buckets=USUAL)
        self._spoke = Histogram(
            "mlchat_first_word_seconds", "Until the first word of an answer.", ["llm"], registry=own, buckets=USUAL
        )
        self._tools = Histogram(
            "mlchat_tool_seconds", "How long tool calls took.", ["tool", "ok"], registry=own, buckets=USUAL
        )
        self._failed = Counter(
            "mlchat_llm_errors", "Calls of a provider that failed, by fault.", ["provider", "fault"], registry=own
        )
        self._stepped = Counter(
            "mlchat_failovers", "Times another llm stepped in, by who did.", ["provider"], registry=own
        )
        self._tokens = Counter("mlchat_tokens", "Tokens of llm calls.", ["llm", "kind"], registry=own)
        self._cost = Counter("mlchat_cost_usd", "US dollars of llm calls with a known price.", ["llm"], registry=own)
        self._unpriced = Counter("mlchat_unpriced_calls", "Llm calls of unknown price.", ["llm"], registry=own)
        self._sent = Counter("mlchat_sent_bytes", "Bytes that left for providers.", ["llm", "level"], registry=own)
        self._uploads = Counter("mlchat_uploads", "Files that came in or were refused.", ["action"], registry=own)
        self._received = Counter("mlchat_upload_bytes", "Bytes of files that came in.", registry=own)
        self._lag = Histogram(
            "mlchat_journal_lag_seconds", "From an event to its being stored and told.", registry=own, buckets=QUICK
        )
        self._evaluated = Counter(
            "mlchat_evaluations", "Checks of answers.", ["check", "outcome", "llm", "prompt"], registry=own
        )
        self._helped = Counter("mlchat_help", "What became of requests for a person.", ["action"], registry=own)
        self._queue = Gauge("mlchat_queue_turns", "Turns that run or wait for their turn.", ["state"], registry=own)
        self._degraded = Gauge("mlchat_degraded", "1 while a part is not as it should be.", ["part"], registry=own)
        self._takes: Mapping[type[Record], Callable[[Any], None]] = {
            ConnectionRecord: self._connection,
            MessageTaken: lambda r: self._messages.labels(r.kind).inc(),
            CommandRefused: lambda r: self._refused.labels(r.fault).inc(),
            TurnRecord: self._turn,
            FirstWord: lambda r: self._spoke.labels(self._llm(r.llm)).observe(r.elapsed_s),
            ToolRecord: self._tool_call,
            LlmUsed: self._used,
            LlmFailed: lambda r: self._failed.labels(self._provider_of(r.llm), r.fault).inc(),
            SteppedIn: lambda r: self._stepped.labels(self._provider_of(r.llm)).inc(),
            SentRecord: lambda r: self._sent.labels(self._llm(r.llm), r.level).inc(r.bytes),
            UploadRecord: self._upload,
            EventStored: lambda r: self._lag.observe(r.lag_s),
            Evaluated: self._check_of_an_answer,
            HelpRecord: lambda r: self._helped.labels(r.action).inc(),
        }

    def take(self, record: Record) -> None:
        takes = self._takes.get(type(record))
        if takes is not None:
            takes(record)

    def know(self, tools: Iterable[str], prompts: Iterable[str]) -> None:
        """The names of tools and prompts that may be labels as they are."""
        self._tool, self._prompt = Known(tools), Known(prompts)

    def watch_queue(self, line: Callable[[], tuple[int, int]]) -> None:
        """`line` says how many turns wait and how many run; asked when the figures are read."""
        self._queue.labels("queued").set_function(_quiet(lambda: line()[0]))
        self._queue.labels("active").set_function(_quiet(lambda: line()[1]))

    def watch_part(self, part: str, degraded: Callable[[], bool]) -> None:
        """Asked when the figures are read."""
        self._degraded.labels(part).set_function(_quiet(degraded))

    # -- the address ---------------------------------------------------------------------------------------

    def publish(self, registry: CollectorRegistry = REGISTRY) -> bool:
        """False where another server of this process has its figures there: names must be unique at one address."""
        try:
            registry.register(self)
        except ValueError:
            return False
        return True

    def withdraw(self, registry: CollectorRegistry = REGISTRY) -> None:
        """Take back what `publish` has done; nothing where it had not."""
        try:
            registry.unregister(self)
        except KeyError:
            return

    def collect(self) -> Iterable[Metric]:
        return self.registry.collect()

    describe = collect

    # -- records -------------------------------------------------------------------------------------------

    def _connection(self, record: ConnectionRecord) -> None:
        if record.action == "opened":
            self._open.inc()
            return
        self._closed.labels(record.reason or "left").inc()
        if record.action == "closed":
            self._open.dec()
            self._stayed.observe(record.elapsed_s)

    def _turn(self, record: TurnRecord) -> None:
        llm = self._llm(record.llm)
        if record.action == "ended":
            self._turns.labels(record.state or "failed", llm).inc()
        if record.action != "started" and record.elapsed_ms:
            self._took.labels(llm).observe(record.elapsed_ms / 1e3)

    def _tool_call(self, record: ToolRecord) -> None:
        ok = "true" if record.ok else "false"
        self._tools.labels(self._tool(record.tool), ok).observe(record.elapsed_ms / 1e3)

    def _used(self, record: LlmUsed) -> None:
        llm = self._llm(record.llm)
        self._tokens.labels(llm, "prompt").inc(record.prompt_tokens)
        self._tokens.labels(llm, "completion").inc(record.completion_tokens)
        if record.cost is None:
            self._unpriced.labels(llm).inc()
        else:
            self._cost.labels(llm).inc(max(0.0, record.cost))

    def _upload(self, record: UploadRecord) -> None:
        self._uploads.labels(record.action).inc()
        if record.action == "received":
            self._received.inc(record.bytes)

    def _check_of_an_answer(self, record: Evaluated) -> None:
        check, llm = self._check(record.check), self._llm(record.llm)
        prompt = self._prompt(record.prompt) if record.prompt else "none"
        self._evaluated.labels(check, record.outcome, llm, prompt).inc()

    def _provider_of(self, llm: str) -> str:
        return self._provider(llm.partition("/")[0])


def _quiet(read: Callable[[], float]) -> Callable[[], float]:
    """A reading that fails must not take the whole page of figures with it."""

    def value() -> float:
        try:
            return float(read())
        except Exception:
            return math.nan

    return value
