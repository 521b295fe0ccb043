"""Whether a text was already there before a step began: what is passed on is not the fault of who passes it on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from argus.detectors.wording import is_named
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Given"]

_TELLING: Final = 12
_DEPTH: Final = 20
_TAIL: Final = 200


class Given:
    """All texts that a step was given, read when first asked.

    Args:
        step: The step.
        known: Texts and how they read without letter case and blanks; the steps of a run share it, because most of what
            one is given was given to others before.
    """

    def __init__(self, step: TraceStep, known: dict[str, str]) -> None:
        self._step = step
        self._known = known

    def has(self, words: str, *, templates: bool = True) -> bool:
        """Whether some words were there: as a text of their own, or within one, short ones between word boundaries.

        Args:
            words: What is looked for; letter case and blanks do not matter.
            templates: Whether fields that hold templates and prompts count.
        """
        wanted = _plain(words)
        if not wanted:
            return False
        whole, running = self._all if templates else self._without_templates
        if wanted in whole:
            return True
        return wanted in running if len(wanted) >= _TELLING else _stands_in(wanted, running)

    def contains(self, characters: str) -> bool:
        """Whether some characters were there, however few.

        Args:
            characters: What is looked for; letter case does not matter.
        """
        return _plain(characters) in self._all[1]

    def has_whole(self, text: str) -> bool:
        """Whether one of the texts is this one, from beginning to end.

        Args:
            text: What is looked for; letter case and blanks do not matter.
        """
        return _plain(text) in self._all[0]

    def ends_like(self, text: str) -> bool:
        """Whether one of the texts ends in the last two words of another.

        Args:
            text: The other text.
        """
        end = " ".join(_plain(text[-_TAIL:]).split()[-2:])
        return any(one.endswith(end) for one in self._all[0] if one) or any(
            end.endswith(f" {one}") for one in self._all[0] if one and " " not in one
        )

    @cached_property
    def _all(self) -> tuple[frozenset[str], str]:
        return self._indexed(self._step.input_state.values())

    @cached_property
    def _without_templates(self) -> tuple[frozenset[str], str]:
        kept = {name: value for name, value in self._step.input_state.items() if not is_named("template_fields", name)}
        return self._indexed(kept.values())

    @property
    def running(self) -> str:
        """All texts, one after another, in lower case and with single blanks."""
        return self._all[1]

    def _indexed(self, values: Iterable[JsonValue]) -> tuple[frozenset[str], str]:
        plain = []
        for value in values:
            for text in _texts(value):
                if text not in self._known:
                    self._known[text] = _plain(text)
                plain.append(self._known[text])
        return frozenset(plain), "\n".join(plain)


def _stands_in(word: str, text: str) -> bool:
    """Whether a word stands in a text by itself; signs alone are too common to tell anything."""
    if not any(one.isalnum() for one in word):
        return False
    at = text.find(word)
    while at >= 0:
        if not (text[at - 1 : at].isalnum() or text[at + len(word) : at + len(word) + 1].isalnum()):
            return True
        at = text.find(word, at + 1)
    return False


def _texts(value: JsonValue, depth: int = _DEPTH) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from _texts(item, depth - 1)
    elif depth and isinstance(value, list):
        for item in value:
            yield from _texts(item, depth - 1)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
