"""Everything JSON cannot say is said by a mark; nothing is cut in silence."""

import dataclasses
import threading
from collections import UserDict, namedtuple
from enum import Enum
from types import MappingProxyType

import msgspec
import numpy as np
import pydantic
import pytest
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, ToolMessage

from argus.capture.encode import MORE, Encoder
from argus.capture.limits import FieldPolicies, Limits, hash_of_text
from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings
from argus.model.values import cut_of, is_mark

REDACTOR = Redactor(SecuritySettings())


def recorded(value, *, policies=None, **limits):
    return msgspec.json.decode(Encoder(Limits(**limits), REDACTOR, FieldPolicies(policies or {})).encode(value))


class Level(Enum):
    HIGH = "high"


@dataclasses.dataclass
class Order:
    total: float
    password: str = "x"


class Slotted:
    __slots__ = ("a",)


class Customer(pydantic.BaseModel):
    name: str
    orders: list[Order] = []


class Duck:
    def __init__(self):
        self.type = "human"
        self.content = "hello"
        self._private = 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (float("nan"), {"$argus": "float", "value": "nan"}),
        (2**63, {"$argus": "object", "type": "int", "repr": "9223372036854775808"}),
        (-(2**63), -(2**63)),
        ("\ud800x", "\\ud800x"),
        ({1: "a", None: "b", (1, 2): "c", False: "d"}, {"1": "a", "None": "b", "(1, 2)": "c", "False": "d"}),
        ({1: "a", "1": "b"}, {"1": "a", "1 (2)": "b"}),
        ({3, 1, 2}, [1, 2, 3]),
        (Level.HIGH, "high"),
        (Order(1.5), {"total": 1.5, "password": "[REDACTED]"}),
        (namedtuple("P", "x y")(1, 2), {"x": 1, "y": 2}),
        (Customer(name="Ada", orders=[Order(2)]), {"name": "Ada", "orders": [{"total": 2, "password": "[REDACTED]"}]}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (UserDict(a=1), {"a": 1}),
        (AIMessage("hi", id="7"), {"content": "hi", "type": "ai", "id": "7"}),
        (
            ToolMessage("r", tool_call_id="c"),
            {"content": "r", "type": "tool", "tool_call_id": "c", "status": "success"},
        ),
        (
            Document("text", metadata={"page": 1}),
            {"id": None, "metadata": {"page": 1}, "page_content": "text", "type": "Document"},
        ),
        (Duck(), {"type": "human", "content": "hello"}),
        (KeyError("x"), {"$argus": "object", "type": "KeyError", "repr": "KeyError('x')"}),
        (np.float32(1.5), 1.5),
        (np.int64(3), 3),
        (len, {"$argus": "object", "type": "builtin_function_or_method", "repr": "<built-in function len>"}),
    ],
)  # fmt: skip
def test_what_is_recorded(value, shown):
    assert recorded(value) == shown
    assert recorded({"in": [value]}) == {"in": [shown]}


def test_bytes_and_buffers_are_told_by_their_hash():
    assert recorded(b"abc") == {"$argus": "bytes", "length": 3, "xxh3": "06b05ab6733a618578af5f94892f3950"}
    one, other = recorded(np.arange(6).reshape(2, 3)), recorded(np.arange(6).reshape(3, 2).T)
    assert one["shape"] == other["shape"] == [2, 3]
    assert one["xxh3"] != other["xxh3"]
    assert recorded(memoryview(b"abc"))["length"] == 3
    assert recorded(np.array([object()]))["dtype"] == "object"


def test_locks_and_generators_are_named_and_left_alone():
    generator = (number for number in range(3))
    lock = threading.Lock()
    shown = recorded({"lock": lock, "generator": generator})
    assert is_mark(shown["lock"], "object")
    assert " at 0x" not in shown["generator"]["repr"]
    assert list(generator) == [0, 1, 2]
    assert lock.acquire(blocking=False)


