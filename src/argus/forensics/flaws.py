"""What exactly an exception stumbled over, so that it can be followed upwards until it is not there any more."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.dataflow.complaints import names_missed
from argus.dataflow.lineage import Lineage
from argus.dataflow.reading import Read
from argus.dataflow.values import ABSENT, at, is_empty, same
from argus.forensics.expected import fits
from argus.forensics.wording import cut, looks, name, plain
from argus.model.graph import FieldSpec, TypeSpec
from argus.model.trace import ErrorInfo, TraceStep
from argus.model.values import JsonValue, is_mark

__all__ = ["Flaw", "HoldsNothing", "Stumble", "allows_none", "starved_of", "stumbles"]

_ITEMS: Final = 200
_DEPTH: Final = 4
_SHORTEST: Final = 2
_WORDS = re.compile(r"\w")
_WORD = re.compile(r"[a-z]+")
_QUOTED_TYPE = re.compile(r"['\"](\w+)['\"]")
_SHAPES: Final[dict[str, type]] = {"str": str, "int": int, "float": float, "list": list, "dict": dict, "bool": bool}
_OVER_NOTHING: Final = ("IndexError", "ZeroDivisionError", "StatisticsError", "StopIteration")
_OFTEN_EMPTY: Final = frozenset(
    ("error", "errors", "warning", "warnings", "feedback", "log", "logs", "history", "note", "notes", "comment",
     "comments", "issue", "issues", "problem", "problems", "missing", "failed", "failures", "skipped", "rejected",
     "queue", "pending", "scratchpad", "critique", "retries")
)  # fmt: skip
"""Words in the names of fields that are often rightly empty."""


class Flaw(ABC):
    """A fault that a value can carry on from step to step."""

    @abstractmethod
    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether a value carries the fault.

        Args:
            value: What a step read or wrote.
            like: The value in which the fault was seen first; only what resembles it can be its source.
        """

    @abstractmethod
    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did that brought the fault in, to stand behind its name.

        Args:
            path: Where it put the faulty value.
            value: The faulty value.
        """


@dataclass(frozen=True)
class LacksKey(Flaw):
    """A dict, or the dicts of a list, without a key."""

    key: str

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether no dict in the value has the key, and the dicts are of the same kind."""
        items = list(_dicts(value))
        if not items or any(self.key in item for item in items):
            return False
        wanted: set[str] = set().union(*(item.keys() for item in _dicts(like))) if like is not ABSENT else set()
        own: set[str] = set().union(*(item.keys() for item in items))
        return not wanted or len(own & wanted) * 2 >= min(len(own), len(wanted))

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"left {name(self.key)} out of {name(path)}"


@dataclass(frozen=True)
class HoldsNone(Flaw):
    """None under a key of a nested value, or as the value itself."""

    key: str

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether None stands there."""
        if not self.key:
            return value is None
        return any(self.key in item and item[self.key] is None for item in _dicts(value))

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"set {name(f'{path}.{self.key}' if self.key else path)} to None"


@dataclass(frozen=True)
class HoldsText(Flaw):
    """One particular text."""

    text: str

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether the text is the value, or one of the texts in it."""
        return any(text == self.text for text in _texts(value))

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"wrote {cut(plain(self.text), 30)!r} into {name(path)}"


@dataclass(frozen=True)
class HoldsNothing(Flaw):
    """Nothing where something was needed: absence, None, an empty text, list or dict; zero where it was divided by."""

    zero: bool = False

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether there is nothing."""
        return value is ABSENT or is_empty(value) or (self.zero and value == 0 and not isinstance(value, bool))

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"set {name(path)} to None" if value is None else f"wrote {looks(value)} into {name(path)}"


@dataclass(frozen=True)
class WrongShape(Flaw):
    """A value of a type that its reader could not work with."""

    value: JsonValue

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether it is this very value."""
        return value is not ABSENT and same(value, self.value)

    def clause(self, path: str, value: JsonValue = ABSENT) -> str:
        """What the step did."""
        return f"wrote {name(path)} as {looks(self.value)}"


@dataclass(frozen=True)
class Stumble:
    """A place in a step's input that its exception points at.

    Attributes:
        path: The field or dotted path.
        flaw: What is wrong there.
    """

    path: str
    flaw: Flaw


def stumbles(step: TraceStep, error: ErrorInfo, lineage: Lineage) -> list[Stumble]:
    """The places in a failed step's input that its exception points at, by what the exception says.

    Args:
        step: The step that raised.
        error: Its exception.
        lineage: The run's data flow.

    Returns:
        The places, only those on the line that raised where there are any; empty when the text fits nothing that the
        step read.
    """
    found: list[tuple[Read, Flaw]] = []
    for read in lineage.reads(step):
        flaws = _pointed_out(error, at(step.input_state, read.path), read, step, lineage)
        found.extend((read, flaw) for flaw in flaws)
    if any(isinstance(flaw, HoldsText) for _, flaw in found):
        # A key that was looked up and not found is wrong itself when it came out of the state.
        found = [(read, flaw) for read, flaw in found if isinstance(flaw, HoldsText)]
    on_line = [(read, flaw) for read, flaw in found if read.how == "line"]
    return [Stumble(read.path, flaw) for read, flaw in on_line or found]


