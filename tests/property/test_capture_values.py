"""Whatever a value is: it is recorded, without raising, as JSON, without its secrets."""

import json
import math
import string
from collections import OrderedDict, deque, namedtuple
from datetime import datetime, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from threading import Lock
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.capture.encode import Encoder
from argus.capture.limits import Limits
from argus.capture.redact import Redactor
from argus.capture.secrets import PERSONAL, SECRETS, assignments
from argus.config.settings import SecuritySettings

REDACTOR = Redactor(SecuritySettings())
PERSONAL_TOO = Redactor(SecuritySettings(redact_personal=True))
ENCODER = Encoder(Limits(), REDACTOR)
TIGHT = Encoder(Limits(max_string=20, max_depth=4, max_items=5, max_nodes=40), REDACTOR)

Pair = namedtuple("Pair", "left right")


class Colour(Enum):
    RED = "red"
    ODD = (1, 2)


class Hostile:
    def __repr__(self):
        raise ValueError("no")

    def __eq__(self, other):
        raise ValueError("no")

    __hash__ = None

    @property
    def __dict__(self):
        raise ValueError("no")


class LyingDict(dict):
    def items(self):
        raise ValueError("no")

    def __iter__(self):
        raise ValueError("no")

    def __len__(self):
        return -1


class LyingText(str):
    __slots__ = ()

    def __str__(self):
        raise ValueError("no")

    def encode(self, *_):
        raise ValueError("no")


def cycle():
    ring = {"name": "ring"}
    ring["self"] = [ring]
    return ring


PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(max_size=40) | st.sampled_from(["", "null", "⟦cut", "a\nb", "[REDACTED]", "\x00", 'say "hi"', "\\"])
ODD = st.one_of(
    st.sampled_from([math.nan, math.inf, -math.inf, 2**64, -(2**80), "\ud800", Colour.RED, Colour.ODD, Lock(), ...]),
    st.builds(Hostile),
    st.builds(cycle),
    st.builds(lambda: (x for x in ())),
    st.builds(lambda: LyingDict(a=1)),
    st.builds(lambda: LyingText("lying")),
    st.builds(lambda: Pair(1, {2})),
    st.builds(lambda: OrderedDict(b=1, a=2)),
    st.builds(lambda: deque([1, 2])),
    st.binary(max_size=20),
    st.just(Decimal("1.5")) | st.just(UUID(int=7)) | st.just(Path("/tmp")) | st.just(KeyError("x")),
    st.just(datetime(2026, 1, 1, tzinfo=timezone.utc)),
)
KEYS = TEXT | st.integers() | st.none() | st.booleans() | st.tuples(st.integers())
ANYTHING = st.recursive(
    PLAIN | TEXT | ODD,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT, inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=15,
)
JSON = st.recursive(
    PLAIN | st.text(string.printable, max_size=30) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)


@given(ANYTHING)
@settings(max_examples=150, deadline=None)
def test_anything_is_recorded_as_json(value):
    for encoder in (ENCODER, TIGHT):
        data = encoder.encode(value)
        assert msgspec.json.encode(msgspec.json.decode(data))
        json.loads(data)


@given(ANYTHING)
@settings(max_examples=100, deadline=None)
def test_both_ways_say_the_same(value):
    fast = ENCODER.fast(value)
    if fast is not None and not REDACTOR.suspects(fast):
        assert msgspec.json.decode(fast) == msgspec.json.decode(ENCODER.exact(value))


@given(JSON)
@settings(max_examples=100, deadline=None)
def test_plain_values_are_recorded_as_they_are(value):
    data = ENCODER.encode(value)
    if not REDACTOR.suspects(msgspec.json.encode(value)):
        assert msgspec.json.decode(data) == value


@given(ANYTHING)
@settings(max_examples=150, deadline=None)
def test_recording_what_was_recorded_changes_nothing(value):
    once = ENCODER.encode(value)
    assert msgspec.json.decode(ENCODER.encode(msgspec.json.decode(once))) == msgspec.json.decode(once)


KINDS = [*SECRETS, *PERSONAL, assignments("api[-_]?key|token", ["key", "token"])]


@given(st.sampled_from(KINDS), st.data(), st.text(max_size=12), st.text(max_size=12))
@settings(max_examples=200, deadline=None)
def test_every_secret_is_hinted_at_and_gone_at_once(kind, data, before, after):
    found = data.draw(st.from_regex(kind.pattern.replace("(?i:", "(?:"), fullmatch=False).map(lambda s: s[:300]))
    text = f"{before} {found} {after}"
    once = PERSONAL_TOO.text(text)
    if once != text:
        assert PERSONAL_TOO.suspects(msgspec.json.encode(text))
    assert PERSONAL_TOO.text(once) == once
