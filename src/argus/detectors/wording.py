"""What names and sentences say in several languages: which fields hold content, what owns up to having found nothing.

The words stand in ``vocabulary/``. They decide when to stay silent; they never make a finding by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from argus.detectors.names import words_of
from argus.model.values import JsonValue

__all__ = [
    "admits_failure",
    "declares_done",
    "explains",
    "holds_content",
    "is_named",
    "may_be_empty",
    "owns_up",
    "sifts",
    "texts_in",
    "vocabulary",
]

_FOLDER: Final = Path(__file__).with_name("vocabulary")
_OPENING: Final = 600
_MOST: Final = 200


def holds_content(field: str) -> bool:
    """Whether a name promises something that a reader waits for, such as ``final_answer``; never one for leftovers.

    Args:
        field: A field's name.
    """
    return is_named("content_fields", field) and not may_be_empty(field)


def may_be_empty(field: str) -> bool:
    """Whether a name stands for something that is often rightly empty, such as ``errors``.

    Args:
        field: A field's name.
    """
    return is_named("quiet_fields", field)


def sifts(node: str) -> bool:
    """Whether a node's name says that it takes things away or prepares the ground, so that little may be left.

    Args:
        node: A node's name.
    """
    return is_named("sifting_nodes", node)


def explains(field: str, value: JsonValue) -> bool:
    """Whether a field beside an empty one says why it is empty: a flag that is up, a status or reason in words.

    Args:
        field: Its name.
        value: Its value.
    """
    if not is_named("handover_fields", field):
        return False
    return value is True or (isinstance(value, str) and bool(value.strip()))


def declares_done(field: str, value: JsonValue) -> bool:
    """Whether a field says that work is done: a flag such as ``report_ready`` that is up, a status ``completed``.

    Args:
        field: Its name.
        value: Its value.
    """
    if value is True:
        return is_named("completion_flags", field)
    if not isinstance(value, str) or len(value) > 24:
        return False
    said = set(words_of(value))
    return bool(said) and said <= _words("completion_words") and is_named("progress_fields", field)


def admits_failure(texts: Iterable[str]) -> bool:
    """Whether any of some texts says that something went wrong, or asks back.

    Args:
        texts: Of each the first 600 characters are read, and whether it ends with a question mark.
    """
    pattern = _patterns("admissions", "nothing_found")
    return any(_begins_with(pattern, text) or text.rstrip().endswith(("?", "？")) for text in texts)


def owns_up(texts: Iterable[str]) -> bool:
    """Whether any of some texts says that nothing was found, known or possible.

    Args:
        texts: The first 600 characters of each are read: an answer says it at its beginning.
    """
    pattern = _patterns("nothing_found")
    return any(_begins_with(pattern, text) for text in texts)


def is_named(vocabulary: str, name: str) -> bool:
    """Whether a name has a word of a vocabulary in it.

    Args:
        vocabulary: A file of ``vocabulary/`` without its ending.
        name: In any spelling.
    """
    return not _words(vocabulary).isdisjoint(words_of(name))


def texts_in(value: JsonValue, depth: int = 4) -> Iterator[str]:
    """The texts in a recorded value, in order; of each container the first 200 items.

    Args:
        value: A recorded value.
        depth: How deep containers are opened.
    """
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, list | dict):
        items = list(value.values() if isinstance(value, dict) else value)
        for item in items[:_MOST]:
            yield from texts_in(item, depth - 1)


def _begins_with(pattern: Any, text: str) -> bool:
    opening = text[:_OPENING].encode("utf-8", "replace").decode()  # RE2 takes no lone surrogates
    return pattern.search(opening) is not None


def _lines(vocabulary: str) -> list[str]:
    text = (_FOLDER / f"{vocabulary}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def vocabulary(name: str) -> frozenset[str]:
    """The words of a vocabulary, in lower case.

    Args:
        name: A file of ``vocabulary/`` without its ending.
    """
    return _words(name)


@lru_cache(maxsize=64)
def _words(vocabulary: str) -> frozenset[str]:
    spelled = (words_of(word) for line in _lines(vocabulary) for word in line.split())
    return frozenset(word for words in spelled for word in words)


@lru_cache(maxsize=16)
def _patterns(*vocabularies: str) -> Any:
    import re2

    lines = [line for vocabulary in vocabularies for line in _lines(vocabulary)]
    return re2.compile("(?is)" + "|".join(f"(?:{line})" for line in lines))
