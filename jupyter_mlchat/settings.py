"""Every knob, in one place.

Precedence of a value: a traitlets setting (command line, `jupyter_mlchat_config.py`, `c.MLChat.x = ...`), then
the environment variable of that knob, then the same name in the file `env_file`, then the default here.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir
from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode, Union, default
from traitlets.config import Configurable

from .protocol.choices import LockName

FEATURES = ("upload", "mcp", "run_code", "compare", "export", "search", "feedback")
"""What `disabled_features` may name; what belongs to each is in `guard/features.py`."""


LOCKS: tuple[LockName, ...] = get_args(LockName)
"""What `lock_settings` may name."""


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; comments, `export ` and quotes as usual. A missing file is an empty one."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return {}
    found: dict[str, str] = {}
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip() and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("'\"")
    return found


class MLChat(Configurable):
    """Settings of jupyter_mlchat."""

    env_file = Unicode(help="File with the variables of this table. Never looked for in the working directory.").tag(
        config=True
    )
    keyring_service = Unicode(
        help="Keys also lie in the system's keyring, under this service and the names of their variables. "
        "Needs the package `keyring`; empty: it is not asked."
    ).tag(config=True)
    strip_keys_from_kernels = Bool(
        False, help="Start kernels without the keys of providers that are in the server's environment."
    ).tag(config=True)
    default_ai_provider = Unicode(
        help="Provider to prefer: openai, anthropic, huggingface, ollama, builtin. [DEFAULT_AI_PROVIDER]"
    ).tag(config=True)
    fallback_ai_provider = Unicode(
        help="Providers or llms, by commas, that step in when one fails before its first word. [FALLBACK_AI_PROVIDER]"
    ).tag(config=True)
    llm = Unicode(help="The llm, as provider/name. Empty: the first that is there. [LLM_DEFAULT_MODEL]").tag(
        config=True
    )
    llm_base_url = Unicode(help="An OpenAI-compatible server. [LLM_BASE_URL]").tag(config=True)
    ollama_base_url = Unicode(help="Where Ollama listens. [OLLAMA_BASE_URL]").tag(config=True)
    max_tokens = Integer(help="Most tokens of one answer. [AI_MAX_TOKENS]").tag(config=True)
    temperature = Float(help="How freely an llm words. [AI_TEMPERATURE]").tag(config=True)
    llm_timeout = Float(help="Seconds between two chunks of an answer. [LLM_TIMEOUT_SECONDS, then AI_TIMEOUT]").tag(
        config=True
    )
    local_first_chunk_timeout = Float(
        180.0, help="Seconds that a local llm may take to load before its first chunk."
    ).tag(config=True)
    allowed_llms = List(Unicode(), help="Patterns such as openai/*; empty allows all.").tag(config=True)
    vision_llms = List(
        Unicode(), help="Patterns of llms that see, such as openai/my-*, where their server does not say so."
    ).tag(config=True)
    blocked_llms = List(Unicode(), help="Patterns of llms that may not be used.").tag(config=True)

    route = Unicode(
        "agent", help="How questions are answered: agent, direct, builtin, auto, or external/NAME of `external_agents`."
    ).tag(config=True)
    prompt = Unicode(help="The prompt of conversations that chose none: analyst, teacher or terse.").tag(config=True)
    external_agents = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="Agents for the route `external`: names to OpenAI-compatible URLs. Its key: MLCHAT_AGENT_<NAME>_KEY.",
    ).tag(config=True)

    memory_enabled = Bool(help="Send earlier turns to the llm. [MEMORY_ENABLED]").tag(config=True)
    context_window = Integer(help="Turns sent to the llm. [CHAT_CONTEXT_WINDOW]").tag(config=True)
    max_history = Integer(help="Events of a conversation read for the llm; nothing is deleted. [CHAT_MAX_HISTORY]").tag(
        config=True
    )
    memory_summaries = Bool(
        False, help="Sum up earlier turns that are not sent any more, with the conversation's llm, and send that."
    ).tag(config=True)
    retention_days = Float(0.0, help="Days after which untouched conversations are deleted; 0: never.").tag(config=True)
    retention_conversations = Integer(
        0, help="Conversations of one person that are kept, the newest; 0: all of them."
    ).tag(config=True)
    undo_days = Float(7.0, help="Days for which a deleted conversation can be restored; then nothing is left.").tag(
        config=True
    )
    max_import_bytes = Integer(32 * 1024 * 1024, help="Largest conversation that is imported.").tag(config=True)
    rate_limit = Integer(help="Messages per minute of one person; 0 is no limit. [CHAT_RATE_LIMIT]").tag(config=True)
    max_active_turns = Integer(8, help="Turns that run at once; the rest queue.").tag(config=True)
    max_queued_turns = Integer(
        help="Turns that wait on this server; a further one is refused. 0 is no limit. [CHAT_MAX_QUEUED_TURNS]"
    ).tag(config=True)
    max_turns_per_person = Integer(
        help="Turns of one person that run or wait at once; 0 is no limit. [CHAT_MAX_TURNS_PER_PERSON]"
    ).tag(config=True)
    max_message_bytes = Integer(
        help="Largest message or form that is taken, at most 1 MB. [CHAT_MAX_MESSAGE_BYTES]"
    ).tag(config=True)
    turn_deadline = Float(900.0, help="Seconds one attempt may run without a tool getting on.").tag(config=True)
    tool_timeout = Float(120.0, help="Seconds one tool call may run without getting on.").tag(config=True)
    repair_unverified = Bool(
        False,
        help="Hold an answer back until it is whole; if a number in it has no source, let the llm word it anew, once.",
    ).tag(config=True)
    max_steps = Integer(8, help="Rounds of llm and tools in one attempt.").tag(config=True)

    budget_turn_tokens = Integer(
        None, allow_none=True, help="Most tokens of one question; 0 calls no language model. [AI_BUDGET_TURN_TOKENS]"
    ).tag(config=True)
    budget_turn_usd = Float(
        None, allow_none=True, help="Most US dollars of one question, as far as prices are known. [AI_BUDGET_TURN_USD]"
    ).tag(config=True)
    budget_conversation_tokens = Integer(
        None, allow_none=True, help="Most tokens of a conversation. [AI_BUDGET_CONVERSATION_TOKENS]"
    ).tag(config=True)
    budget_conversation_usd = Float(
        None, allow_none=True, help="Most US dollars of a conversation. [AI_BUDGET_CONVERSATION_USD]"
    ).tag(config=True)
    budget_day_tokens = Integer(
        None, allow_none=True, help="Most tokens of one person a day. [AI_BUDGET_DAY_TOKENS]"
    ).tag(config=True)
    budget_day_usd = Float(
        None,
        allow_none=True,
        help="Most US dollars of one person a day; 0 calls nothing that may cost. [AI_BUDGET_DAY_USD]",
    ).tag(config=True)
    evaluations = Bool(
        True, help="Measure each answer after its turn: grounded, relevance, safety, quality, tools."
    ).tag(config=True)
    evaluation_llm = Unicode(
        help="The llm that judges answers, as provider/name: each costs a request more. Empty: rules alone."
    ).tag(config=True)
    evaluation_minimum = Dict(
        value_trait=Float(), key_trait=Unicode(), help='Least scores that are no failing, such as {"grounded": 0.9}.'
    ).tag(config=True)
    evaluation_timeout = Float(30.0, help="Seconds that the judge, or another package's evaluator, may take.").tag(
        config=True
    )
    failed_answers = Enum(
        ["flag", "review", "hold"],
        default_value="flag",
        help="What a failed evaluation does: flag the answer, also open a review, or hold back what has not passed.",
    ).tag(config=True)
    experiments = Dict(
        help="Two prompts or llms compared by conversation; docs/evaluations.md shows how to write them."
    ).tag(config=True)

    announce_tokens = Integer(
        help="Say what a question will cost that is sent with this many tokens; 0: never. [AI_ANNOUNCE_TOKENS]"
    ).tag(config=True)

    websocket_max_connections = Integer(help="Open sockets of this server. [WEBSOCKET_MAX_CONNECTIONS]").tag(
        config=True
    )
    websocket_max_connections_per_person = Integer(
        help="Open sockets of one person; 0 is no limit. [WEBSOCKET_MAX_CONNECTIONS_PER_PERSON]"
    ).tag(config=True)
    websocket_ping_interval = Integer(help="Seconds between two pings. [WEBSOCKET_PING_INTERVAL]").tag(config=True)
    websocket_timeout = Integer(help="Seconds without a pong after which a socket is closed. [WEBSOCKET_TIMEOUT]").tag(
        config=True
    )
    max_upload_bytes = Integer(200 * 1024 * 1024, help="Largest file that is received.").tag(config=True)
    upload_quota_bytes = Integer(
        1024 * 1024 * 1024, help="Most bytes that the files of one person take together; 0 is no limit."
    ).tag(config=True)
    upload_types = List(
        Unicode(), help="Endings of files that are received, such as csv. Empty: every one whose content is known."
    ).tag(config=True)

    db_url = Unicode(
        help="URL of the store: sqlite:////PATH or postgresql://USER@HOST/NAME. Empty: SQLite in `data_dir`. "
        "[MLCHAT_DB_URL]"
    ).tag(config=True)
    lease = Float(
        30.0, help="Seconds without a sign of life after which turns of another server process are taken for abandoned."
    ).tag(config=True)
    data_dir = Unicode(help="Where the store and uploads lie.").tag(config=True)
    attach = Enum(
        ["start", "first_use", "off"], default_value="start", help="When kernels are attached: start, first_use or off."
    ).tag(config=True)
    in_process = Bool(True, help="Let kernels that no server greets host the chat themselves.").tag(config=True)
    max_effects = List(
        Unicode(), help="Effects that are permitted at all: read, predict, write, disclose, execute. Empty: all."
    ).tag(config=True)
    disabled_tools = List(Unicode(), help="Names of tools nobody may use.").tag(config=True)
    disabled_features = List(
        Enum(FEATURES), help=f"What is switched off: {', '.join(FEATURES)}. By commas: [MLCHAT_DISABLED_FEATURES]"
    ).tag(config=True)
    json_logs = Bool(help="Write the log of this extension as one JSON object a line. [MLCHAT_JSON_LOGS]").tag(
        config=True
    )
    privacy_floor = Enum(
        ["schema", "aggregates", "rows"],
        default_value="aggregates",
        help="What leaves for a provider unasked: schema (names, types, shapes), aggregates as well, or even rows.",
    ).tag(config=True)
    presidio = Bool(True, help="Where presidio-analyzer is installed, let it find personal data in results too.").tag(
        config=True
    )
    allow_kernel_approval = Bool(True, help="Let a cell approve effects on its own kernel.").tag(config=True)
    experts = List(
        Unicode(),
        help="Who answers people that ask for a person: user names, @groups, or * for all whom the server's authorizer "
        "permits `expert` on `mlchat`. Empty: nobody can ask.",
    ).tag(config=True)
    admins = List(
        Unicode(), help="Who may also assign and take away: as `experts`; the authorizer's word is `admin`."
    ).tag(config=True)
    expert_gone_after = Float(
        120.0, help="Seconds after which a request goes back to the queue when its expert is not there any more."
    ).tag(config=True)
    notify_webhook = Unicode(
        help="Where requests for a person are posted, signed with the variable MLCHAT_WEBHOOK_SECRET."
    ).tag(config=True)
    notify_mail_to = List(Unicode(), help="Mail addresses that are told of requests for a person.").tag(config=True)
    notify_content = Bool(False, help="Let these messages hold the title and the note of a request.").tag(config=True)
    mail_from = Unicode(help="The sender of these mails.").tag(config=True)
    smtp_host = Unicode(help="The mail server.").tag(config=True)
    smtp_port = Integer(587, help="Its port.").tag(config=True)
    smtp_security = Enum(
        ["starttls", "tls", "none"], default_value="starttls", help="How it is spoken to: starttls, tls or none."
    ).tag(config=True)
    smtp_user = Unicode(help="Whom to log in as; the password is the variable MLCHAT_SMTP_PASSWORD.").tag(config=True)
    mcp_wait = Float(45.0, help="Seconds that an MCP call waits for its person or its cell before it says so.").tag(
        config=True
    )
    tokenless_mcp = Bool(
        False, help="Let jupyter-server-mcp offer our tools as well, on its port that asks for no token."
    ).tag(config=True)
    lock_settings = Union(
        [Bool(), List(Unicode())],
        default_value=False,
        help="True, or what people may not change: llm, route, prompt, parameters, memory, policy (an approval for "
        "always).",
    ).tag(config=True)
    environment = Dict(help="The environment that the variables are read from.")
    kept_keys = Dict(help="What the keyring holds, by variable; read when the service opens.")

    @default("environment")
    def _environment(self) -> dict[str, str]:
        return dict(os.environ)

    @default("env_file")
    def _env_file(self) -> str:
        return str(Path(jupyter_config_dir()) / "jupyter_mlchat.env")

    @default("data_dir")
    def _data_dir(self) -> str:
        return str(Path(jupyter_data_dir()) / "mlchat")

    @property
    def host(self) -> str:
        """Names this process in the leases of running turns."""
        return f"{socket.gethostname()}:{os.getpid()}"[:64]

    def variable(self, *names: str) -> str:
        """The first of `names` that is set, in the environment, or else in `env_file`, or kept; "" if none is."""
        in_file = read_env_file(Path(self.env_file))
        for source in (self.environment, in_file, self.kept_keys):
            for name in names:
                if source.get(name, "").strip():
                    return source[name].strip()
        return ""

    def variables(self, names: Iterable[str]) -> dict[str, str]:
        """Those of `names` that are set, in the environment, or else in `env_file`, or kept."""
        sources = (self.environment, read_env_file(Path(self.env_file)), self.kept_keys)
        values = {n: next(filter(None, (source.get(n, "").strip() for source in sources)), "") for n in names}
        return {name: value for name, value in values.items() if value}

    def locked(self, name: str) -> bool:
        locks: Any = self.lock_settings
        return name in locks if isinstance(locks, list) else bool(locks)

    @default("default_ai_provider")
    def _default_ai_provider(self) -> str:
        return self.variable("DEFAULT_AI_PROVIDER")

    @default("fallback_ai_provider")
    def _fallback_ai_provider(self) -> str:
        return self.variable("FALLBACK_AI_PROVIDER")

    @default("llm")
    def _llm(self) -> str:
        return self.variable("LLM_DEFAULT_MODEL")

    @default("llm_base_url")
    def _llm_base_url(self) -> str:
        return self.variable("LLM_BASE_URL")

    @default("ollama_base_url")
    def _ollama_base_url(self) -> str:
        return self.variable("OLLAMA_BASE_URL") or "http://127.0.0.1:11434"

    @default("db_url")
    def _default_db_url(self) -> str:
        return self.variable("MLCHAT_DB_URL")

    @default("max_tokens")
    def _max_tokens(self) -> int:
        return int(self.variable("AI_MAX_TOKENS") or 4096)

    @default("temperature")
    def _temperature(self) -> float:
        return float(self.variable("AI_TEMPERATURE") or 0.1)

    @default("llm_timeout")
    def _llm_timeout(self) -> float:
        return float(self.variable("LLM_TIMEOUT_SECONDS", "AI_TIMEOUT") or 30)

    @default("memory_enabled")
    def _memory_enabled(self) -> bool:
        return (self.variable("MEMORY_ENABLED") or "true").lower() in ("1", "true", "yes", "on")

    @default("context_window")
    def _context_window(self) -> int:
        return int(self.variable("CHAT_CONTEXT_WINDOW") or 50)

    @default("max_history")
    def _max_history(self) -> int:
        return int(self.variable("CHAT_MAX_HISTORY") or 1000)

    @default("rate_limit")
    def _rate_limit(self) -> int:
        return int(self.variable("CHAT_RATE_LIMIT") or 60)

    @default("max_queued_turns")
    def _max_queued_turns(self) -> int:
        return int(self.variable("CHAT_MAX_QUEUED_TURNS") or 200)

    @default("max_turns_per_person")
    def _max_turns_per_person(self) -> int:
        return int(self.variable("CHAT_MAX_TURNS_PER_PERSON") or 50)

    @default("max_message_bytes")
    def _max_message_bytes(self) -> int:
        return int(self.variable("CHAT_MAX_MESSAGE_BYTES") or 1 << 20)

    @default("disabled_features")
    def _disabled_features(self) -> list[str]:
        return [name.strip() for name in self.variable("MLCHAT_DISABLED_FEATURES").split(",") if name.strip()]

    @default("json_logs")
    def _json_logs(self) -> bool:
        return self.variable("MLCHAT_JSON_LOGS").lower() in ("1", "true", "yes", "on")

    @default("announce_tokens")
    def _announce_tokens(self) -> int:
        return int(self.variable("AI_ANNOUNCE_TOKENS") or 20_000)

    @default("websocket_max_connections")
    def _websocket_max_connections(self) -> int:
        return int(self.variable("WEBSOCKET_MAX_CONNECTIONS") or 100)

    @default("websocket_max_connections_per_person")
    def _websocket_max_connections_per_person(self) -> int:
        return int(self.variable("WEBSOCKET_MAX_CONNECTIONS_PER_PERSON") or 30)

    @default("websocket_ping_interval")
    def _websocket_ping_interval(self) -> int:
        return int(self.variable("WEBSOCKET_PING_INTERVAL") or 30)

    @default("websocket_timeout")
    def _websocket_timeout(self) -> int:
        return int(self.variable("WEBSOCKET_TIMEOUT") or 30)