def starved_of(step: TraceStep, lineage: Lineage) -> list[Stumble]:
    """The places where a step that wrote nothing had itself been given nothing to work on.

    Args:
        step: The step.
        lineage: The run's data flow.
    """
    return [
        Stumble(read.path, HoldsNothing())
        for read in lineage.reads(step)
        if read.how != "assumed" and _lacks_content(step, read.path, lineage)
    ]


def _lacks_content(step: TraceStep, path: str, lineage: Lineage) -> bool:
    """Whether there is nothing in a place that is not made to be empty."""
    value = at(step.input_state, path)
    words = set(_WORD.findall(path.rpartition(".")[2].lower()))
    if not HoldsNothing().is_in(value) or not words.isdisjoint(_OFTEN_EMPTY):
        return False
    if lineage.order.adds_up(step, path.partition(".")[0]) or allows_none(step, path, lineage):
        return False
    version = lineage.version_before(path, step)
    return version is None or version.step is not None  # what was empty from the start is how it is meant to be


def _pointed_out(error: ErrorInfo, value: JsonValue, read: Read, step: TraceStep, lineage: Lineage) -> Iterator[Flaw]:
    kind = error.type.rpartition(".")[2]
    if "NoneType" in error.message:
        if value is None and not allows_none(step, read.path, lineage):
            yield HoldsNone("")
        elif value is ABSENT and not read.required:
            yield HoldsNothing()
        yield from (HoldsNone(key) for key in _keys_of_none(value))
        return
    if kind in _OVER_NOTHING or (kind == "ValueError" and "empty" in error.message):
        zero = kind == "ZeroDivisionError"
        if value is not ABSENT and HoldsNothing(zero).is_in(value) and not allows_none(step, read.path, lineage):
            yield HoldsNothing(zero)
        return
    if value is ABSENT:
        return
    if kind in ("TypeError", "AttributeError") and (shapes := _shapes_named(error.message)):
        if type(value) in shapes and _is_misfit(value, read.path, step, lineage):
            yield WrongShape(value)
        return
    yield from (LacksKey(key) for key in names_missed(error) if LacksKey(key).is_in(value))
    yield from (HoldsText(text) for text in dict.fromkeys(_texts(value)) if _is_quoted(text, error.message))


def _shapes_named(message: str) -> set[type]:
    """The types that a TypeError or AttributeError complains about, as they are recorded."""
    if message.startswith("string indices"):
        return {str}
    if message.startswith("list indices"):
        return {list}
    return {_SHAPES[word] for word in _QUOTED_TYPE.findall(message) if word in _SHAPES}


def _is_misfit(value: JsonValue, path: str, step: TraceStep, lineage: Lineage) -> bool:
    """Whether a value is not what is declared for its place; True where nothing is declared."""
    spec = _declared(step, path, lineage)
    return spec is None or spec.type.kind in ("any", "opaque") or not fits(value, spec.type)


def allows_none(step: TraceStep, path: str, lineage: Lineage) -> bool:
    """Whether a field or nested key is declared so that None is a value like any other.

    Args:
        step: A step of the graph that declares it.
        path: The field or dotted path.
        lineage: The run's data flow.
    """
    spec = _declared(step, path, lineage)
    return spec is not None and (spec.nullable or spec.type.kind == "none")


def _declared(step: TraceStep, path: str, lineage: Lineage) -> FieldSpec | None:
    first, *rest = path.split(".")
    spec: FieldSpec | None = lineage.order.fields(step).get(first)
    for part in rest:
        spec = next((one for one in _members(spec.type) if one.name == part), None) if spec is not None else None
    return spec


def _members(kind: TypeSpec) -> tuple[FieldSpec, ...]:
    """The fields of a record, of the records of a list, or of those in a union."""
    return (*kind.fields, *(field for one in kind.args for field in one.fields))


def _is_quoted(text: str, message: str) -> bool:
    """Whether an error message quotes a text, whole and between quotes."""
    if len(text) < _SHORTEST or len(text) > _ITEMS or not _WORDS.search(text):
        return False
    return any(f"{quote}{text}{quote}" in message for quote in "'\"")


def _dicts(value: JsonValue, depth: int = _DEPTH) -> Iterator[dict[str, JsonValue]]:
    """The dicts that a value is or lists."""
    if isinstance(value, dict) and not is_mark(value):
        yield value
    elif isinstance(value, list) and depth:
        for item in value[:_ITEMS]:
            yield from _dicts(item, depth - 1)


def _keys_of_none(value: JsonValue) -> Iterator[str]:
    """The keys under which None stands in a value."""
    keys = (key for item in _dicts(value) for key, held in item.items() if held is None)
    yield from dict.fromkeys(keys)


def _texts(value: JsonValue, depth: int = _DEPTH) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)) and depth and not is_empty(value):
        for item in list(value.values() if isinstance(value, dict) else value)[:_ITEMS]:
            yield from _texts(item, depth - 1)
