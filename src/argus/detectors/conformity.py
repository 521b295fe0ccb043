"""Whether a recorded value can be what a type declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from argus.model.graph import FieldSpec, TypeKind, TypeSpec
from argus.model.values import JsonValue, cut_of, is_mark, is_redacted

__all__ = ["Conformity", "Misfit", "kind_word"]

_DEEPEST: Final = 40
_ROLES: Final = frozenset({"type", "role", "content"})
_WORDS: Final = {str: "text", bool: "bool", int: "int", float: "float", list: "list", dict: "dict", type(None): "None"}


def kind_word(value: JsonValue) -> str:
    """How to call a value's kind in a sentence."""
    return _WORDS.get(type(value), type(value).__name__)


@dataclass(frozen=True)
class Misfit:
    """A part of a value that is not what was declared.

    Attributes:
        path: Where in the value, keys and positions; empty for the value itself.
        expected: The declared type, as people write it.
        found: The part, or None where a key is absent.
        absent: Whether a required key is not there at all.
        mild: Whether most programs would not notice, such as ``3.0`` for an int.
    """

    path: tuple[str, ...]
    expected: str
    found: JsonValue = None
    absent: bool = False
    mild: bool = False

    def under(self, key: str) -> Misfit:
        """The same, seen from what holds the value under a key."""
        return Misfit((key, *self.path), self.expected, self.found, self.absent, self.mild)


