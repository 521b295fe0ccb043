"""What a rule answers for a recorded state; see :mod:`argus.dataflow.static.rules` for rules.

Anything that is not certain (a value that was cut, redacted or not recorded, a type that JSON does not keep) makes the
whole answer uncertain.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from argus.model.values import JsonValue, cut_of, is_mark, is_redacted

__all__ = ["SEND", "Uncertain", "answer_of"]

SEND: Final = "send"
"""The key of an answer that stands for a ``Send``; its value is the node."""

_MOST: Final = 20_000
_CUT_KEY: Final = "…"
_ORDERED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod,
}  # fmt: skip
_BUILT_IN: Final[dict[str, Callable[[Any], Any]]] = {
    "len()": len, "any()": any, "all()": all, "sum()": sum, "min()": min, "max()": max, "bool()": bool, "abs()": abs,
    "round()": round, "int()": int, "float()": float, "str()": str, "list()": list, "set()": list, "tuple()": list,
    "sorted()": sorted,
}  # fmt: skip


class Uncertain(Exception):
    """The answer cannot be told."""


def answer_of(rule: JsonValue, state: Mapping[str, JsonValue]) -> JsonValue:
    """What the function of a rule answers.

    Args:
        rule: From :func:`argus.dataflow.static.rules.rule_of`.
        state: The recorded state that the function was given.

    Returns:
        Its answer; a ``Send`` as ``{"send": node}``, a ``Command`` as its ``goto``.

    Raises:
        Uncertain: It cannot be told.
    """
    try:
        return _Reader(state).value(rule, {})
    except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError, AttributeError) as error:
        raise Uncertain from error


class _Returned(Exception):
    def __init__(self, value: JsonValue) -> None:
        super().__init__()
        self.value = value


class _Reader:
    def __init__(self, state: Mapping[str, JsonValue]) -> None:
        self._state = dict(state)
        self._left = _MOST

    def value(self, rule: Any, names: dict[str, JsonValue]) -> Any:
        self._left -= 1
        if self._left < 0:
            raise Uncertain
        op, *parts = rule
        if op == "const":
            return parts[0]
        if op == "state":
            return self._state
        if op == "name":
            return self._of_name(names[parts[0]])
        if op == "call":
            return self._call(parts[0], parts[1], names)
        if op in ("and", "or"):
            return self._and_or(op, parts, names)
        if op == "choose":
            return self.value(parts[1 if self._truth(parts[0], names) else 2], names)
        if op == "not":
            return not self._truth(parts[0], names)
        if op == "each":
            return self._each(parts[0], parts[1], parts[2], parts[3], names)
        if op == "named":
            names[parts[0]] = self.value(parts[1], names)
            return names[parts[0]]
        if op == "list":
            return [self.value(part, names) for part in parts]
        if op == "dict":
            return {self.value(key, names): self.value(value, names) for key, value in parts}
        if op == "send":
            return {SEND: self.value(parts[0], names)}
        if op == "command":
            return self.value(parts[0], names)
        return self._plain(op, [_sure(self.value(part, names)) if isinstance(part, list) else part for part in parts])

    def _of_name(self, value: JsonValue) -> JsonValue:
        if value is _UNKNOWN:
            raise Uncertain
        return value

    def _truth(self, rule: Any, names: dict[str, JsonValue]) -> bool:
        return bool(_sure(self.value(rule, names)))

    def _and_or(self, op: str, parts: Sequence[Any], names: dict[str, JsonValue]) -> Any:
        value: Any = op == "and"
        for part in parts:
            value = _sure(self.value(part, names))
            if bool(value) is (op == "or"):
                return value
        return value

    def _each(self, name: str, source: Any, test: Any, item: Any, names: dict[str, JsonValue]) -> list[Any]:
        items = _whole(_sure(self.value(source, names)))
        if not isinstance(items, list | dict | str):
            raise Uncertain
        made: list[Any] = []
        for one in items:
            inner = {**names, name: one}
            if self._truth(test, inner):
                made.append(self.value(item, inner))
        return made

    def _call(self, bound: Sequence[Any], body: Sequence[Any], names: dict[str, JsonValue]) -> Any:
        inner: dict[str, Any] = {}
        for name, rule in bound:
            inner[name] = self._if_known(rule, names)
        try:
            self._run(body, inner)
        except _Returned as returned:
            return returned.value
        return None

    def _if_known(self, rule: Any, names: dict[str, JsonValue]) -> Any:
        try:
            return self.value(rule, names)
        except (Uncertain, LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
            return _UNKNOWN

    def _run(self, body: Sequence[Any], names: dict[str, Any]) -> None:
        for op, *parts in body:
            if op == "return":
                raise _Returned(self.value(parts[0], names))
            if op == "let":
                names[parts[0]] = self._if_known(parts[1], names)
            elif op == "if":
                self._run(parts[1 if self._truth(parts[0], names) else 2], names)
            else:
                raise Uncertain

    def _plain(self, op: str, parts: list[Any]) -> Any:
        if op in ("item", "attribute"):
            return _sure(_item(parts[0], parts[1]))
        if op == "get":
            return _get(*parts)
        if op == "slice":
            return parts[0][parts[1] : parts[2]] if isinstance(parts[0], list | str) else _fail()
        if op in ("==", "!="):
            return _same(parts[0], parts[1]) is (op == "==")
        if op in ("is", "is not"):
            return _is(parts[0], parts[1]) is (op == "is")
        if op in ("in", "not in"):
            return _holds(parts[1], parts[0]) is (op == "in")
        if op in _ORDERED:
            return _ORDERED[op](*_of_one_kind(parts[0], parts[1]))
        if op in _BUILT_IN:
            return _BUILT_IN[op](_whole(parts[0]) if not isinstance(parts[0], str) or op != "int()" else parts[0])
        if op.startswith("."):
            return _method(op[1:], parts)
        return _fail()


_UNKNOWN: Final[Any] = object()


def _fail() -> Any:
    raise Uncertain


def _sure(value: Any) -> Any:
    """A value that was recorded as it was."""
    if value is _UNKNOWN or is_mark(value) or is_redacted(value) or (isinstance(value, str) and cut_of(value)):
        raise Uncertain
    return value


def _whole(value: Any) -> Any:
    """A container of which nothing was left out at capture."""
    if isinstance(value, dict) and _CUT_KEY in value:
        raise Uncertain
    if isinstance(value, list) and any(is_mark(one) for one in value[-1:]):
        raise Uncertain
    return value


def _item(holder: Any, key: Any) -> Any:
    if isinstance(holder, dict) and isinstance(key, str):
        return holder[key]
    if isinstance(holder, list) and isinstance(key, int):
        return _whole(holder)[key]
    return holder[key] if isinstance(holder, str) and isinstance(key, int) else _fail()


def _get(holder: Any, key: Any, default: Any = None) -> Any:
    if not isinstance(holder, dict):
        return _fail()
    if not isinstance(key, str):
        return default if key is None else _fail()
    return _sure(_whole(holder).get(key, default) if key not in holder else holder[key])


def _same(one: Any, other: Any) -> bool:
    if (isinstance(one, str) and isinstance(other, int | float)) or (
        isinstance(other, str) and isinstance(one, int | float)
    ):
        raise Uncertain  # a number that JSON does not have is recorded as text
    if isinstance(one, list | set) and isinstance(other, list | set) and type(one) is not type(other):
        raise Uncertain  # tuples and sets are recorded as lists
    return bool(one == other)


def _is(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(one, bool) or isinstance(other, bool):
        return one is other
    raise Uncertain


def _holds(holder: Any, item: Any) -> bool:
    if isinstance(holder, str) and isinstance(item, str):
        return item in holder
    if isinstance(holder, dict) and isinstance(item, str):
        return item in holder or item in _whole(holder)
    if isinstance(holder, list):
        return any(_same(item, one) for one in _whole(holder))
    if isinstance(holder, dict) and item is None:
        return False
    raise Uncertain


def _of_one_kind(one: Any, other: Any) -> tuple[Any, Any]:
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    if numbers or (type(one) is type(other) and isinstance(one, str | list)):
        return one, other
    raise Uncertain


def _method(name: str, parts: list[Any]) -> Any:
    base, *arguments = parts
    if isinstance(base, dict) and name in ("keys", "values"):
        return list(getattr(_whole(base), name)())
    if isinstance(base, list) and name == "count":
        return sum(1 for one in _whole(base) if _same(one, arguments[0]))
    if isinstance(base, str) and name in ("startswith", "endswith") and isinstance(arguments[0], list):
        return getattr(base, name)(tuple(arguments[0]))
    return getattr(base, name)(*arguments) if isinstance(base, str) and name != "isdisjoint" else _fail()
