"""What a sentence mentions: names, values, numbers, a row, and the words that nothing explains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .names import Entry, Kind, Mention, Names, Token, find_names, words
from .numbers import Number, find_numbers
from .pairs import Given, find_pairs
from .vocabulary import KNOWN, ORDINALS, PLAIN, REFUSED, STOP

SIMILAR = 84
NEARLY = 78
"""How alike, of 100, a written name and a live one must be to be offered."""
_TAGS: dict[Kind, str] = {
    "model": "MODEL",
    "part": "MODEL",
    "frame": "FRAME",
    "other": "OTHER",
    "feature": "FEAT",
    "category": "CAT",
}
FILE_TAGS = {"data": "DATAFILE", "model": "MODELFILE", "other": "OTHERFILE", "folder": "FOLDER"}
_THING = (
    r"(?:row|line|record|instance|data\s?point|observation|entry|sample|specimen|customer|client|policyholder|passenger|patient"
    r"|house|home|flower|review)"
)
_ROW = re.compile(
    rf"\b{_THING}\s*(?:number|no\.?|#|index|with\s+id|id)?\s*(?P<at>-?\d{{1,9}})\b"
    rf"|\b(?P<nth>\d{{1,9}})(?:st|nd|rd|th)\s+{_THING}\b|\b(?P<word>{'|'.join(ORDINALS)})\s+{_THING}\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:rows?|customer|client|policyholder|specimen|member|account|dwelling|case|passenger|patient|user|house|home|flower|review"
    r"|property|listing|idx|id|number|no\.?)"
    r"\s*(?:number|no\.?|#|id|idx)?\s*#?(?P<at>\d{1,9})\b(?!\s*(?:%|years?|months?|sqm|m2|m²|rooms?|k\b|euros?|dollars?))(?![.,]\d)",
    re.IGNORECASE,
)
_AFTER_FRAME = re.compile(
    r"\s+(?:(?:row|record|line|idx|id|index|number|no\.?|#)\s*)?#?(?P<at>\d{1,9})\b(?!\s*(?:%|rows?|features?|columns?))(?![.,]\d)",
    re.I,
)
_DATA_FILES = r"csv|tsv|parquet|pq|xlsx?|jsonl?|feather|arrow|orc|txt|gz|zip"
_MODEL_FILES = r"joblib|pkl|pickle|skops|onnx|keras|h5|pth?|cbm|ubj|bst|model|safetensors|mojo"
_FILE = re.compile(
    rf"(?<![\w.])[~\w./\\-]*\w\.(?:(?P<data>{_DATA_FILES})|(?P<model>{_MODEL_FILES})|(?P<other>md|py|ipynb|png|pdf|html))\b(?!\()"
    r"|(?P<folder>(?<![\w.])(?:~|\.{1,2})?/[\w./-]+/?)",
    re.IGNORECASE,
)
_INDEX = re.compile(r"(?:\.iloc)?\[\[?\s*(-?\d{1,9})\s*\]?\]")
_ATTRIBUTE = re.compile(
    r"(?<![\w.])(?P<ref>(?P<name>[^\W\d]\w*)(?:\.(?!iloc\b)[^\W\d]\w*)+)(?:\.iloc)?\[\s*(?P<at>-?\d{1,9})\s*\]"
)


@dataclass(frozen=True)
class Row:
    """A row by position, counted from 0; negative from the end. `frame` is "" where none was named."""

    start: int
    end: int
    index: int
    frame: str = ""


@dataclass(frozen=True)
class File:
    """A path as typed. `kind` is `data`, `model`, `other` or `folder`."""

    start: int
    end: int
    path: str
    kind: str


@dataclass(frozen=True)
class Slots:
    """`masked` is the sentence in lower case, with tags for names and values, cue words repaired. `fixed` has
    (written, read as); `unknown` the identifiers that name nothing; `left` the words not understood."""

    text: str
    masked: str
    mentions: tuple[Mention, ...]
    givens: tuple[Given, ...]
    numbers: tuple[Number, ...]
    row: Row | None
    fixed: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    left: tuple[str, ...]
    files: tuple[File, ...] = ()

    def paths(self, *kinds: str) -> list[str]:
        return list(dict.fromkeys(file.path for file in self.files if file.kind in kinds))

    def of(self, kind: Kind) -> list[Mention]:
        return [mention for mention in self.mentions if mention.kind == kind]

    def values_of(self, kind: Kind) -> list[str]:
        return list(dict.fromkeys(mention.value for mention in self.of(kind)))

    def beside(self, mention: Mention) -> list[Mention]:
        """Columns with at most a linking word between them and this mention."""
        near = []
        for other in self.of("feature"):
            low, high = sorted((other, mention), key=lambda one: one.start)
            if re.fullmatch(r"[\s='\"`-]*(is|to|of|in the)?[\s'\"`]*", self.text[low.end : high.start].lower()):
                near.append(other)
        return near


def read_slots(text: str, names: Names) -> Slots:
    """Deterministic; the time grows with the sentence and the namespace, not with their product."""
    files = find_files(text)
    held = [(file.start, file.end) for file in files]
    givens = [g for g in find_pairs(text, names) if not any(g.start < b and a < g.end for a, b in held)]
    taken = [*held, *((given.start, given.end) for given in givens)]
    mentions = [_whole_reference(text, mention) for mention in find_names(text, names, taken)]
    row = _find_row(text, mentions, names)
    if row:
        taken.append((row.start, row.end))
        mentions = [m for m in mentions if not (row.start < m.end and m.start < row.end) or m.kind == "frame"]
    taken += [(mention.start, mention.end) for mention in mentions]
    numbers = find_numbers(text, taken)
    taken += [(number.start, number.end) for number in numbers]
    unknown = [token for token in _unknown_identifiers(text, taken) if token.text not in names.classes()]
    taken += [(token.start, token.end) for token in unknown]
    fixed, repairs, left = [], {}, []
    for token in words(text):
        if any(token.start < b and a < token.end for a, b in taken) or token.text in STOP | KNOWN:
            continue
        if token.text in PLAIN:
            continue
        guess = _similar(token.text, names)
        if isinstance(guess, Entry):
            mentions.append(Mention(token.start, token.end, (guess,)))
            fixed.append((token.text, guess.value))
        elif guess:
            repairs[token] = guess
        elif not token.text.isdigit():
            left.append(token.text)
    mentions.sort(key=lambda mention: mention.start)
    read = Slots(
        text,
        "",
        tuple(mentions),
        tuple(givens),
        tuple(numbers),
        row,
        tuple(fixed),
        tuple(dict.fromkeys(text[token.start : token.end] for token in unknown)),
        tuple(left),
        tuple(files),
    )
    return replace(read, masked=_mask(read, unknown, repairs))


def find_files(text: str) -> list[File]:
    """Paths, by their endings; what names a table or a model file tells by its ending too."""
    return [File(m.start(), m.end(), m.group(), m.lastgroup or "other") for m in _FILE.finditer(text)]


def _whole_reference(text: str, mention: Mention) -> Mention:
    """`models["rf"]` ends after its bracket."""
    closing = re.match(r"['\"]\]", text[mention.end :])
    return replace(mention, end=mention.end + 2) if closing and "[" in text[mention.start : mention.end] else mention


def _find_row(text: str, mentions: Sequence[Mention], names: Names) -> Row | None:
    """An index behind a frame, or behind an attribute of a live name (`wine.data[0]`); else a row by its number."""
    for inner in _ATTRIBUTE.finditer(text):
        if inner["name"] in names.others:
            return Row(inner.start(), inner.end(), int(inner["at"]), inner["ref"])
    frames = [mention for mention in mentions if mention.kind == "frame"]
    for frame in frames:
        index = _INDEX.match(text, frame.end)
        if index:
            return Row(frame.start, index.end(), int(index[1]), frame.value)
        placed = _AFTER_FRAME.match(text, frame.end)
        if placed:
            return Row(frame.start, placed.end(), int(placed["at"]), frame.value)
    said = _ROW.search(text) or _NUMBERED.search(text)
    if not said:
        return None
    if not said.re.groupindex.keys() - {"at"}:
        return Row(said.start(), said.end(), int(said["at"]), _frame_of(text, said.end(), frames))
    nth = int(said["nth"]) - 1 if said["nth"] else 0
    at = ORDINALS[said["word"].lower()] if said["word"] else int(said["at"]) if said["at"] else nth
    return Row(said.start(), said.end(), at, _frame_of(text, said.end(), frames))


def _frame_of(text: str, end: int, frames: Sequence[Mention]) -> str:
    """The only frame, else the one that follows: "row 3 of X_test"."""
    if len(frames) == 1:
        return frames[0].value
    beside = [
        m for m in frames if re.fullmatch(r"\s*(of|in|from|on|at)?\s*(the )?", text[end : m.start]) and m.start >= end
    ]
    return beside[0].value if beside else ""


def _unknown_identifiers(text: str, taken: Sequence[tuple[int, int]]) -> list[Token]:
    """Words that look like variables (digits, underscores) or stand in backticks, but name nothing."""
    found = []
    item, quoted = r"\w+\[(?:'[^'\]]*'|\"[^\"\]]*\")\]", r"(?<=`)[^\W\d]\w*(?=`)"
    for match in re.finditer(rf"{item}|(?<![\w.])(?=\w*[^\W\d])\w*(?:_|\d)\w*(?!\w)|{quoted}", text):
        plain_ordinal = re.fullmatch(r"\d+(st|nd|rd|th|k|m|s|x)|f1|r2|v\d", match.group(), re.IGNORECASE)
        if not plain_ordinal and not any(match.start() < b and a < match.end() for a, b in taken):
            found.append(Token(match.start(), match.end(), match.group().lower()))
    return found


def _similar(word: str, names: Names) -> Entry | str | None:
    """The name or the known word that this one is a misspelling of. Only plain words, same first letter."""
    if len(word) < 4 or not word.isalpha() or word in REFUSED:
        return None
    from rapidfuzz import fuzz, process

    def nearest(choices: Sequence[str]) -> tuple[str, float]:
        near = [c for c in choices if c[:1] == word[0] and abs(len(c) - len(word)) <= 2]
        swapped = [c for c in near if sorted(c) == sorted(word)]
        if swapped or len(word) == 4:  # too short to guess at more than swapped letters
            near = swapped
        hit = process.extractOne(word, near, scorer=fuzz.ratio, score_cutoff=0 if swapped else SIMILAR)
        return (hit[0], hit[1]) if hit else ("", 0.0)

    named = {
        "_".join(phrase): entries[0]
        for phrase, entries in names.phrases.items()
        if entries[0].kind != "other"
        and len(entries) == 1
        and phrase[0][:1] == word[0]
        and not (entries[0].kind == "frame" and phrase == (word + "s",))  # "a customer" isn't `customers`
    }
    name, name_score = nearest([one for one in named if len(one) > 3])
    known, known_score = nearest(sorted(KNOWN | {one for one in STOP if len(one) > 3}))
    if name and name_score > known_score and len(word) > 4:
        return named[name]
    return known or None


def respelt(text: str, slots: Slots, names: Names) -> tuple[str, str] | None:
    """The sentence with each unknown identifier as the only live name that is nearly it, and what was read so."""
    from rapidfuzz import fuzz, process

    refs = [*names.models, *names.frames]
    said = []
    for word in slots.unknown:
        near = process.extract(word, refs, scorer=fuzz.ratio, score_cutoff=NEARLY, limit=2)
        if len(near) != 1:
            return None
        text = text.replace(word, near[0][0])
        said.append(f"reading {word} as {near[0][0]}")
    return (text, ", ".join(said)) if said else None


def _mask(slots: Slots, unknown: Sequence[Token], repairs: dict[Token, str]) -> str:
    spans = [(g.start, g.end, "PAIR") for g in slots.givens]
    spans += [(m.start, m.end, _TAGS[m.kind]) for m in slots.mentions]
    spans += [(n.start, n.end, "PCT" if n.percent else "NUM") for n in slots.numbers]
    spans += [(token.start, token.end, "UNKNOWN") for token in unknown]
    spans += [(file.start, file.end, FILE_TAGS[file.kind]) for file in slots.files]
    spans += [(token.start, token.end, word) for token, word in repairs.items()]
    if slots.row:
        spans.append((slots.row.start, slots.row.end, "ROW"))
    out, position = [], 0
    for start, end, tag in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= position:
            out += [slots.text[position:start].lower(), tag]
            position = end
    masked = " ".join(("".join(out) + slots.text[position:].lower()).replace("’", "'").split())
    return re.sub(r"\bMODEL (model|pipeline|classifier|regressor|estimator|predictor)\b", "MODEL", masked)
