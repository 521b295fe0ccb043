"""What kinds of values an expression can give, as far as the source alone says so.

A kind is one of ``text`` (a string that is surely not blank), ``str``, ``number``, ``bool``, ``dict``, ``list``,
``items`` (a list that surely has some), ``lines`` (``items`` of which one is surely a ``text``), ``null``, ``empty``
(the source itself writes down an empty string, list or dict, or filters one), ``thing`` (all but None) and ``any``.
"""

from __future__ import annotations

import ast
import html
import json
import math
import re
import textwrap
from typing import Any, Final, TypeAlias

__all__ = [
    "ANY",
    "BOOL",
    "DICT",
    "LIST",
    "NUMBER",
    "STR",
    "TEXT",
    "THING",
    "Kinds",
    "grown",
    "kinds_called",
    "kinds_of_constant",
    "kinds_of_literal",
    "kinds_of_method",
    "kinds_of_operation",
    "kinds_of_slice",
    "truthy",
]

Kinds: TypeAlias = "frozenset[str]"

ANY: Final[Kinds] = frozenset({"any"})
BOOL: Final[Kinds] = frozenset({"bool"})
DICT: Final[Kinds] = frozenset({"dict"})
LIST: Final[Kinds] = frozenset({"list"})
NUMBER: Final[Kinds] = frozenset({"number"})
STR: Final[Kinds] = frozenset({"str"})
TEXT: Final[Kinds] = frozenset({"text"})
THING: Final[Kinds] = frozenset({"thing"})

_NULL: Final[Kinds] = frozenset({"null"})
_WORDS: Final = STR | TEXT | {"empty"}
_FULL_LISTS: Final = frozenset({"items", "lines"})
_CALLS: Final[tuple[tuple[tuple[Any, ...], Kinds], ...]] = (
    ((str, repr, format, ascii, chr, html.escape, html.unescape, textwrap.dedent, textwrap.fill, re.sub), STR),
    ((int, float, len, ord, hash, math.floor, math.ceil, math.sqrt, math.fsum), NUMBER),
    ((bool, isinstance, issubclass, callable, hasattr, any, all), BOOL),
    ((list, tuple, set, frozenset, sorted, re.findall, re.split), LIST),
    ((dict, vars), DICT),
    ((json.dumps,), TEXT),
    ((sum, round, abs, divmod, pow), THING),
)
_KEEPS_WORDS: Final = frozenset({"lower", "upper", "title", "capitalize", "casefold", "swapcase"})
_GIVES_TEXT: Final = frozenset(
    {"strip", "lstrip", "rstrip", "replace", "format", "format_map", "join", "removeprefix", "removesuffix", "zfill",
     "ljust", "rjust", "center", "expandtabs", "translate"}
)  # fmt: skip
_GIVES_LIST: Final = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition"})
_GIVES_BOOL: Final = frozenset({"startswith", "endswith", "isdigit", "isalpha", "isalnum", "isupper", "islower"})
_SHRINKS: Final = frozenset({"clear", "pop", "remove", "popleft"})


def kinds_of_constant(value: object) -> Kinds:
    """The kind of a constant written in the source.

    Args:
        value: The constant.
    """
    if value is None:
        return _NULL
    if isinstance(value, str):
        return TEXT if value.strip() else STR | {"empty"}
    if isinstance(value, bool):
        return BOOL
    return NUMBER if isinstance(value, (int, float)) else ANY


def kinds_of_literal(items: list[ast.expr], inner: list[Kinds]) -> Kinds:
    """The kind of a list, tuple or set that is written out.

    Args:
        items: Its items.
        inner: The kinds of each.
    """
    if not items:
        return LIST | {"empty"}
    sure = [kinds for item, kinds in zip(items, inner, strict=True) if not isinstance(item, ast.Starred)]
    if any(kinds == TEXT for kinds in sure):
        return frozenset({"lines"})
    return frozenset({"items"}) if sure else LIST


def kinds_of_operation(op: ast.operator, left: Kinds, right: Kinds) -> Kinds:
    """The kind of ``left op right``; never None, whatever the operands are.

    Args:
        op: The operator.
        left: The kinds of the left side.
        right: Of the right side.
    """
    if left == NUMBER and right == NUMBER:
        return NUMBER
    if isinstance(op, ast.Add):
        if left <= _WORDS and right <= _WORDS and left and right:
            return TEXT if TEXT in (left, right) else STR
        for one in (left, right):
            if one and one <= _FULL_LISTS:
                return one
    if isinstance(op, ast.Mod) and left and left <= _WORDS:
        return STR
    return THING


def kinds_of_slice(kinds: Kinds) -> Kinds:
    """What a slice of something is.

    Args:
        kinds: The kinds of the whole.
    """
    if kinds and kinds <= _WORDS:
        return STR
    return LIST if kinds and kinds <= (LIST | _FULL_LISTS | {"empty"}) else ANY


def kinds_called(target: object) -> Kinds | None:
    """What a call of a well-known function gives; None for any other one.

    Args:
        target: The function; compared by identity, so that none of its code runs.
    """
    return next((kinds for functions, kinds in _CALLS if any(target is one for one in functions)), None)


def kinds_of_method(name: str, base: Kinds, arguments: list[Kinds]) -> Kinds | None:
    """What a method gives that only texts are known to have; None for any other one.

    Args:
        name: The method.
        base: The kinds of what it is called on; of an unknown object it is only sure that it gives something.
        arguments: The kinds of the positional arguments.
    """
    words = bool(base) and base <= _WORDS
    if name == "join" and words:
        return TEXT if arguments and arguments[0] == {"lines"} else STR
    if name in _KEEPS_WORDS:
        return (TEXT if base == TEXT else STR) if words else THING
    if name in _GIVES_TEXT:
        return STR if words else THING
    if name in _GIVES_LIST:
        return LIST if words else THING
    return (BOOL if words else THING) if name in _GIVES_BOOL else None


def grown(name: str, kinds: Kinds) -> Kinds | None:
    """What a list is after one of its methods; None when the method changes nothing about that.

    Args:
        name: The method.
        kinds: What it was before.
    """
    if name in ("append", "add", "insert"):
        return kinds if kinds == {"lines"} else frozenset({"items"})
    if name == "extend":
        return kinds if kinds <= _FULL_LISTS else kinds | LIST
    return LIST | {"empty"} if name in _SHRINKS else None


def truthy(kinds: Kinds) -> Kinds:
    """What is left of kinds when the value has come out true.

    Args:
        kinds: The kinds before.
    """
    full = {"str": "text", "list": "items"}
    return frozenset(full.get(kind, kind) for kind in kinds - {"null", "empty"})
