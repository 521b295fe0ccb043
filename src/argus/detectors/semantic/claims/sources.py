"""What a step whose code is sealed can say: what it was given, and what its code knows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from argus._internal.words import KEY_LENGTH, fingerprint, is_dense, plain, word_key, words_in
from argus.detectors.base import DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.semantic.claims.arithmetic import Reckoning, operands_of
from argus.detectors.semantic.claims.figures import Figure, decimals_of, figures_in
from argus.detectors.semantic.claims.heard import Heard, leaves_by_path
from argus.model.knowledge import SourceKnowledge, unpacked
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["Sources", "Strangers", "sealed_steps"]

_MOST_OPERATIONS: Final = 2
_SMALL: Final = 20
_LONGEST_WORD: Final = 30
_MOST_CHECKS: Final = 40
_PARTS: Final = re.compile(r"\d+|[^\W\d_]+")
_ESCAPES: Final = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)")
_FREE: Final = frozenset({"true", "false", "none", "null", "nan", "inf"})
_LONGEST_JSON: Final = 1_000_000


@dataclass(frozen=True)
class Strangers:
    """What stands in a text and comes from nowhere.

    Attributes:
        words: Words of three letters and more, negations included, in order; pairs of signs of dense scripts.
        figures: Numbers.
        total: Words of the text, known ones included.
    """

    words: tuple[str, ...]
    figures: tuple[Figure, ...]
    total: int


class Sources:
    """What one step can know, when its code is sealed.

    Args:
        step: A step without steps inside.
        heard: What was said before.
        knowledge: What its code knows.
    """

    def __init__(self, step: TraceStep, heard: Heard, knowledge: SourceKnowledge) -> None:
        self.step = step
        self.knowledge = knowledge
        self._heard = heard
        self._fingerprints = _unpacked(knowledge.words)
        self._checks = 0
        self._reckonings: dict[str | None, Reckoning] = {}

    @property
    def reckons(self) -> bool:
        """Whether the code makes numbers of numbers in more ways than can be followed."""
        code = self.knowledge
        operations = code.sums + code.products
        if code.dates or code.opaque or code.folds or operations > _MOST_OPERATIONS:
            return True
        return operations > 0 and (code.counts or code.repeats)

    def is_rough(self, value: float) -> bool:
        """Whether a number may be what is left of one that was reckoned.

        Args:
            value: The number.
        """
        code = self.knowledge
        return self.reckons or (code.truncates and code.sums + code.products > 0 and value == int(value))

    def texts(self, value: JsonValue) -> Iterator[tuple[str, str]]:
        """The texts of an output that the step did not know as they are, JSON within them opened."""
        for path, leaf in leaves_by_path(value):
            if isinstance(leaf, str) and leaf and not self._heard.text(leaf, self.step):
                yield from ((path, text) for text in _opened(leaf))

    def strangers(self, text: str) -> Strangers:
        """What in a text comes neither from what the step was given nor from its code.

        Args:
            text: Of any length.
        """
        words: dict[str, str] = {}
        total = 0
        for word, _ in words_in(_ESCAPES.sub(" ", text)):
            if not word.isdecimal():
                total += 1
                key = word_key(word)
                if key not in words and not self.knows_word(word):
                    words[key] = word
        figures = () if self.reckons else tuple(one for one in figures_in(text) if not self.knows_figure(one))
        return Strangers(tuple(words.values()), figures, total)

    def knows_word(self, word: str) -> bool:
        """Whether a word, or one that it is a form of, was given or stands in the code."""
        key = word_key(word)
        if self._has(key) or key in _FREE:
            return True
        if self.knowledge.cuts and self._heard.part(key, self.step):
            return True
        if self.knowledge.glues and self._is_glued(plain(word)):
            return True
        if is_dense(word):
            return False
        if any(sign.isdecimal() for sign in word):
            return all(len(part) < 3 or part.isdecimal() or self._has(word_key(part)) for part in _PARTS.findall(word))
        if len(key) <= 2:
            return True
        return any(self._has(key[:length]) for length in range(max(3, len(key) - 2), min(len(key), KEY_LENGTH)))

    def _is_glued(self, word: str) -> bool:
        """Whether a word is made of two parts that the step knew; of three, where the code cuts texts."""
        more = self.knowledge.cuts
        return any(
            self._is_part(word[:at]) and (self._is_part(word[at:]) or (more and self._is_cut(word[at:])))
            for at in range(1, min(len(word), _LONGEST_WORD))
        )

    def _is_cut(self, word: str) -> bool:
        return any(self._is_part(word[:at]) and self._is_part(word[at:]) for at in range(1, len(word)))

    def _is_part(self, letters: str) -> bool:
        return fingerprint(letters[:KEY_LENGTH]) in self._fingerprints or self._heard.part(letters, self.step)

    def knows_pair(self, word: str, following: str) -> bool:
        """Whether two words, one of them a negation, stand side by side in what was given or in the code.

        Args:
            word: The first; empty at the beginning of a text.
            following: The second; empty at its end.
        """
        if self.knowledge.cuts and self._heard.part(plain(f"{word}{following}"), self.step):
            return True
        pair = f"{word_key(word)} {word_key(following)}"
        return self._heard.pair(pair, self.step) or fingerprint(pair) in self._fingerprints

    def knows_figure(self, figure: Figure) -> bool:
        """Whether a written number was given, stands in the code, counts something or can be reckoned."""
        if self.knowledge.cuts and self._heard.part(figure.text, self.step):
            return True
        if self.knowledge.glues and self._is_glued(figure.text):
            return True
        if all(fingerprint(part) in self._fingerprints for part in figure.parts):
            return True
        return any(self._can_say(reading, _written_decimals(figure, reading), figure) for reading in figure.readings)

    def knows_number(self, value: float, path: str) -> bool:
        """Whether a number of a field was given, stands in the code, counts something or can be reckoned.

        Args:
            value: The number.
            path: Where it stands in the output.
        """
        digits = decimals_of(value)
        if digits > 4 and not self.knowledge.products:
            digits = 4
        signed = not self.knowledge.negates
        if self._heard.number(value, digits, self.step, signed=signed) or self._is_constant(value, digits):
            return True
        whole = value == int(value)
        if self.knowledge.cuts and whole and self._heard.part(str(abs(int(value))), self.step):
            return True
        if (
            self.knowledge.truncates
            and whole
            and any(
                self._heard.number(one, 0, self.step, signed=signed) or self._is_constant(one, 0)
                for one in (int(value) - 1, int(value), int(value) + 1)
            )
        ):
            return True
        if value in (0, 1):
            return True
        if value == int(value) and value >= 0:
            if fingerprint(str(int(value))) in self._fingerprints:
                return True
            if self.knowledge.counts and value <= max(
                self._heard.longest(self.step), self._heard.letters(self.step), _SMALL
            ):
                return True
        return self._can_be_reckoned(value, digits, path.partition(".")[0])

    def slip(self, value: float, path: str) -> float | None:
        """By which power of ten or sign an unknown number is off from a known one, if it is.

        Args:
            value: The number.
            path: Where it stands in the output.
        """
        code = self.knowledge
        self._checks += 1
        if self._checks > _MOST_CHECKS or code.opaque:
            return None
        reckoning = self._reckoning(path.partition(".")[0])
        factor = reckoning.slip(value, decimals_of(value))
        if factor is None or (factor < 0 and (code.subtracts or code.negates)):
            return None
        multiplies = code.products and any(reckoning.reaches(one, 6) for one in (factor, 1 / factor))
        return None if multiplies else factor

    def _can_say(self, value: float, decimals: int, figure: Figure) -> bool:
        if self._heard.number(value, decimals, self.step) or self._is_constant(value, decimals):
            return True
        if figure.share and (
            self._heard.number(value / 100, decimals + 2, self.step) or self._is_constant(value / 100, decimals + 2)
        ):
            return True
        if value == int(value) and value <= self._heard.longest(self.step):
            return True
        return self._can_be_reckoned(value, decimals) or (
            figure.share and self._can_be_reckoned(value / 100, decimals + 2)
        )

    def _can_be_reckoned(self, value: float, decimals: int, field: str | None = None) -> bool:
        """Whether the code's operations lead to a number from what was given, and from other fields of the output."""
        code = self.knowledge
        if not code.sums + code.products:
            return False
        if value == int(value) and 0 <= value <= _SMALL and code.sums:
            return True
        self._checks += 1
        return self._checks > _MOST_CHECKS or self._reckoning(field).reaches(value, decimals)

    def _reckoning(self, field: str | None) -> Reckoning:
        if field not in self._reckonings:
            code, step = self.knowledge, self.step
            beside = [value for name, value in step.output_state.items() if name != field] if field else []
            numbers = [*operands_of([step.input_state, *beside]), *code.numbers]
            self._reckonings[field] = Reckoning(
                numbers, code.sums, code.products, subtracts=code.subtracts or code.negates
            )
        return self._reckonings[field]

    def _has(self, key: str) -> bool:
        return self._heard.word(key, self.step) or fingerprint(key) in self._fingerprints

    def _is_constant(self, value: float, decimals: int) -> bool:
        return any(round(one, decimals) == round(value, decimals) for one in self.knowledge.numbers)


