"""The places in a failed step's input that its exception points at, and what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.dataflow.complaints import names_missed
from argus.dataflow.lineage import Lineage
from argus.dataflow.reading import Read
from argus.dataflow.values import ABSENT, at
from argus.forensics.expected import fits
from argus.forensics.flaws import Flaw, HoldsNone, HoldsNothing, HoldsText, LacksKey, NotJson, WrongShape, leaves
from argus.forensics.raising_line import RaisingLine, raising_line
from argus.model.graph import FieldSpec, TypeSpec
from argus.model.trace import ErrorInfo, TraceStep
from argus.model.values import JsonValue

__all__ = ["Stumble", "allows_none", "declared", "is_misfit", "starved_of", "stumbles"]

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
     "queue", "pending", "scratchpad", "critique", "retries")
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
    witness = _Witness(step, error, lineage)
    found: list[tuple[Read, Flaw]] = []
    for read in lineage.reads(step):
        found.extend((read, flaw) for flaw in witness.points_at(read, at(step.input_state, read.path)))
    if any(isinstance(flaw, HoldsText) for _, flaw in found):
        # A key that was looked up and not found is wrong itself when it came out of the state.
        found = [(read, flaw) for read, flaw in found if isinstance(flaw, HoldsText)]
    on_line = [(read, flaw) for read, flaw in found if read.how in ("line", "error")]
    return [Stumble(read.path, flaw) for read, flaw in on_line or found]


class _Witness:
    """What an exception says about the input of the step that raised it."""

    def __init__(self, step: TraceStep, error: ErrorInfo, lineage: Lineage) -> None:
        self._step = step
        self._error = error
        self._lineage = lineage
        self._line: RaisingLine = raising_line(error)
        self._kind = error.type.rpartition(".")[2]
        self._missed = names_missed(error)
        self._shapes = _shapes_named(error.message) if self._kind in _OVER_SHAPE else set()

    def points_at(self, read: Read, value: JsonValue) -> Iterator[Flaw]:
        """What is wrong with what a step read, according to the exception."""
        if "NoneType" in self._error.message or (self._kind == "KeyError" and self._error.message == "None"):
            yield from self._over_none(read, value)
        elif self._kind in _OVER_NOTHING or (self._kind == "ValueError" and "empty" in self._error.message):
            zero = self._kind == "ZeroDivisionError"
            if HoldsNothing(zero).is_in(value) and not (value is ABSENT and read.required):
                yield HoldsNothing(zero)
        elif value is ABSENT:
            return
        elif self._kind == "JSONDecodeError":
            if NotJson(self._error.message).is_in(value):
                yield NotJson(self._error.message)
        elif self._shapes:
            yield from self._over_shape(read, value)
        else:
            yield from self._over_key(value)

    def _over_none(self, read: Read, value: JsonValue) -> Iterator[Flaw]:
        last = read.path.rpartition(".")[2]
        if HoldsNone("").is_in(value):
            if read.how == "line" or self._on_line(last) or not allows_none(self._step, read.path, self._lineage):
                yield HoldsNone("")
        elif value is ABSENT and not read.required and self._on_line(last):
            yield HoldsNothing()
        keys = dict.fromkeys(leaf.key for leaf in leaves(value) if leaf.value is None and leaf.key)
        yield from (HoldsNone(key) for key in keys if self._on_line(key))

    def _over_shape(self, read: Read, value: JsonValue) -> Iterator[Flaw]:
        last = read.path.rpartition(".")[2]
        if self._line.known and (self._line.operands or read.how != "line"):
            odd = (one for one in leaves(value, last) if type(one.value) in self._shapes and self._on_line(one.key))
            for leaf in odd:
                if (
                    leaf.key != last
                    or leaf.value is not value
                    or is_misfit(value, read.path, self._step, self._lineage)
                ):
                    yield WrongShape("" if leaf.key == last else leaf.key, leaf.value)
                    return
        elif type(value) in self._shapes and is_misfit(value, read.path, self._step, self._lineage):
            yield WrongShape("", value)

    def _over_key(self, value: JsonValue) -> Iterator[Flaw]:
        for key in self._missed:
            looked_up = not self._line.known or (key in self._line.words and not self._line.explicit)
            if looked_up and LacksKey(key).is_in(value):
                yield LacksKey(key)
        texts = dict.fromkeys(leaf.value for leaf in leaves(value) if isinstance(leaf.value, str))
        yield from (HoldsText(text) for text in texts if _is_quoted(text, self._error.message))

    def _on_line(self, key: str) -> bool:
        return not self._line.known or key in (self._line.operands or self._line.words)


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


def _shapes_named(message: str) -> set[type]:
    """The types that an exception complains about, as they are recorded; of several the least like a number."""
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
