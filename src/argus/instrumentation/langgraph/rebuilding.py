"""Recorded values, made into Python values again through the types that the loaded graph declares.

A class is only ever taken from an annotation of the graph, or is one of LangChain's own message classes; a name in a
record never chooses one. What the record does not hold (secrets, cut strings, objects that were only named) is a
problem that is told with its path.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Annotated, Any, Final, NamedTuple, Union
from uuid import UUID

from langchain_core.documents import Document
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)

from argus.model.values import MARK, JsonValue, cut_of, is_redacted

__all__ = ["Problem", "Rebuilder", "declared_types"]

_MESSAGES: Final[dict[str, type[BaseMessage]]] = {
    "ai": AIMessage, "AIMessageChunk": AIMessageChunk, "chat": ChatMessage, "function": FunctionMessage,
    "human": HumanMessage, "remove": RemoveMessage, "system": SystemMessage, "tool": ToolMessage,
}  # fmt: skip
_PARSED: Final[dict[type, Callable[[str], Any]]] = {
    UUID: UUID, Decimal: Decimal, Fraction: Fraction, complex: complex, date: date.fromisoformat,
    time: time.fromisoformat,
}  # fmt: skip
_LISTS: Final = (list, Sequence, typing.MutableSequence, typing.Iterable, typing.Collection)
_DICTS: Final = (dict, Mapping, typing.MutableMapping)
_UNIONS: Final = (Union, types.UnionType)
_MISSING: Final = object()


class Problem(NamedTuple):
    """A value that cannot be made again.

    Attributes:
        path: Where it stands: a field, or a dotted path into one.
        reason: Why, such as ``is redacted in the record``.
    """

    path: str
    reason: str


def declared_types(graph: Any) -> dict[str, Any]:
    """The annotations of a graph's state fields, from every schema that it knows.

    Args:
        graph: A compiled graph.
    """
    found: dict[str, Any] = {}
    builder = getattr(graph, "builder", None)
    for schema, channels in getattr(builder, "schemas", {}).items():
        hints = _hints(schema)
        if "__root__" in channels:
            found.setdefault("__root__", schema)
        for name in channels:
            if name in hints:
                found.setdefault(name, hints[name])
    for name, channel in graph.channels.items():
        found.setdefault(name, getattr(channel, "typ", Any))
    return found


def _hints(kind: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind, include_extras=True)
    except Exception:  # noqa: BLE001 - annotations are code of the application
        return dict.fromkeys(getattr(kind, "__annotations__", {}), Any)


class Rebuilder:
    """Makes values again, and gathers what could not be made.

    Args:
        problems: Where problems are noted.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def build(self, kind: Any, value: JsonValue, path: str) -> Any:
        """A recorded value as what its annotation says; as recorded where the annotation does not fit.

        Args:
            kind: The annotation.
            value: As recorded.
            path: Where it stands.
        """
        if type(value) is dict:
            if MARK in value:
                return self._marked(value, path)
        elif type(value) is str:
            if is_redacted(value):
                return self._problem(path, "is redacted in the record", value)
            if value.endswith("⟧") and (cut := cut_of(value)) is not None:
                return self._problem(path, f"was cut to {cut.kept:,} of {cut.length:,} characters in the record", value)
        return self._typed(_bare(kind), value, path)

    def _problem(self, path: str, reason: str, value: Any) -> Any:
        self._problems.append(Problem(path, reason))
        return value

    def _marked(self, value: dict[str, JsonValue], path: str) -> Any:
        kind = value[MARK]
        if kind == "float" and value.get("value") in ("nan", "inf", "-inf"):
            return float(value["value"])
        digits = value.get("repr")
        if kind == "object" and value.get("type") == "int" and type(digits) is str and digits.lstrip("-").isdecimal():
            return int(digits)
        reasons = {
            "skipped": "was not recorded, because `capture.fields` skips it",
            "hashed": "was recorded as a hash only, because `capture.fields` says so",
            "more": "was recorded in part: it has more items than are kept",
            "bytes": "holds bytes, of which only length and hash are recorded",
            "buffer": "holds an array, of which only shape and hash are recorded",
            "cycle": "holds itself",
            "deep": "is nested deeper than is recorded",
        }
        named = f"is an object that the record only names ({str(value.get('type'))[:80]})"
        return self._problem(path, reasons.get(str(kind), named), value)

    def _typed(self, kind: Any, value: JsonValue, path: str) -> Any:
        origin = typing.get_origin(kind)
        if origin in _UNIONS:
            return self._one_of(typing.get_args(kind), value, path)
        if isinstance(value, list):
            return self._listed(kind, origin, value, path)
        if isinstance(value, dict):
            return self._record(kind, origin, value, path)
        return _scalar(kind, value)

    def _one_of(self, kinds: Sequence[Any], value: JsonValue, path: str) -> Any:
        if value is None and type(None) in kinds:
            return None
        best: tuple[int, Any, list[Problem]] | None = None
        for kind in kinds:
            bare = _bare(kind)
            if bare is type(None):
                continue
            problems: list[Problem] = []
            built = Rebuilder(problems).build(bare, value, path)
            rank = _fit(bare, value, built) - 10 * len(problems)
            if best is None or rank > best[0]:
                best = (rank, built, problems)
        if best is None:
            return value
        self._problems.extend(best[2])
        return best[1]

    def _listed(self, kind: Any, origin: Any, value: list[JsonValue], path: str) -> Any:
        arguments = typing.get_args(kind)
        base = origin or kind
        if base is tuple and arguments and arguments[-1] is not Ellipsis:
            kinds = (*arguments, *[Any] * len(value))
            return tuple(self.build(kinds[at], item, f"{path}.{at}") for at, item in enumerate(value))
        items = [self.build(arguments[0] if arguments else Any, item, f"{path}.{at}") for at, item in enumerate(value)]
        if isinstance(base, type):
            if base in (tuple, set, frozenset):
                return _tried(base, items)
            if issubclass(base, tuple) and hasattr(base, "_fields"):
                return _tried(lambda all_items: base(*all_items), items)
            if base not in _LISTS and issubclass(base, (list, deque, set, frozenset)):
                return _tried(base, items)
        return items

    def _record(self, kind: Any, origin: Any, value: dict[str, JsonValue], path: str) -> Any:
        if _is_typeddict(origin or kind):
            hints = _hints(origin or kind)
            return {name: self.build(hints.get(name, Any), item, f"{path}.{name}") for name, item in value.items()}
        base = origin if origin is not None else kind
        if base in _DICTS:
            arguments = typing.get_args(kind)
            keys, values = arguments if len(arguments) == 2 else (str, Any)
            return {_key(_bare(keys), name): self.build(values, item, f"{path}.{name}") for name, item in value.items()}
        if not isinstance(base, type) or base is object or base is Any:
            return self._untyped(value, path)
        if issubclass(base, BaseMessage):
            return self._message(value, path)
        return self._instance(base, value, path)

    def _untyped(self, value: dict[str, JsonValue], path: str) -> Any:
        if value.get("type") in _MESSAGES and "content" in value:
            return self._message(value, path)
        if value.get("type") == "Document" and "page_content" in value:
            return self._instance(Document, value, path)
        return {name: self.build(Any, item, f"{path}.{name}") for name, item in value.items()}

    def _message(self, value: dict[str, JsonValue], path: str) -> Any:
        kind = _MESSAGES.get(str(value.get("type")))
        return value if kind is None else self._instance(kind, value, path)

    def _instance(self, kind: type, value: dict[str, JsonValue], path: str) -> Any:
        """An object with the recorded content, past constructors and validators, which ran when it was first made."""
        hints = _hints(kind)
        if not _all_fields(kind) <= value.keys():  # objects are recorded whole; this was a dict in the place of one
            hints = {}
            kind = dict
        fields = {name: self.build(hints.get(name, Any), item, f"{path}.{name}") for name, item in value.items()}
        try:
            if hasattr(kind, "model_construct"):
                made: Any = kind.model_construct()
                known = kind.__pydantic_fields__  # type: ignore[attr-defined]  # every pydantic model has it
                made.__dict__.update({name: item for name, item in fields.items() if name in known})
                object.__setattr__(made, "__pydantic_fields_set__", set(fields) & set(known))
                if made.__pydantic_extra__ is not None:
                    made.__pydantic_extra__.update({name: item for name, item in fields.items() if name not in known})
                return made
            if issubclass(kind, tuple) and hasattr(kind, "_fields"):
                return kind(**fields)
            if dataclasses.is_dataclass(kind) or hasattr(kind, "__attrs_attrs__"):
                made = object.__new__(kind)
                for name, item in fields.items():
                    object.__setattr__(made, name, item)
                return made
            if hasattr(kind, "__struct_fields__"):
                return kind(**fields)
            if issubclass(kind, dict):
                return kind(fields)
        except Exception as error:  # noqa: BLE001 - classes of the application may refuse in any way
            return self._problem(path, f"cannot be made a {kind.__qualname__} again: {error}", value)
        if kind in (str, int, float, bool, bytes, type(None)):
            return {name: self.build(Any, item, f"{path}.{name}") for name, item in value.items()}
        return self._problem(path, f"is declared as {kind.__qualname__}, which cannot be made from a record", value)


