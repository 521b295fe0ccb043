"""What has been said in a run up to each of its steps: every word and number, and when it first came up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from argus._internal.words import KEY_LENGTH, plain, word_key, words_in
from argus.detectors.base import DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.semantic.claims.figures import figures_in
from argus.detectors.wording import vocabulary
from argus.model.trace import Trace, TraceStep
from argus.model.values import CUT_PATTERN, REDACTED, JsonValue, is_mark

__all__ = ["Heard", "leaves_by_path", "rounded"]

_NEVER: Final = 1 << 60
_SHORTEST_PREFIX: Final = 3
_DECIMALS: Final = 4
_LONGEST_BLOB: Final = 200_000


class Heard:
    """Words and numbers of a run with the moment from which they were known. Built in time linear in the run.

    A moment is twice the number of a step, one more for what the step brought forth. What a step without steps inside
    was given, what its tools and models were told and what tools answered counts as known to it.

    Args:
        trace: The run.
        index: Its index.
    """

    def __init__(self, trace: Trace, index: RunIndex) -> None:
        self._words: dict[str, int] = {}
        self._pairs: dict[str, int] = {}
        self._numbers: dict[tuple[int, float], int] = {}
        self._magnitudes: dict[tuple[int, float], int] = {}
        self._texts: dict[str, int] = {}
        self._lengths: list[tuple[int, int]] = [(0, 0)]
        self._letters: list[tuple[int, int]] = [(0, 0)]
        self._before: dict[tuple[object, str], JsonValue] = {}
        self._blob: tuple[int, str] = (-1, "")
        self.blind_from = _NEVER
        self._hear(trace.input, 0)
        for step in trace.steps:
            moment = 2 * step.step_number
            scope = index.scope(step)
            for field, value in step.input_state.items():
                self._hear_state((scope, field), value, moment)
            for call in step.tool_calls:
                self._hear(call.arguments, moment)
                self._hear(call.result, moment)
            for model in step.llm_calls:
                self._hear(model.messages, moment)
            if step.id not in index.children:
                self._hear(step.output_state, moment + 1)

    @classmethod
    def of(cls, trace: Trace, context: DetectorContext) -> Heard:
        """What was heard in a run, shared by all its detectors.

        Args:
            trace: The run.
            context: Its memo holds it.
        """
        heard = context.memo.get("heard")
        if not isinstance(heard, cls):
            heard = context.memo["heard"] = cls(trace, RunIndex.of(trace, context))
        return heard

    def text(self, text: str, step: TraceStep) -> bool:
        """Whether a step knew a text as a whole."""
        return self._texts.get(text, _NEVER) <= 2 * step.step_number

    def word(self, key: str, step: TraceStep) -> bool:
        """Whether a step knew a word, or one that begins like it."""
        return self._words.get(key, _NEVER) <= 2 * step.step_number

    def part(self, key: str, step: TraceStep) -> bool:
        """Whether a step knew a text in which these letters stand, be it in the middle of a word."""
        moment = 2 * step.step_number
        if self._blob[0] != moment:
            whole = "\n".join(text for text, since in self._texts.items() if since <= moment)
            self._blob = (moment, plain(whole[:_LONGEST_BLOB]))
        return key in self._blob[1]

    def pair(self, pair: str, step: TraceStep) -> bool:
        """Whether a step knew a negation with one of its neighbours, both as their keys with a blank between."""
        return self._pairs.get(pair, _NEVER) <= 2 * step.step_number

    def number(self, value: float, decimals: int, step: TraceStep, *, signed: bool = False) -> bool:
        """Whether a step knew a number, rounded or cut to so many digits after the point."""
        known = self._numbers if signed else self._magnitudes
        value = value if signed else abs(value)
        return known.get((min(decimals, _DECIMALS), rounded(value, decimals)), _NEVER) <= 2 * step.step_number

    def longest(self, step: TraceStep) -> int:
        """The length of the longest list that a step knew."""
        moment = 2 * step.step_number
        return max(length for since, length in self._lengths if since <= moment)

    def letters(self, step: TraceStep) -> int:
        """The length of the longest text that a step knew."""
        moment = 2 * step.step_number
        return max(length for since, length in self._letters if since <= moment)

    def is_blind(self, step: TraceStep) -> bool:
        """Whether something that a step knew was not recorded as it was."""
        return self.blind_from <= 2 * step.step_number

    def _hear_state(self, place: tuple[object, str], value: JsonValue, moment: int) -> None:
        """Hears what is new in a field; what grows is not read twice."""
        before = self._before.get(place)
        if before is value or (before is not None and before == value):
            return
        self._before[place] = value
        if isinstance(value, list) and isinstance(before, list) and before and value[: len(before)] == before:
            self._measure(len(value), moment)
            value = value[len(before) :]
        self._hear(value, moment)
        self._hear_words(place[1], moment)

    def _hear(self, value: JsonValue, moment: int) -> None:
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                self._hear_text(one, moment)
            elif isinstance(one, dict):
                if is_mark(one):
                    self.blind_from = min(self.blind_from, moment)
                self._measure(len(one), moment)
                for key in one:
                    self._hear_words(str(key), moment)
                waiting += one.values()
            elif isinstance(one, list):
                self._measure(len(one), moment)
                waiting += one
            elif isinstance(one, int | float) and not isinstance(one, bool):
                self._hear_number(float(one), moment)

    def _hear_text(self, text: str, moment: int) -> None:
        if self._texts.get(text, _NEVER) <= moment:
            return
        self._texts[text] = moment
        if len(text) > self._letters[-1][1]:
            self._letters.append((moment, len(text)))
        if text == REDACTED or CUT_PATTERN.search(text):
            self.blind_from = min(self.blind_from, moment)
        self._hear_words(text, moment)
        for figure in figures_in(text):
            for reading in figure.readings:
                self._hear_number(-reading if figure.negative else reading, moment)
            for part in figure.parts:
                self._hear_number(float(part), moment)

    def _hear_words(self, text: str, moment: int) -> None:
        known = self._words
        before, turned, turning = "", False, _turning()
        for word, _ in words_in(text):
            key = word_key(word)
            turns = key in turning
            if turns or turned:
                self._pairs.setdefault(f"{before} {key}", moment)
            before, turned = key, turns
            if known.get(key, _NEVER) > moment:
                known[key] = moment
                for length in range(_SHORTEST_PREFIX, min(len(key), KEY_LENGTH)):
                    if known.get(key[:length], _NEVER) > moment:
                        known[key[:length]] = moment

    def _hear_number(self, value: float, moment: int) -> None:
        if value != value or abs(value) > 1e15:
            return
        for decimals in range(_DECIMALS + 1):
            key = (decimals, rounded(value, decimals))
            if self._numbers.get(key, _NEVER) > moment:
                self._numbers[key] = moment
            size = (decimals, rounded(abs(value), decimals))
            if self._magnitudes.get(size, _NEVER) > moment:
                self._magnitudes[size] = moment

    def _measure(self, length: int, moment: int) -> None:
        if length > self._lengths[-1][1]:
            self._lengths.append((moment, length))


@lru_cache(maxsize=1)
def _turning() -> frozenset[str]:
    return frozenset(word_key(word) for word in vocabulary("negations"))


def rounded(value: float, decimals: int) -> float:
    """A number rounded to so many digits after the point, at most 4.

    Args:
        value: Any finite number.
        decimals: 0 or more.
    """
    return round(value, min(decimals, _DECIMALS))


def leaves_by_path(value: JsonValue, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    """The texts and numbers within a recorded value with their dotted paths; of messages the content only.

    Args:
        value: A recorded value.
        path: Where it stands.
    """
    waiting: list[tuple[str, JsonValue]] = [(path, value)]
    while waiting:
        place, one = waiting.pop()
        if isinstance(one, dict):
            if is_mark(one):
                continue
            entries = list(one.items())
            if "content" in one and ("type" in one or "role" in one):
                entries = [("content", one["content"])]
            waiting += [(f"{place}.{key}" if place else str(key), inner) for key, inner in reversed(entries)]
        elif isinstance(one, list):
            waiting += [(f"{place}.{at}" if place else str(at), one[at]) for at in range(len(one) - 1, -1, -1)]
        elif isinstance(one, (str, int, float)) and not isinstance(one, bool):
            yield place, one
