"""What identifies people is taken out of what leaves, and what only looks like it stays."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlchat.guard.personal import PATTERNS, redact, redacted

FOUND = [
    ("jane.roe+x@mail.example.org", "[email]"),
    ("write to JANE@EXAMPLE.CO.UK, please", "write to [email], please"),
    ("DE89 3704 0044 0532 0130 00", "[iban]"),
    ("GB33BUKB20201555555555", "[iban]"),
    ("fr14 2004 1010 0505 0001 3m02 606", "[iban]"),
    ("4111 1111 1111 1111", "[card]"),
    ("378282246310005", "[card]"),
    ("6011-1111-1111-1117", "[card]"),
    ("card 4111111111111111.", "card [card]."),
    ("123-45-6789", "[ssn]"),
    ("123 45 6789", "[ssn]"),
    ("192.168.17.4", "[ip]"),
    ("from 10.0.0.1 on", "from [ip] on"),
    ("2001:db8:85a3::8a2e:370:7334", "[ip]"),
    ("fe80::1ff:fe23:4567:890a", "[ip]"),
    ("00:1B:44:11:3A:B7", "[mac]"),
    ("+49 30 1234 5678", "[phone]"),
    ("+4930123456789", "[phone]"),
    ("(555) 010-9999", "[phone]"),
    ("555-010-9999", "[phone]"),
]
STAYS = [
    "0.123456789012",
    "1795240773611",
    "4111 1111 1111 1112",
    "DE89 3704 0044 0532 0130 01",
    "sepal length (cm) 5.1",
    "2024-01-31",
    "2024-01-31T12:45:59+00:00",
    "17:14:05",
    "000-12-3456",
    "987-65-4321",
    "999.1.2.3",
    "scikit-learn 1.7.2",
    "In[3] ran 12 of 400 rows",
    "3.141592653589793",
    "-12.5 to 1e-05",
    "a @ b",
    "x[0]@x[1].T",
    "X_train[['age', 'fee']].iloc[3:17]",
]


@pytest.mark.parametrize(("text", "clean"), FOUND)
def test_what_identifies_people_is_replaced(text: str, clean: str) -> None:
    assert redact(text) == clean


@pytest.mark.parametrize("text", STAYS)
def test_other_numbers_and_texts_stay(text: str) -> None:
    assert redact(text) == text


def test_every_pattern_is_tried() -> None:
    assert {pattern.name for pattern in PATTERNS} == {clean.strip("[]") for _, clean in FOUND if clean[0] == "["}


def test_json_stays_json() -> None:
    told = {"ok": True, "data": {"a@b.org": 1, "card": 4111111111111111, "n": [1.5, None, "tel. +49 30 1234 5678"]}}
    assert json.loads(redacted(json.dumps(told))) == {
        "ok": True,
        "data": {"[email]": 1, "card": "[card]", "n": [1.5, None, "tel. [phone]"]},
    }


def test_a_result_without_any_is_sent_letter_by_letter() -> None:
    text = '{"ok":true,"data":{"mean":41.7,"p1":1e-05}}'
    assert redacted(text) is text


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_stays_json_and_is_clean_the_second_time(value: object) -> None:
    once = redacted(json.dumps(value))
    assert redacted(once) == once
    json.loads(once)


@pytest.mark.parametrize("piece", ["a", "a.", "a@", "1", "1 ", "1-", "a:", "(1", "a@a."])
def test_a_long_text_made_to_be_slow_is_read_in_the_time_of_its_length(piece: str) -> None:
    began = time.process_time()
    redact(piece * (200_000 // len(piece)))
    assert time.process_time() - began < 2
