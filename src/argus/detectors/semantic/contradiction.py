"""A text that says the opposite."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from argus._internal.words import word_key, words_in
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.semantic.claims.answers import Answer, answers
from argus.detectors.semantic.claims.figures import decimals_of, figures_in
from argus.detectors.semantic.claims.heard import Heard, leaves_by_path
from argus.detectors.semantic.claims.sources import Sources, sealed_steps
from argus.detectors.wording import is_named
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["Contradiction"]

_SENTENCE: Final = re.compile(r"(?<=[.!?。！？])\s+|\n+|(?<=[。！？])")
_SHORTEST: Final = 5
_LONGEST: Final = 60_000
_MOST_LEAVES: Final = 2_000
_RECORDS: Final = 2

_Skeleton = tuple[str, ...]


class Contradiction(BaseDetector):
    """A step says the opposite of what it was given, or the same with another figure.

    Finds:
        Sentences that repeat a sentence of the input but for a figure or a negation; negations that neither the input
        nor the code has; answers that give another state than the record they are about.

    Why it matters:
        "Not approved" and "approved" differ in one word, and the letter goes out.

    How it decides:
        Each new sentence of five words and more is compared with the sentences that the step was given, figures and
        negations left aside. Where one is the same and the figures are new, or one is negated and the other is not, and
        no other given sentence agrees: warning. In a step whose code is sealed (see ``SEM202``), a word such as "not"
        must come from the input or the code: warning if it does not. After a tool returned a record with a state, an
        answer that repeats the record but for its state, and names a state that nobody mentioned: warning. Of the input
        the first 2,000 texts and numbers are read.

    When it is wrong:
        When a text is to be negated or updated on purpose. Silence it with an ``ignore`` entry for ``SEM204`` and the
        node.

    Settings:
        None of its own.

    References:
        None.
    """

    code = "SEM204"
    name = "contradiction"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds texts that say the opposite.

        Args:
            trace: The run.
            context: Its memo is used.
        """
        found: list[Detection] = []
        told = list(answers(trace))
        sealed = sealed_steps(trace, context)
        for sources in sealed:
            found += self._negated(sources)
        for answer in told:
            found += self._other_state(answer, Heard.of(trace, context))
        answering = {answer.step.id for answer in told} | {sources.step.id for sources in sealed}
        models = (step for step in trace.steps if step.id in answering or step.llm_calls)
        for step in models:
            if step.outcome == "ok":
                found += self._changed(step, Heard.of(trace, context))
        return found

    def _negated(self, sources: Sources) -> Iterator[Detection]:
        if sources.knowledge.rewrites:
            return
        for path, text in sources.texts(sources.step.output_state):
            others = [word for word in sources.strangers(text).words if not is_named("negations", word)]
            turning = None if others else _foreign_negation(text, sources)
            if turning:
                note = f"says “{turning}”, which neither its input nor its code does"
                yield self._finding(sources.step, path, note, text, None)

    def _changed(self, step: TraceStep, heard: Heard) -> Iterator[Detection]:
        fresh = [(path, leaf) for path, leaf in leaves_by_path(step.output_state) if isinstance(leaf, str)]
        fresh = [(path, text) for path, text in fresh if text.count(" ") >= _SHORTEST and not heard.text(text, step)]
        if not fresh:
            return
        given: dict[_Skeleton, dict[tuple[_Skeleton, bool], str]] = {}
        for text in islice(_given_texts(step), _MOST_LEAVES):
            for skeleton, figures, negated, sentence in _sentences(text[:_LONGEST]):
                given.setdefault(skeleton, {})[figures, negated] = sentence
        for path, text in fresh:
            for skeleton, figures, negated, sentence in _sentences(text[:_LONGEST]):
                known = given.get(skeleton, {})
                if len(known) != 1 or (figures, negated) in known:
                    continue
                ((old_figures, old_negated), old), *_ = known.items()
                if old_negated != negated and old_figures == figures:
                    yield self._finding(step, path, "turns a sentence of its input around", sentence, old)
                elif len(old_figures) == len(figures) and not _all_heard(sentence, step, heard):
                    yield self._finding(step, path, "repeats a sentence with another figure", sentence, old)

    def _other_state(self, answer: Answer, heard: Heard) -> Iterator[Detection]:
        said = {word_key(word) for word, _ in words_in(answer.text)}
        states = [word for word, _ in words_in(answer.text) if is_named("status_words", word)]
        states = [word for word in states if not heard.word(word_key(word), answer.step)]
        for result in answer.results[:1]:
            for record in _records(result):
                values = {name: str(value) for name, value in record.items() if isinstance(value, (str, int, float))}
                state = next((name for name in values if is_named("state_fields", name)), None)
                if state is None:
                    continue
                if any(word_key(word) in said for word, _ in words_in(values[state])):
                    if _denies(answer.text, values[state]):
                        note = f"denies the {state} “{values[state]}” that a tool told"
                        yield self._finding(answer.step, answer.path, note, answer.text, result)
                        return
                    continue
                repeated = [name for name, value in values.items() if name != state and _repeats(value, said)]
                if states and len(repeated) >= _RECORDS:
                    note = f"says “{states[0]}” where a tool said {state} “{values[state]}”"
                    yield self._finding(answer.step, answer.path, note, answer.text, result)
                    return

    def _finding(self, step: TraceStep, path: str, note: str, text: str, given: str | None) -> Detection:
        evidence = [Evidence(step_id=step.id, field=path, note="what it says", value=excerpt(text))]
        if given is not None:
            evidence.append(Evidence(step_id=step.id, note="what it was given", value=excerpt(given)))
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` {note} (`{path}`)",
            step_id=step.id,
            field=path,
            confidence=0.8,
            evidence=tuple(evidence),
        )


def _given_texts(step: TraceStep) -> Iterator[str]:
    """The longer texts of a step's input, without what the step replaces and what assistants said before."""
    for field, value in step.input_state.items():
        if field in step.output_state and not isinstance(value, list):
            continue
        items = value if isinstance(value, list) else [value]
        spoken = ("ai", "assistant")
        for item in items:
            if isinstance(item, dict) and (item.get("type") in spoken or item.get("role") in spoken):
                continue
            yield from (
                leaf for _, leaf in leaves_by_path(item) if isinstance(leaf, str) and leaf.count(" ") >= _SHORTEST
            )


def _foreign_negation(text: str, sources: Sources) -> str | None:
    """A negation that neither the word before it nor the one after it has in the input or the code.

    One that begins or ends a text of the code may be put beside any word.
    """
    words = ["", *(word for word, _ in words_in(text)), ""]
    if len(words) - 2 < _SHORTEST:
        return None
    for at in range(1, len(words) - 1):
        if is_named("negations", words[at]):
            turn = words[at]
            pairs = ((words[at - 1], turn), (turn, words[at + 1]), ("", turn), (turn, ""))
            if not any(sources.knows_pair(one, other) for one, other in pairs):
                return " ".join(words[max(0, at - 1) : at + 2]).strip()
    return None


def _denies(text: str, value: str) -> bool:
    """Whether a text has a negation right before the words of a value that has none."""
    wanted = [word_key(word) for word, _ in words_in(value)]
    words = [word for word, _ in words_in(text)]
    keys = [word_key(word) for word in words]
    if not wanted or any(is_named("negations", word) for word, _ in words_in(value)):
        return False
    places = [at for at in range(1, len(keys) - len(wanted) + 1) if keys[at : at + len(wanted)] == wanted]
    return bool(places) and all(is_named("negations", words[at - 1]) for at in places)


@lru_cache(maxsize=512)
def _sentences(text: str) -> tuple[tuple[_Skeleton, _Skeleton, bool, str], ...]:
    """Of each longer sentence the words without figures and negations, the figures, whether it is negated, itself."""
    found = []
    for sentence in _SENTENCE.split(text):
        words = [word for word, _ in words_in(sentence)]
        if len(words) < _SHORTEST:
            continue
        turning = [word for word in words if is_named("negations", word)]
        skeleton = tuple(word_key(word) for word in words if not word.isdecimal() and word not in turning)
        figures = tuple(figure.text for figure in figures_in(sentence))
        if len(skeleton) >= _SHORTEST - 1:
            found.append((skeleton, figures, len(turning) % 2 == 1, sentence))
    return tuple(found)


def _all_heard(sentence: str, step: TraceStep, heard: Heard) -> bool:
    return all(
        any(heard.number(one, decimals_of(one), step) for one in figure.readings) for figure in figures_in(sentence)
    )


def _records(text: str) -> Iterator[dict[str, JsonValue]]:
    try:
        value = json.loads(text) if text[:1] in "{[" else None
    except (ValueError, RecursionError):
        return
    yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict))


def _repeats(value: str, said: set[str]) -> bool:
    keys = [word_key(word) for word, _ in words_in(value)]
    return bool(keys) and all(key in said for key in keys)