class Conformity:
    """Compares the values of one run with declared types; each container is looked at once for each type.

    Recorded values are JSON, so whatever JSON cannot tell apart passes: tuples and sets are lists, dates and decimals
    are texts, records are dicts. What was cut, redacted or replaced at capture always passes.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Misfit | None] = {}

    def misfit(self, value: JsonValue, spec: TypeSpec, depth: int = 0) -> Misfit | None:
        """The first part of a value that does not fit, grave ones before mild ones; None when all of it does.

        Args:
            value: A recorded value.
            spec: The declared type.
            depth: Containers around it.
        """
        check = _CHECKS.get(spec.kind)
        if check is None or depth > _DEEPEST or is_mark(value) or is_redacted(value):
            return None
        if not isinstance(value, list | dict):
            return check(self, value, spec, depth)
        key = (id(value), id(spec))
        if key not in self._known:
            self._known[key] = check(self, value, spec, depth)
        return self._known[key]

    def first(self, parts: Mapping[str, JsonValue], spec: TypeSpec, depth: int) -> Misfit | None:
        """The first part that does not fit one type, mild ones last.

        Args:
            parts: By key or position.
            spec: The type of each.
            depth: Containers around them.
        """
        mild: Misfit | None = None
        for key, part in parts.items():
            found = self.misfit(part, spec, depth + 1)
            if found is not None:
                if not found.mild:
                    return found.under(key)
                mild = mild or found.under(key)
        return mild


def _plain(*kinds: type) -> Callable[[Conformity, JsonValue, TypeSpec, int], Misfit | None]:
    def check(_: Conformity, value: JsonValue, spec: TypeSpec, __: int) -> Misfit | None:
        return None if type(value) in kinds else Misfit((), _name(spec), value)

    return check


def _bool(_: Conformity, value: JsonValue, spec: TypeSpec, __: int) -> Misfit | None:
    if isinstance(value, bool):
        return None
    return Misfit((), _name(spec), value, mild=type(value) is int and value in (0, 1))


def _int(_: Conformity, value: JsonValue, spec: TypeSpec, __: int) -> Misfit | None:
    if isinstance(value, int):  # a bool is an int in Python
        return None
    return Misfit((), _name(spec), value, mild=isinstance(value, float) and value.is_integer())


def _list(fits: Conformity, value: JsonValue, spec: TypeSpec, depth: int) -> Misfit | None:
    if not isinstance(value, list):
        return Misfit((), _name(spec), value)
    if spec.kind == "tuple" and not spec.variadic:
        if len(value) != len(spec.args):
            return Misfit((), f"{_name(spec)} with {len(spec.args)} items", value)
        for place, (part, declared) in enumerate(zip(value, spec.args, strict=True)):
            found = fits.misfit(part, declared, depth + 1)
            if found is not None:
                return found.under(str(place))
        return None
    if not spec.args or _all_plain(value, spec.args[0]):
        return None
    return fits.first({str(place): part for place, part in enumerate(value)}, spec.args[0], depth)


def _dict(fits: Conformity, value: JsonValue, spec: TypeSpec, depth: int) -> Misfit | None:
    if not isinstance(value, dict):
        return Misfit((), _name(spec), value)
    if len(spec.args) < 2 or _all_plain(value.values(), spec.args[1]):
        return None
    return fits.first(value, spec.args[1], depth)


def _object(fits: Conformity, value: JsonValue, spec: TypeSpec, depth: int) -> Misfit | None:
    if not isinstance(value, dict):
        return Misfit((), _name(spec), value)
    mild: Misfit | None = None
    for field in spec.fields:
        found = _field(fits, value, field, depth)
        if found is not None:
            if not found.mild:
                return found.under(field.name)
            mild = mild or found.under(field.name)
    return mild


def _field(fits: Conformity, value: Mapping[str, JsonValue], field: FieldSpec, depth: int) -> Misfit | None:
    if field.name not in value:
        whole = "…" not in value  # the key under which capture says that it left keys out
        return Misfit((), _name(field.type), absent=True) if field.required and whole else None
    part = value[field.name]
    return None if part is None and field.nullable else fits.misfit(part, field.type, depth + 1)


def _literal(_: Conformity, value: JsonValue, spec: TypeSpec, __: int) -> Misfit | None:
    if cut_of(value) is not None or any(type(value) is type(one) and value == one for one in spec.values):
        return None
    return Misfit((), _name(spec), value)


def _union(fits: Conformity, value: JsonValue, spec: TypeSpec, depth: int) -> Misfit | None:
    misfits: list[Misfit] = []
    for member in spec.args:
        found = None if member.kind in ("any", "opaque") else fits.misfit(value, member, depth)
        if found is None:
            return None
        misfits.append(found)
    inner = [one for one in misfits if one.path]  # the member that was meant has the right outside
    if len(inner) == 1:
        return inner[0]
    return Misfit((), _name(spec), value, mild=any(one.mild for one in misfits)) if misfits else None


def _message(_: Conformity, value: JsonValue, spec: TypeSpec, __: int) -> Misfit | None:
    """A message; LangGraph makes one from a text, a dict with a role, or a pair of role and text."""
    if isinstance(value, str) or (isinstance(value, dict) and not _ROLES.isdisjoint(value)):
        return None
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value):
        return None
    return Misfit((), _name(spec), value)


_CHECKS: Final[dict[TypeKind, Callable[[Conformity, Any, TypeSpec, int], Misfit | None]]] = {
    "none": _plain(type(None)),
    "bool": _bool,
    "int": _int,
    "float": _plain(float, int, bool),
    "str": _plain(str),
    "bytes": _plain(str),
    "list": _list,
    "tuple": _list,
    "set": _list,
    "dict": _dict,
    "object": _object,
    "literal": _literal,
    "union": _union,
    "message": _message,
}
"""``any`` and ``opaque`` accept everything."""

_PLAIN: Final[dict[TypeKind, frozenset[type]]] = {
    "bool": frozenset({bool}),
    "int": frozenset({int, bool}),
    "float": frozenset({float, int, bool}),
    "str": frozenset({str}),
}


def _all_plain(parts: Iterable[JsonValue], spec: TypeSpec) -> bool:
    """Whether all parts fit by their mere type: most do, and then nothing need be looked at one by one."""
    if spec.kind not in _CHECKS:
        return True
    kinds = _PLAIN.get(spec.kind)
    return kinds is not None and kinds.issuperset(map(type, parts))


def _name(spec: TypeSpec) -> str:
    return spec.name or spec.kind
