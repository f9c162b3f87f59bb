"""Microsoft Presidio, where it is installed: names of people and places besides the patterns. Its only importer.

It is loaded with the first text that it looks at, in the worker thread that sends it. Without a language model of
spaCy's on this machine only its patterns are used: nothing is downloaded.
"""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from .personal import Redact, redact

LANGUAGE = "en"
SURE = 0.5
MODELS = ("en_core_web_lg", "en_core_web_md", "en_core_web_sm")
LEFT_OUT = frozenset(
    "DATE_TIME URL NRP AGE ID UUID ORGANIZATION EMAIL US_DRIVER_LICENSE US_BANK_NUMBER US_PASSPORT".split()
)
"""What it finds in every table: dates, file names such as `pipe.py`, nationalities, any short run of digits."""
NAMES = frozenset({"PERSON", "LOCATION"})
"""What only a language model finds, and only in texts of several words: one word alone is the name of a column."""
KEPT_TEXTS = 4_096
_OWN = {"EMAIL_ADDRESS": "email", "CREDIT_CARD": "card", "IBAN_CODE": "iban", "IP_ADDRESS": "ip", "MAC_ADDRESS": "mac",
        "PHONE_NUMBER": "phone", "US_SSN": "ssn"}  # fmt: skip


def words_of(wanted: bool) -> Redact:
    """What takes out of a text what identifies people: the patterns, and Presidio where it is wanted and there."""
    return both if wanted and find_spec("presidio_analyzer") is not None else redact


@lru_cache(KEPT_TEXTS)
def both(text: str) -> str:
    """The patterns first: what they have found is no text for Presidio any more."""
    text = redact(text)
    for found in sorted(_analysed(text), key=lambda one: -one.start):
        name = _OWN.get(found.entity_type, found.entity_type.lower())
        text = f"{text[: found.start]}[{name}]{text[found.end :]}"
    return text


def _analysed(text: str) -> list[Any]:
    """What is surely found, without overlaps, the surest first."""
    if not any(char.isalnum() for char in text):
        return []
    analyzer, lock, entities = _analyzer()
    wanted = [name for name in entities if name not in NAMES or len(text.split()) > 1]
    with lock:
        results = analyzer.analyze(text=text, language=LANGUAGE, entities=wanted, score_threshold=SURE)
    kept: list[Any] = []
    for one in sorted(results, key=lambda found: (-found.score, found.start)):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return kept


@cache
def _analyzer() -> tuple[Any, threading.Lock, tuple[str, ...]]:
    """One for the process: it takes seconds to load."""
    presidio = import_module("presidio_analyzer")
    registry = presidio.RecognizerRegistry(supported_languages=[LANGUAGE])
    engine = _engine()
    registry.load_predefined_recognizers(languages=[LANGUAGE], nlp_engine=engine)
    analyzer = presidio.AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[LANGUAGE])
    known = set(analyzer.get_supported_entities(LANGUAGE)) - LEFT_OUT
    return analyzer, threading.Lock(), tuple(sorted(known))


def _engine() -> Any:
    nlp = import_module("presidio_analyzer.nlp_engine")
    installed = next((name for name in MODELS if find_spec(name) is not None), None)
    engine = nlp.SpacyNlpEngine(models=[{"lang_code": LANGUAGE, "model_name": installed or MODELS[-1]}])
    if installed is None:
        # Words without a model of the language: enough for patterns, and what it would load is not there.
        engine.nlp = {LANGUAGE: import_module("spacy").blank(LANGUAGE)}
    return engine