def sealed_steps(trace: Trace, context: DetectorContext) -> list[Sources]:
    """The steps of which it is known all that they can know, in order; shared by the detectors of a run.

    Args:
        trace: The run.
        context: Its memo holds them.
    """
    found = context.memo.get("sealed_steps")
    if isinstance(found, list):
        return found
    index = RunIndex.of(trace, context)
    steps = [step for step in trace.steps if step.outcome in ("ok", "cached") and index.is_leaf(step)]
    known = [(step, _knowledge(step, index)) for step in steps if not step.llm_calls and not step.tool_calls]
    told = [(step, knowledge) for step, knowledge in known if knowledge is not None and knowledge.sealed]
    sealed: list[Sources] = []
    if told:
        heard = Heard.of(trace, context)
        sealed = [Sources(step, heard, knowledge) for step, knowledge in told if not heard.is_blind(step)]
    context.memo["sealed_steps"] = sealed
    return sealed


def _knowledge(step: TraceStep, index: RunIndex) -> SourceKnowledge | None:
    """Of a task, what the entrypoint around it knows."""
    at: TraceStep | None = step
    while at is not None:
        spec = index.node(at)
        if spec is not None and spec.knows is not None:
            return spec.knows if spec.kind == "node" else None
        at = index.parent(at)
    return None


@lru_cache(maxsize=256)
def _unpacked(words: str) -> frozenset[int]:
    return unpacked(words)


def _opened(text: str) -> Iterator[str]:
    if text[:1] in "{[" and len(text) <= _LONGEST_JSON:
        try:
            inside = json.loads(text)
        except (ValueError, RecursionError):
            inside = None
        if isinstance(inside, (dict, list)):
            yield from (leaf for _, leaf in leaves_by_path(inside) if isinstance(leaf, str))
            return
    yield text


def _written_decimals(figure: Figure, reading: float) -> int:
    """The digits after the point in one reading of a written number."""
    if reading != int(reading):
        return len(figure.parts[-1])
    digits = "".join(figure.parts)
    return 0 if float(digits) == reading else len(figure.parts[-1])
