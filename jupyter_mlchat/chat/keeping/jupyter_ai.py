"""Conversations of jupyter-ai: its `.chat` files, read as if they had been exported from here."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from ...protocol import events as e
from ...protocol.events import Event
from ...protocol.exports import FORMAT, ChatFile, ChatMessage, ChatUser, ConversationExport, ExportedTurn
from ...protocol.records import AttemptId, ConversationId, ConversationInfo, TurnEnd, TurnId

PERSONA = "jupyter-ai-personas::"
"""The names of its assistants begin with it; since a later release their users say `bot` too."""
TITLE_LENGTH = 60
ATTACHED_LENGTH = 200


def from_chat_file(file: ChatFile, owner: str) -> ConversationExport:
    """What people say begins a turn, what assistants say until then is its answer. Deleted messages are left out."""
    told = sorted((message for message in file.messages if not message.deleted), key=lambda message: message.time)
    several = len({message.sender for message in told if not _is_bot(message.sender, file)}) > 1
    turns: list[ExportedTurn] = []
    events: list[Event] = []
    for question, answers in _exchanges(told, file):
        turn = TurnId(uuid.uuid4().hex)
        text = _said(question, file, several) if question is not None else ""
        state: TurnEnd = "completed" if answers else "cancelled"
        created = (question or answers[0]).time
        turns.append(ExportedTurn(id=turn, state=state, text=text, created=created, attempts=bool(answers)))
        events += _events(turn, text, question, answers, file)
    first = next((turn.text for turn in turns if turn.text), "")
    info = ConversationInfo(
        ConversationId(""),
        owner,
        title=" ".join(first.split())[:TITLE_LENGTH],
        created=told[0].time if told else 0.0,
        updated=told[-1].time if told else 0.0,
    )
    # The events are of the protocol, whose union the type of the field names.
    return ConversationExport(format=FORMAT, version=1, conversation=info, turns=turns, events=events)  # type: ignore[arg-type]


def _exchanges(told: Sequence[ChatMessage], file: ChatFile) -> Iterator[tuple[ChatMessage | None, list[ChatMessage]]]:
    question: ChatMessage | None = None
    answers: list[ChatMessage] = []
    for message in told:
        if _is_bot(message.sender, file):
            answers.append(message)
            continue
        if question is not None or answers:
            yield question, answers
        question, answers = message, []
    if question is not None or answers:
        yield question, answers


def _events(
    turn: TurnId, text: str, question: ChatMessage | None, answers: Sequence[ChatMessage], file: ChatFile
) -> Iterator[Event]:
    ended = answers[-1] if answers else question
    assert ended is not None
    if question is not None:
        metadata = {"sender": question.sender, "attachments": _attached(question, file)}
        metadata = {name: value for name, value in metadata.items() if value}
        yield e.Message(turn=turn, time=question.time, text=text, metadata=metadata)
    attempt = AttemptId(uuid.uuid4().hex)
    if answers:
        yield e.TurnStarted(turn=turn, attempt=attempt, time=answers[0].time, llm="")
        answer = "\n\n".join(message.body for message in answers)
        yield e.TextSnapshot(turn=turn, attempt=attempt, time=ended.time, text=answer, final=True)
    speakers = dict.fromkeys(_name(message.sender, file) for message in answers)
    state: TurnEnd = "completed" if answers else "cancelled"
    yield e.TurnEnded(turn=turn, time=ended.time, state=state, answered_by=", ".join(speakers))


def _said(message: ChatMessage, file: ChatFile, several: bool) -> str:
    """With the name of who said it where several people talk: they are not all the one who imports."""
    return f"{_name(message.sender, file)}: {message.body}" if several else message.body


def _attached(message: ChatMessage, file: ChatFile) -> list[str]:
    found = (file.attachments.get(key) for key in message.attachments or ())
    return [one.value for one in found if one is not None and len(one.value) <= ATTACHED_LENGTH]


def _is_bot(sender: str, file: ChatFile) -> bool:
    return bool(file.users.get(sender, ChatUser()).bot) or sender.startswith(PERSONA)


def _name(sender: str, file: ChatFile) -> str:
    user = file.users.get(sender, ChatUser())
    return user.display_name or user.name or user.username or sender
