"""Figures for Prometheus."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from jupyter_mlchat.observe.labels import MOST
from jupyter_mlchat.observe.metrics import Metrics
from jupyter_mlchat.observe.records import (
    CommandRefused,
    ConnectionRecord,
    Evaluated,
    EventStored,
    FirstWord,
    LlmFailed,
    LlmUsed,
    MessageTaken,
    SentRecord,
    SettingsRecord,
    SteppedIn,
    ToolRecord,
    TurnRecord,
    UploadRecord,
)


def figures(metrics: Metrics) -> dict[str, float]:
    """Every sample that is not 0, as `name{label=value}`, without the buckets."""
    found = {}
    for family in text_string_to_metric_families(generate_latest(metrics.registry).decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            if sample.value and not sample.name.endswith(("_bucket", "_created")):
                found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


def test_every_record_becomes_a_figure() -> None:
    metrics = Metrics()
    metrics.know(["list_models"], ["teacher"])
    for record in (
        ConnectionRecord(action="opened", connection="1"),
        ConnectionRecord(action="opened", connection="2"),
        ConnectionRecord(action="closed", connection="1", reason="too_slow", elapsed_s=90),
        ConnectionRecord(action="refused", connection="3", reason="too_many"),
        MessageTaken(kind="question"),
        CommandRefused(fault="rate_limited"),
        TurnRecord(action="started", llm="openai/one"),
        TurnRecord(action="waiting", llm="openai/one", elapsed_ms=500),
        TurnRecord(action="ended", llm="openai/one", state="completed", elapsed_ms=1500),
        TurnRecord(action="ended", state="abandoned"),
        FirstWord(llm="openai/one", elapsed_s=0.5),
        ToolRecord(tool="list_models", effect="read", ok=True, elapsed_ms=20),
        ToolRecord(tool="tool_of_ann", effect="read", ok=False, elapsed_ms=10),
        LlmUsed(llm="openai/one", prompt_tokens=10, completion_tokens=2, cost=0.5),
        LlmUsed(llm="openai/one", prompt_tokens=1, completion_tokens=1),
        LlmFailed(llm="openai/one", fault="llm_quota"),
        SteppedIn(llm="builtin"),
        SentRecord(llm="openai/one", bytes=700, level="aggregates"),
        UploadRecord(action="received", bytes=64),
        UploadRecord(action="refused", fault="too_large"),
        EventStored(lag_s=0.25),
        Evaluated(check="grounded", outcome="failed", llm="openai/one", prompt="teacher"),
        Evaluated(check="grounded", outcome="passed", prompt="a prompt of Ann's"),
        SettingsRecord(locked=["llm"]),
    ):
        metrics.take(record)
    assert figures(metrics) == {
        "mlchat_connections": 1,
        "mlchat_connection_seconds_count": 1,
        "mlchat_connection_seconds_sum": 90,
        "mlchat_connections_closed_total{reason=too_slow}": 1,
        "mlchat_connections_closed_total{reason=too_many}": 1,
        "mlchat_messages_total{kind=question}": 1,
        "mlchat_refusals_total{fault=rate_limited}": 1,
        "mlchat_turns_total{llm=openai/one,state=completed}": 1,
        "mlchat_turns_total{llm=none,state=abandoned}": 1,
        "mlchat_turn_seconds_count{llm=openai/one}": 2,
        "mlchat_turn_seconds_sum{llm=openai/one}": 2,
        "mlchat_first_word_seconds_count{llm=openai/one}": 1,
        "mlchat_first_word_seconds_sum{llm=openai/one}": 0.5,
        "mlchat_tool_seconds_count{ok=true,tool=list_models}": 1,
        "mlchat_tool_seconds_sum{ok=true,tool=list_models}": 0.02,
        "mlchat_tool_seconds_count{ok=false,tool=other}": 1,
        "mlchat_tool_seconds_sum{ok=false,tool=other}": 0.01,
        "mlchat_tokens_total{kind=prompt,llm=openai/one}": 11,
        "mlchat_tokens_total{kind=completion,llm=openai/one}": 3,
        "mlchat_cost_usd_total{llm=openai/one}": 0.5,
        "mlchat_unpriced_calls_total{llm=openai/one}": 1,
        "mlchat_llm_errors_total{fault=llm_quota,provider=openai}": 1,
        "mlchat_failovers_total{provider=builtin}": 1,
        "mlchat_sent_bytes_total{level=aggregates,llm=openai/one}": 700,
        "mlchat_uploads_total{action=received}": 1,
        "mlchat_uploads_total{action=refused}": 1,
        "mlchat_upload_bytes_total": 64,
        "mlchat_journal_lag_seconds_count": 1,
        "mlchat_journal_lag_seconds_sum": 0.25,
        "mlchat_evaluations_total{check=grounded,llm=openai/one,outcome=failed,prompt=teacher}": 1,
        "mlchat_evaluations_total{check=grounded,llm=none,outcome=passed,prompt=other}": 1,
    }


def test_every_figure_is_in_the_page_for_operators_and_none_besides() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
    told = set(re.findall(r"^\| `(mlchat_\w+)` \|", page, re.M))
    assert told == {family.name for family in Metrics().collect()}


def test_no_number_of_names_makes_more_series() -> None:
    metrics = Metrics()
    for number in range(200):
        metrics.take(TurnRecord(action="ended", llm=f"openai/{number}", state="completed", elapsed_ms=1))
        metrics.take(ToolRecord(tool=f"tool_{number}", effect="read", ok=True, elapsed_ms=1))
        metrics.take(LlmFailed(llm=f"provider{number}/x", fault="llm_timeout"))
    found = figures(metrics)
    for name in ("mlchat_turns_total", "mlchat_llm_errors_total"):
        assert len([key for key in found if key.startswith(name)]) == MOST + 1
    assert found["mlchat_turns_total{llm=other,state=completed}"] == 200 - MOST
    assert found["mlchat_tool_seconds_count{ok=true,tool=other}"] == 200


def test_queue_and_parts_are_asked_when_somebody_looks_and_one_that_fails_breaks_nothing() -> None:
    metrics, line = Metrics(), [3, 1]

    def broken() -> bool:
        raise OSError("no")

    metrics.watch_queue(lambda: (line[0], line[1]))
    metrics.watch_part("queue", lambda: line[0] > 2)
    metrics.watch_part("store", broken)
    found = figures(metrics)
    assert found["mlchat_queue_turns{state=queued}"] == 3 and found["mlchat_queue_turns{state=active}"] == 1
    assert found["mlchat_degraded{part=queue}"] == 1
    assert found["mlchat_degraded{part=store}"] != found["mlchat_degraded{part=store}"]
    line[0] = 0
    assert "mlchat_degraded{part=queue}" not in figures(metrics)


def test_a_second_server_in_one_process_leaves_the_first_ones_figures_alone() -> None:
    address = CollectorRegistry(auto_describe=True)
    first, second = Metrics(), Metrics()
    assert first.publish(address)
    assert not second.publish(address)
    second.take(MessageTaken(kind="tool"))
    second.withdraw(address)
    text = generate_latest(address).decode()
    assert text.count("# TYPE mlchat_connections gauge") == 1 and 'kind="tool"' not in text
    first.withdraw(address)
    assert generate_latest(address) == b""
    assert second.publish(address)
    assert 'mlchat_messages_total{kind="tool"} 1.0' in generate_latest(address).decode()
