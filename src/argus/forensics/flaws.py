"""What exactly an exception stumbled over, so that it can be followed upwards until it is not there any more."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.dataflow.complaints import names_missed
from argus.dataflow.lineage import Lineage
from argus.dataflow.values import ABSENT, at, is_empty
from argus.forensics.wording import cut, name, plain
from argus.model.graph import FieldSpec, TypeSpec
from argus.model.trace import ErrorInfo, TraceStep
from argus.model.values import JsonValue, is_mark

__all__ = ["Flaw", "Stumble", "allows_none", "stumbles"]

_ITEMS: Final = 200
_DEPTH: Final = 4
_SHORTEST: Final = 2
_WORDS = re.compile(r"\w")


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
    def clause(self, path: str) -> str:
        """What the step did that brought the fault in, to stand behind its name.

        Args:
            path: Where it put the faulty value.
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

    def clause(self, path: str) -> str:
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

    def clause(self, path: str) -> str:
        """What the step did."""
        return f"set {name(f'{path}.{self.key}' if self.key else path)} to None"


@dataclass(frozen=True)
class HoldsText(Flaw):
    """One particular text."""

    text: str

    def is_in(self, value: JsonValue, like: JsonValue = ABSENT) -> bool:
        """Whether the text is the value, or one of the texts in it."""
        return any(text == self.text for text in _texts(value))

    def clause(self, path: str) -> str:
        """What the step did."""
        return f"wrote {cut(plain(self.text), 30)!r} into {name(path)}"


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
        The places, those on the line that raised first; empty when the text fits nothing that the step read.
    """
    found: list[tuple[bool, Stumble]] = []
    for read in lineage.reads(step):
        value = at(step.input_state, read.path)
        if value is ABSENT:
            continue
        flaws = _pointed_out(error, value, read.path, step, lineage)
        found.extend((read.how != "line", Stumble(read.path, flaw)) for flaw in flaws)
    if any(isinstance(stumble.flaw, HoldsText) for _, stumble in found):
        # A key that was looked up and not found is wrong itself when it came out of the state.
        found = [entry for entry in found if isinstance(entry[1].flaw, HoldsText)]
    found.sort(key=lambda entry: entry[0])
    nearest = found[0][0] if found else False
    return [stumble for elsewhere, stumble in found if elsewhere is nearest]


def _pointed_out(error: ErrorInfo, value: JsonValue, path: str, step: TraceStep, lineage: Lineage) -> Iterator[Flaw]:
    missed = names_missed(error)
    for key in missed:
        if LacksKey(key).is_in(value):
            yield LacksKey(key)
    if "NoneType" in error.message:
        if value is None and not allows_none(step, path, lineage):
            yield HoldsNone("")
        yield from (HoldsNone(key) for key in _keys_of_none(value))
    elif not missed or error.type.rpartition(".")[2] == "KeyError":
        yield from (HoldsText(text) for text in dict.fromkeys(_texts(value)) if _is_quoted(text, error.message))


def allows_none(step: TraceStep, path: str, lineage: Lineage) -> bool:
    """Whether a field or nested key is declared so that None is a value like any other.

    Args:
        step: A step of the graph that declares it.
        path: The field or dotted path.
        lineage: The run's data flow.
    """
    first, *rest = path.split(".")
    spec: FieldSpec | None = lineage.order.fields(step).get(first)
    for part in rest:
        spec = next((one for one in _members(spec.type) if one.name == part), None) if spec is not None else None
    return spec is not None and (spec.nullable or spec.type.kind == "none")


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