def _is_typeddict(kind: Any) -> bool:
    return type(kind).__name__ == "_TypedDictMeta"  # those of typing and of typing_extensions


def _all_fields(kind: type) -> set[str]:
    """The fields that every record of a class has; messages and documents are recorded without their empty ones."""
    if issubclass(kind, BaseMessage | Document):
        return set()
    if hasattr(kind, "__pydantic_fields__"):
        return set(kind.__pydantic_fields__)
    if dataclasses.is_dataclass(kind):
        return {field.name for field in dataclasses.fields(kind)}
    return set(getattr(kind, "_fields", None) or getattr(kind, "__struct_fields__", None) or ())


def _bare(kind: Any) -> Any:
    """An annotation without what stands around the type itself."""
    while True:
        origin = typing.get_origin(kind)
        if (origin is Annotated and kind is not AnyMessage) or (
            origin is not None and getattr(origin, "_name", "") in ("Required", "NotRequired", "ReadOnly")
        ):
            kind = typing.get_args(kind)[0]
        elif kind is AnyMessage:
            return BaseMessage
        elif isinstance(kind, typing.TypeVar):
            kind = kind.__bound__ or Any
        elif hasattr(kind, "__supertype__"):
            kind = kind.__supertype__
        elif type(kind).__name__ == "TypeAliasType":
            kind = kind.__value__
        else:
            return kind


