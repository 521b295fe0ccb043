"""The places in a failed step's input that its exception points at, and what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from argus.dataflow.complaints import names_missed
from argus.dataflow.lineage import Lineage
from argus.dataflow.reading import Read
from argus.dataflow.values import ABSENT, at
from argus.forensics.expected import fits
from argus.forensics.flaws import (
    Flaw,
    HoldsNone,
    HoldsNothing,
    HoldsText,
    LacksKey,
    NotJson,
    WrongShape,
    complains,
    leaves,
)
from argus.forensics.raising_line import RaisingLine, raising_line
from argus.model.graph import FieldSpec, TypeSpec
from argus.model.trace import ErrorInfo, TraceStep
from argus.model.values import JsonValue

__all__ = ["Stumble", "allows_none", "declared", "is_misfit", "shapes_named", "starved_of", "stumbles", "unfilled_of"]

_SHORTEST: Final = 2
_LONGEST: Final = 1_000
_LETTER = re.compile(r"\w")
_WORD = re.compile(r"[a-z]+")
_TYPE_WORD = re.compile(r"['\"](\w+)['\"]|(\w+) found\b|\bgot (\w+)|passed to (\w+)\.__format__|must be \w+, not (\w+)")
_SHAPES: Final[dict[str, type]] = {
    "str": str, "int": int, "float": float, "list": list, "tuple": list, "dict": dict, "bool": bool,
}  # fmt: skip
_OVER_NOTHING: Final = ("IndexError", "ZeroDivisionError", "StatisticsError", "StopIteration")
_OVER_SHAPE: Final = ("TypeError", "AttributeError", "ValueError")
_OFTEN_EMPTY: Final = frozenset(
    ("error", "errors", "warning", "warnings", "feedback", "log", "logs", "history", "note", "notes", "comment",
     "comments", "issue", "issues", "problem", "problems", "missing", "failed", "failures", "skipped", "rejected",
     "queue", "pending", "scratchpad", "critique", "retries", "reason", "reasons", "remark", "remarks", "objections",
     "exclusions", "conflicts", "gaps", "open", "todo", "todos", "left", "remaining")
)  # fmt: skip
"""Words in the names of fields that are often rightly empty."""


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
    told = raising_line(error)
    for line in dict.fromkeys((told, RaisingLine(explicit=told.explicit))):
        # Where the line names nothing that was read, it worked with variables: then any place may be meant.
        witness = _Witness(step, error, lineage, line)
        found: list[tuple[Read, Flaw]] = []
        for read in lineage.reads(step):
            found.extend((read, flaw) for flaw in witness.points_at(read, at(step.input_state, read.path)))
        if found:
            return _likeliest(found)
    return []


def _likeliest(found: list[tuple[Read, Flaw]]) -> list[Stumble]:
    if any(isinstance(flaw, HoldsText) for _, flaw in found):
        # A key that was looked up and not found is wrong itself when it came out of the state.
        found = [(read, flaw) for read, flaw in found if isinstance(flaw, HoldsText)]
    on_line = [(read, flaw) for read, flaw in found if read.how in ("line", "error")]
    places: list[Stumble] = []
    for read, flaw in on_line or found:
        stumble = _widened(Stumble(read.path, flaw))
        if stumble not in places:
            places.append(stumble)
    return places


def _widened(stumble: Stumble) -> Stumble:
    """A fault of a nested key as a fault of the value around it, which is what steps hand on."""
    around, _, key = stumble.path.rpartition(".")
    flaw = stumble.flaw
    if around and isinstance(flaw, HoldsNone) and not flaw.key:
        return Stumble(around, HoldsNone(key))
    if around and isinstance(flaw, WrongShape) and not flaw.key:
        return Stumble(around, WrongShape(key, flaw.value))
    if around and isinstance(flaw, HoldsText):
        return Stumble(around, flaw)
    return stumble


class _Witness:
    """What an exception says about the input of the step that raised it."""

    def __init__(self, step: TraceStep, error: ErrorInfo, lineage: Lineage, line: RaisingLine) -> None:
        self._step = step
        self._error = error
        self._lineage = lineage
        self._line = line
        self._kind = error.type.rpartition(".")[2]
        self._missed = names_missed(error)
        self._shapes = shapes_named(error.message) if self._kind in _OVER_SHAPE else set()

    def points_at(self, read: Read, value: JsonValue) -> Iterator[Flaw]:
        """What is wrong with what a step read, according to the exception."""
        if _speaks_of_none(self._error, self._kind):
            yield from self._over_none(read, value)
        elif self._kind in _OVER_NOTHING or (self._kind == "ValueError" and "empty" in self._error.message):
            zero = self._kind == "ZeroDivisionError"
            if HoldsNothing(zero).is_in(value) and not (value is ABSENT and read.required):
                yield HoldsNothing(zero)
        elif value is ABSENT:
            return
        elif self._kind == "JSONDecodeError":
            latest = value[-1] if isinstance(value, list) and value else value
            if complains(latest, self._error.message):
                yield NotJson(latest)
        elif self._shapes:
            yield from self._over_shape(read, value)
        else:
            yield from self._over_key(value)

    def _over_none(self, read: Read, value: JsonValue) -> Iterator[Flaw]:
        last = read.path.rpartition(".")[2]
        if HoldsNone("").is_in(value) and (read.how == "line" or self._on_line(last)):
            yield HoldsNone("")
        elif value is ABSENT and not read.required and self._on_line(last):
            yield HoldsNothing()
        keys = dict.fromkeys(leaf.key for leaf in leaves(value) if leaf.value is None and leaf.key)
        yield from (HoldsNone(key) for key in keys if self._on_line(key))

    def _over_shape(self, read: Read, value: JsonValue) -> Iterator[Flaw]:
        last = read.path.rpartition(".")[2]
        for leaf in leaves(value, last):
            if type(leaf.value) not in self._shapes or (self._line.known and not self._on_line(leaf.key)):
                continue
            if leaf.value is value:
                if is_misfit(value, read.path, self._step, self._lineage):
                    yield WrongShape("", value)
                    return
            elif leaf.key == last:
                if isinstance(value, list) and self._is_stranger(leaf.value, value, read.path):
                    yield WrongShape(last, leaf.value)
                    return
            elif self._line.known:
                yield WrongShape(leaf.key, leaf.value)
                return

    def _is_stranger(self, item: JsonValue, items: list[JsonValue], path: str) -> bool:
        """Whether an item of a list is of another type than its neighbours or than what is declared."""
        spec = declared(self._step, path, self._lineage)
        if spec is not None and spec.type.args and spec.type.args[0].kind != "any":
            return not fits(item, spec.type.args[0])
        return self._line.known or any(type(one) is not type(item) for one in items)

    def _over_key(self, value: JsonValue) -> Iterator[Flaw]:
        for key in self._missed:
            looked_up = key in self._line.words if self._line.known else self._is_known(key)
            if looked_up and not self._line.explicit and LacksKey(key).is_in(value):
                yield LacksKey(key)
        texts = dict.fromkeys(leaf.value for leaf in leaves(value) if isinstance(leaf.value, str))
        yield from (HoldsText(text) for text in texts if _is_quoted(text, self._error.message))

    def _is_known(self, key: str) -> bool:
        """Whether any node of the graph deals with a key, as far as sources tell; True where no source is known."""
        graph = self._lineage.order.graph(self._step)
        nodes = [node for node in (graph.nodes if graph is not None else ()) if node.makes is not None]
        return not nodes or any(
            key in (node.makes or ()) or any(read.path.endswith(key) for read in node.reads or ()) for node in nodes
        )

    def _on_line(self, key: str) -> bool:
        return not self._line.known or key in (self._line.operands or self._line.words)


def _speaks_of_none(error: ErrorInfo, kind: str) -> bool:
    """Whether an exception is about None, whether it says so or not."""
    return (
        "NoneType" in error.message
        or error.message.startswith("can only join an iterable")
        or (kind == "KeyError" and error.message == "None")
    )


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


def unfilled_of(step: TraceStep, lineage: Lineage) -> list[Stumble]:
    """The places where a step that wrote out a blank value found None or nothing, allowed or not.

    Args:
        step: The step.
        lineage: The run's data flow.
    """
    return [
        Stumble(read.path, HoldsNothing())
        for read in lineage.reads(step)
        if read.how != "assumed" and at(step.input_state, read.path) in (None, ABSENT)
    ]


def _lacks_content(step: TraceStep, path: str, lineage: Lineage) -> bool:
    """Whether there is nothing in a place that is not made to be empty."""
    if not HoldsNothing().is_in(at(step.input_state, path)) or _is_often_empty(path):
        return False
    if lineage.order.adds_up(step, path.partition(".")[0]) or allows_none(step, path, lineage):
        return False
    version = lineage.version_before(path, step)
    return version is None or version.step is not None  # what was empty from the start is how it is meant to be


@lru_cache(maxsize=1024)
def _is_often_empty(path: str) -> bool:
    return not _OFTEN_EMPTY.isdisjoint(_WORD.findall(path.rpartition(".")[2].lower()))


def shapes_named(message: str) -> set[type]:
    """The types that an exception complains about, as they are recorded; of several the least like a number.

    Args:
        message: The exception's message.
    """
    if message.startswith("string indices"):
        return {str}
    if message.startswith("list indices"):
        return {list}
    if message.startswith("can't multiply sequence"):
        return {str, list}
    words = (word for found in _TYPE_WORD.findall(message) for word in found if word)
    named: set[type] = {_SHAPES[word] for word in words if word in _SHAPES}
    unlike_numbers = named - {int, float, bool}
    return unlike_numbers if unlike_numbers and ("operand" in message or "not supported" in message) else named


def is_misfit(value: JsonValue, path: str, step: TraceStep, lineage: Lineage) -> bool:
    """Whether a value is not what is declared for its place; True where nothing is declared.

    Args:
        value: A recorded value.
        path: The field or dotted path where it stands.
        step: A step of the graph that declares the place.
        lineage: The run's data flow.
    """
    spec = declared(step, path, lineage)
    return spec is None or spec.type.kind in ("any", "opaque") or not fits(value, spec.type)


def allows_none(step: TraceStep, path: str, lineage: Lineage) -> bool:
    """Whether a field or nested key is declared so that None is a value like any other.

    Args:
        step: A step of the graph that declares it.
        path: The field or dotted path.
        lineage: The run's data flow.
    """
    spec = declared(step, path, lineage)
    return spec is not None and (spec.nullable or spec.type.kind == "none")


def declared(step: TraceStep, path: str, lineage: Lineage) -> FieldSpec | None:
    """The declaration of a field or nested key, or None without one.

    Args:
        step: A step of the graph that declares it.
        path: The field or dotted path.
        lineage: The run's data flow.
    """
    first, *rest = path.split(".")
    spec: FieldSpec | None = lineage.order.fields(step).get(first)
    for part in rest:
        spec = next((one for one in _members(spec.type) if one.name == part), None) if spec is not None else None
    return spec


def _members(kind: TypeSpec) -> tuple[FieldSpec, ...]:
    """The fields of a record, of the records of a list, or of those in a union."""
    return (*kind.fields, *(field for one in kind.args for field in one.fields))


def _is_quoted(text: str, message: str) -> bool:
    """Whether an error message quotes a text, whole."""
    if not text or len(text) > _LONGEST:
        return False
    if message == repr(text):
        return True
    if len(text) < _SHORTEST or not _LETTER.search(text):
        return False
    return any(f"{quote}{text}{quote}" in message for quote in "'\"")