def test_an_object_whose_code_raises_is_told_so():
    class Broken:
        def __repr__(self):
            raise RuntimeError("no")

    shown = recorded([Broken()])[0]
    assert is_mark(shown, "error")
    assert shown["message"] == "RuntimeError"


def test_cycles_are_marked_where_they_close():
    ring = {"name": "a"}
    ring["self"] = ring
    assert recorded(ring) == {"name": "a", "self": {"$argus": "cycle"}}
    twice = {"x": 1}
    assert recorded([twice, twice]) == [{"x": 1}, {"x": 1}]


def test_five_thousand_deep():
    deep = {}
    for _ in range(5000):
        deep = {"in": [deep]}
    shown = recorded(deep, max_depth=10)
    for _ in range(5):
        shown = shown["in"][0]
    assert is_mark(shown, "deep")
    assert b"deep" in Encoder(Limits(max_depth=200), REDACTOR).encode(deep)


def test_depth_is_counted_the_same_on_both_ways():
    value = [[["a"]]]
    assert recorded(value, max_depth=3) == value
    assert recorded(value, max_depth=2) == [[{"$argus": "deep", "type": "list"}]]


def test_what_is_left_out_is_counted():
    assert recorded(list(range(10)), max_items=3) == [0, 1, 2, {"$argus": "more", "count": 7}]
    assert recorded({str(n): n for n in range(5)}, max_items=2)[MORE] == {"$argus": "more", "count": 3}
    assert recorded([[1] * 50] * 50, max_nodes=100)[-1]["$argus"] == "more"


def test_shared_structure_cannot_blow_up():
    bomb = ["x"]
    for _ in range(60):
        bomb = [bomb] * 10
    assert len(Encoder(Limits(max_nodes=10_000), REDACTOR).encode(bomb)) < 1_000_000


def test_a_long_string_is_cut_and_says_so():
    for text in ("x" * 60, "ü" * 60, 'x"' * 30, "\\" * 60):
        shown = recorded({"text": text}, max_string=50)["text"]
        found = cut_of(shown)
        assert found is not None
        assert (found.kept, found.length) == (50, 60)
        assert recorded(shown, max_string=50) == shown
    assert recorded(["ü" * 50], max_string=50) == ["ü" * 50]


def test_many_numbers_are_no_long_string():
    assert Encoder(Limits(max_string=50), REDACTOR).fast([1.5] * 100) is not None


def test_policies_of_fields():
    state = {"full": "x" * 30, "shown": "y" * 300, "hashed": [1, 2], "skipped": object(), "user": {"bio": "z", "id": 1}}
    encoder = Encoder(
        Limits(max_string=20),
        REDACTOR,
        FieldPolicies({"full": "full", "sh*": "preview", "hashed": "hash", "skipped": "skip", "user.bio": "skip"}),
    )
    shown = {name: msgspec.json.decode(data) for name, data in encoder.fields(state).items()}
    assert shown["full"] == "x" * 30
    assert (is_mark(shown["hashed"], "hashed"), shown["hashed"]["length"]) == (True, len("[1,2]"))
    assert shown["skipped"] == {"$argus": "skipped"}
    assert shown["user"] == {"bio": {"$argus": "skipped"}, "id": 1}
    assert cut_of(shown["shown"]) is not None


def test_a_state_that_is_no_mapping_has_a_root():
    encoder = Encoder(Limits(), REDACTOR)
    assert encoder.fields([1]) == {"__root__": b"[1]"}
    assert encoder.fields(AIMessage("hi"))["__root__"].startswith(b'{"content"')
    assert encoder.fields(Customer(name="Ada")) == {"name": b'"Ada"', "orders": b"[]"}


@pytest.mark.parametrize("text", ["", "a", "ä€😀\ud800" * 200_000])
def test_a_text_is_hashed_whole_though_in_pieces(text):
    from xxhash import xxh3_128_hexdigest

    assert hash_of_text(text) == xxh3_128_hexdigest(text.encode("utf-8", "backslashreplace"))
