"""All signatures matched together: one pass over a text tells which of them fit."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Final, NamedTuple

from argus.detectors.signatures.signature import Signature, SignatureSet

__all__ = ["Match", "Matcher", "matcher_of"]

_log = logging.getLogger(__name__)

_MEMORY: Final = 64 << 20
_WRAPPING: Final = r"[\s\"'“”„‘’«»*_`>]*"
_LEAD: Final = r"(?:(?:answer|response|assistant|ai|output|result|antwort|réponse|respuesta|risposta|resposta)\s?:\s*)?"


class Match(NamedTuple):
    """Where a signature fits.

    Attributes:
        signature: Which one.
        start: Index of the first character.
        end: Index behind the last one.
    """

    signature: Signature
    start: int
    end: int


class Matcher:
    """Matches texts and records against signatures, in time linear in the text. Immutable; threads may share it.

    Args:
        known: The signatures.
    """

    def __init__(self, known: SignatureSet) -> None:
        self._texts = _Set([one for one in known.signatures if one.strategy != "shape"])
        self._shapes = _Set([one for one in known.signatures if one.strategy == "shape"])

    def in_text(self, text: str, *, opening: bool = True, whole: bool = True) -> list[Match]:
        """The signatures that fit a text.

        Args:
            text: The text, or a part of a longer one; without lone surrogates.
            opening: Whether the part is the beginning of the text.
            whole: Whether the part is all of the text.
        """
        found = self._texts.matches(text)
        if not opening:
            return [one for one in found if one.signature.strategy == "anywhere"]
        return [one for one in found if whole or one.signature.strategy != "whole"]

    def in_shape(self, lines: str) -> list[Match]:
        """The signatures that fit a record.

        Args:
            lines: Its ``path: value`` lines.
        """
        return self._shapes.matches(lines)


class _Set:
    """A set of patterns that are looked for together."""

    def __init__(self, signatures: list[Signature]) -> None:
        import re2

        self._signatures: list[Signature] = []
        self._options = re2.Options()
        self._options.case_sensitive = False
        self._options.log_errors = False
        self._options.max_mem = _MEMORY
        self._set = re2.Set.SearchSet(self._options)
        for one in signatures:
            try:
                self._set.Add(_anchored(one))
            except re2.error as error:  # one that this RE2 does not take must not cost all the others, run after run
                _log.warning("signature %s is left out: %s", one.id, error)
            else:
                self._signatures.append(one)
        self._set.Compile()
        self._compile = lru_cache(maxsize=None)(
            lambda number: re2.compile(_anchored(self._signatures[number]), self._options)
        )

    def matches(self, text: str) -> list[Match]:
        if not self._signatures:
            return []
        found = []
        for number in sorted(self._set.Match(text) or ()):
            where = self._compile(number).search(text)
            if where is not None:
                found.append(Match(self._signatures[number], *where.span()))
        return found


def _anchored(one: Signature) -> str:
    if one.strategy == "whole":
        return rf"\A{_WRAPPING}(?:{one.pattern}){_WRAPPING}\z"
    if one.strategy == "start":
        return rf"\A{_WRAPPING}{_LEAD}{_WRAPPING}(?:{one.pattern})"
    return rf"(?m){one.pattern}" if one.strategy == "shape" else one.pattern


@lru_cache(maxsize=8)
def matcher_of(known: SignatureSet) -> Matcher:
    """The matcher of some signatures, made once.

    Args:
        known: The signatures.
    """
    return Matcher(known)
