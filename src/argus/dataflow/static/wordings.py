"""The fixed texts that a function may say: canned replies, templates and prompts that stand in its source.

Read from the code object and from the plain values that it names in its module or closure; nothing is executed. Only
words are kept, and only those of texts of three words and more, so that no key or password gets into a trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

__all__ = ["fixed_words"]

_WORD: Final = re.compile(r"[^\W\d_]{2,24}")
_FEWEST: Final = 3
_MOST_WORDS: Final = 400
_MOST_VALUES: Final = 4_000
_LONGEST: Final = 20_000
_DEPTH: Final = 4
_CALLS: Final = 2


def fixed_words(function: FunctionType) -> tuple[str, ...]:
    """The different words of the texts in a function's source, in lower case and alphabetical order, 400 at most.

    Constants of its module, and functions of its package that it names, count too; docstrings do not.

    Args:
        function: Any Python function.
    """
    found: set[str] = set()
    for text in _texts_of(function, _CALLS, set()):
        words = _WORD.findall(text[:_LONGEST].lower())
        if len(words) >= _FEWEST:
            found.update(words)
        if len(found) >= _MOST_WORDS:
            break
    return tuple(sorted(found)[:_MOST_WORDS])


def _texts_of(function: FunctionType, calls: int, seen: set[CodeType]) -> Iterator[str]:
    code = function.__code__
    if code in seen:
        return
    seen.add(code)
    documentation = function.__doc__
    names: dict[str, None] = {}
    for inner in _codes(code):
        names.update(dict.fromkeys(inner.co_names))
        for constant in inner.co_consts:
            if constant is not documentation:
                yield from _texts_in(constant)
    for value in (*_named(function, names), *_held(function)):
        if type(value) is FunctionType:
            if calls and _package_of(value) == _package_of(function):
                yield from _texts_of(value, calls - 1, seen)
        elif type(value) is ModuleType:
            if str(value.__dict__.get("__name__", "")).partition(".")[0] == _package_of(function):
                for name in names:
                    yield from _texts_in(value.__dict__.get(name))
        else:
            yield from _texts_in(value)


def _codes(code: CodeType, depth: int = _DEPTH) -> Iterator[CodeType]:
    yield code
    if depth:
        for constant in code.co_consts:
            if type(constant) is CodeType:
                yield from _codes(constant, depth - 1)


def _named(function: FunctionType, names: dict[str, None]) -> Iterator[Any]:
    for name in names:
        if name in function.__globals__:
            yield function.__globals__[name]


def _held(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a cell that is not filled yet
            continue


def _texts_in(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    """The texts in plain values; of nothing else, since looking into a stranger's object may run its code."""
    if type(value) is str:
        yield value
    elif depth and type(value) is dict:
        for item in list(value.values())[:_MOST_VALUES]:
            yield from _texts_in(item, depth - 1)
    elif depth and type(value) in (list, tuple, set, frozenset):
        for item in list(value)[:_MOST_VALUES]:
            yield from _texts_in(item, depth - 1)


def _package_of(function: FunctionType) -> str:
    return str(function.__globals__.get("__name__", "")).partition(".")[0]