def _scalar(kind: Any, value: JsonValue) -> Any:
    if not isinstance(kind, type) or value is None:
        return value
    try:
        if issubclass(kind, Enum):
            return kind(value)
        if kind is float and type(value) is int:
            return value  # the record tells 1 from 1.0
        if type(value) is not str:
            return value
        if kind in _PARSED:
            return _PARSED[kind](value)
        if kind is datetime:
            return datetime.fromisoformat(f"{value[:-1]}+00:00" if value.endswith("Z") else value)
        if kind is timedelta:
            return _timedelta(value)
        if issubclass(kind, PurePath):
            return Path(value) if kind is Path else PurePath.__new__(kind, value)
    except (ValueError, TypeError, ArithmeticError):
        return value
    return value


def _timedelta(text: str) -> timedelta:
    days, _, clock = text.rpartition(", ")
    hours, minutes, seconds = clock.split(":")
    number = int(days.split()[0]) if days else 0
    return timedelta(days=number, hours=int(hours), minutes=int(minutes), seconds=float(seconds))


def _key(kind: Any, name: str) -> Any:
    """A key of a dict, which is recorded as text."""
    if kind is int or kind is float:
        try:
            return kind(name)
        except ValueError:
            return name
    if kind is bool and name in ("True", "False"):
        return name == "True"
    return _scalar(kind, name)


def _tried(make: Callable[[list[Any]], Any], items: list[Any]) -> Any:
    try:
        return make(items)
    except TypeError:  # items that cannot be in a set: the value was not what the annotation says
        return items


def _fit(kind: Any, value: JsonValue, built: Any) -> int:
    """How well a member of a union fits what was recorded."""
    base = typing.get_origin(kind) or kind
    if base is typing.Literal:
        return 3 if value in typing.get_args(kind) else -1
    if _is_typeddict(base):
        return 2 if isinstance(value, dict) and value.keys() <= _hints(base).keys() else -1
    if not isinstance(base, type):
        return 0
    if isinstance(value, dict) and base not in _DICTS:
        names = set(_hints(base))
        return 2 if isinstance(built, base) and value.keys() <= names else 1 if isinstance(built, base) else -1
    if base is type(value):
        return 3
    return 2 if isinstance(built, base) else -1
