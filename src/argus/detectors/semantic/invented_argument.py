"""A tool argument out of thin air."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import Final

from argus._internal.words import word_key, words_in
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.semantic.claims.arithmetic import Reckoning, operands_of
from argus.detectors.semantic.claims.figures import decimals_of, figures_in
from argus.detectors.semantic.claims.heard import Heard, leaves_by_path
from argus.detectors.semantic.claims.requests import Request, requests_in
from argus.detectors.semantic.claims.sources import Sources, sealed_steps
from argus.detectors.wording import is_named
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["InventedArgument"]

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}:\d{2}")
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LONGEST: Final = 60
_MOST_WORDS: Final = 4
_ROUND: Final = 1_000


class InventedArgument(BaseDetector):
    """A tool is called with an identifier, a name or a figure that nobody mentioned.

    Finds:
        Arguments of tool calls whose identifier, name or figure appears nowhere before: not in the request, not in an
        earlier result, not in a prompt.

    Why it matters:
        A model that lacks a number makes one up. The tool then answers truthfully about something else, or does
        something to somebody else.

    How it decides:
        Every tool call in what a step returns is read. An identifier (letters and digits, or digits), a name of several
        words, an e-mail address or an amount must have come up before. Amounts that one operation makes of numbers that
        came up count as known; so do small and round numbers, dates that exist, and arguments whose name says that they
        are worded or chosen freely (``query``, ``limit``, ``language``). In code that is sealed (see ``SEM202``), its
        constants count as well. Warning.

    When it is wrong:
        When a tool is to create something under a new name, or when the model may know the identifier by itself, such
        as a postcode. Silence it with an ``ignore`` entry for ``SEM206`` and the node.

    Settings:
        None of its own.

    References:
        None.
    """

    code = "SEM206"
    name = "invented_argument"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds arguments from nowhere.

        Args:
            trace: The run.
            context: Its memo is used.
        """
        asked = [(step, list(requests_in(step.output_state))) for step in trace.steps if step.outcome == "ok"]
        if not any(requests for _, requests in asked):
            return []
        heard = Heard.of(trace, context)
        sealed = {sources.step.id: sources for sources in sealed_steps(trace, context)}
        found: list[Detection] = []
        for step, requests in asked:
            if not heard.is_blind(step):
                judge = _Judge(step, heard, sealed.get(step.id))
                found += [one for request in requests for one in self._of(request, judge)]
        return found

    def _of(self, request: Request, judge: _Judge) -> list[Detection]:
        return [
            Detection(
                layer=self.layer,
                code=self.code,
                severity="warning",
                message=f"`{judge.step.node_name}` calls `{request.tool}` with {value!r} as `{name}`,"
                " which nobody mentioned before",
                step_id=judge.step.id,
                field=f"{request.path}.{name}",
                confidence=0.85,
                details={"tool": request.tool, "argument": name, "value": value},
                evidence=(Evidence(step_id=judge.step.id, field=f"{request.path}.{name}", value=value),),
            )
            for name, value in leaves_by_path(request.arguments)
            if not is_named("free_arguments", name) and judge.is_invented(value)
        ]


class _Judge:
    """What one step could take its arguments from."""

    def __init__(self, step: TraceStep, heard: Heard, sources: Sources | None) -> None:
        self.step = step
        self._heard = heard
        self._sources = sources

    def is_invented(self, value: JsonValue) -> bool:
        if isinstance(value, str):
            return len(value) <= _LONGEST and self._is_stranger(value)
        return isinstance(value, int | float) and self._is_odd(value) and not self._is_had(float(value))

    def _is_stranger(self, text: str) -> bool:
        if self._heard.text(text, self.step):
            return False
        if _DATE.search(text):
            return _is_impossible(text)
        words = [word for word, _ in words_in(text)]
        if any(sign.isdecimal() for sign in text):
            figures = [figure for figure in figures_in(text) if len(figure.parts[0]) > 1]
            return bool(figures) and not all(
                any(self._heard.number(reading, 4, self.step) for reading in figure.readings)
                or (self._sources is not None and self._sources.knows_word(figure.parts[0]))
                for figure in figures
            )
        telling = [word for word in words if len(word) > 2]
        named = len(telling) > 1 and text[:1].isupper() and all(word[:1].isupper() for word in telling)
        return (named or "@" in text) and len(words) <= _MOST_WORDS and not any(map(self._knows, telling))

    def _knows(self, word: str) -> bool:
        if self._sources is not None and self._sources.knows_word(word):
            return True
        key = word_key(word)
        return self._heard.word(key, self.step) or self._heard.word(key[:-1], self.step)

    @staticmethod
    def _is_odd(value: float) -> bool:
        """Whether a number looks like a particular one rather than a setting."""
        if value != value or abs(value) < 10:
            return False
        return value != int(value) or (abs(value) >= 100 and value % 50 != 0) or abs(value) > _ROUND

    def _is_had(self, value: float) -> bool:
        if self._heard.number(value, decimals_of(value), self.step):
            return True
        if self._sources is not None and self._sources.knows_word(str(int(value))):
            return True
        return any(reckoning.reaches(value, decimals_of(value)) for reckoning in self._reckonings)

    @cached_property
    def _reckonings(self) -> tuple[Reckoning, Reckoning]:
        given = [leaf for _, leaf in leaves_by_path(self.step.input_state)]
        numbers = operands_of([leaf] for leaf in given)
        return Reckoning(numbers, 1, 0), Reckoning(numbers, 0, 1)


def _is_impossible(text: str) -> bool:
    """Whether a text is a date that no calendar has."""
    match = _ISO_DATE.fullmatch(text.strip())
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return True
    return False
