"""A result that belongs to another query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from argus._internal.telling_words import telling_words
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.run_index import RunIndex
from argus.detectors.semantic.fixed_wordings import own_words
from argus.detectors.semantic.mixed_up import mixed_up
from argus.detectors.semantic.repeats import Turn, crossed_results, repeated_answers
from argus.detectors.semantic.similarity import Relatedness
from argus.detectors.wording import owns_up
from argus.learning.echoes import anchored_share, read_fields, words_given
from argus.learning.executions import places_of
from argus.model.detection import Detection, Evidence
from argus.model.echoes import WHOLE, Echoes, answers_of, input_hash
from argus.model.leaves import leaves
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["StaleResult"]

_ENOUGH: Final = 5
_MANY: Final = 8
_ANCHORED: Final = 0.3
_DROP: Final = 0.15
_FEWEST: Final = 4
_FOREIGN: Final = 2


class StaleResult(BaseDetector):
    """A step returned what belongs to another query: an earlier turn's, another branch's, an earlier run's.

    Finds:
        Answers repeated from an earlier turn for a different question; branches or items with the result of another
        one; outputs that an earlier run had for another input.

    Why it matters:
        A cache with the wrong key, a variable that outlives its request or a mixed-up batch hands one user's result to
        another. It is right in itself, so that nothing else notices.

    How it decides:
        *Conversation:* the new answer equals an earlier one of the same conversation, the questions differ, the new
        question shares no word with it or with the earlier one and stays below ``similarity_threshold``, which the
        earlier question reaches (confidence 0.75).
        *Identifiers:* a tool, or the node, was asked for one identifier and the record that came back has another one
        under the same name (0.9).
        *Branches, items, loops:* two executions of a node have the same output but different inputs; the output has two
        words or figures that only the other one's input has, and none that only its own has (0.9).
        *History:* with at least five earlier outputs of the field, none of which ever came of two different inputs,
        this run has one of them for another input, and fewer of its words come from the input than in any earlier run
        (0.9); where outputs take no words from inputs, it takes eight earlier ones and a source that tells what the
        node reads (0.7). Of each field up to 32 outputs are remembered, as hashes; labels, flags, short texts and small
        numbers are not, nor are ids and times compared. A new output of which less than a sixth as large a share
        of the words comes from the input as ever before, in eight outputs and more, where that was 30 % or more, is a
        finding as well (0.75), unless it says that nothing was found, its words stand in the node's source, or the
        input has an empty list or record.

    When it is wrong:
        When different requests rightly have the same rich result, which no earlier run had shown. Silence it with an
        ``ignore`` entry for ``SEM205`` and the node; the next healthy run teaches it.

    Settings:
        ``detection.semantic.similarity_threshold`` (0 to 1, default 0.7), for conversations.

    References:
        None.
    """

    code = "SEM205"
    name = "stale_result"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds results of other queries.

        Args:
            trace: The run.
            context: ``history``, ``embedder`` and ``semantic.similarity_threshold`` are used.
        """
        index = RunIndex.of(trace, context)
        found = [*self._from_earlier_turns(index, context), *self._from_other_branches(index), *self._mixed_up(index)]
        known = {(one.step_id, one.field) for one in found}
        found += (one for one in self._from_earlier_runs(index, context) if (one.step_id, one.field) not in known)
        return found

    def _from_earlier_turns(self, index: RunIndex, context: DetectorContext) -> Iterator[Detection]:
        if context.embedder is None:
            return
        relatedness = Relatedness(context.embedder)
        limit = context.settings.semantic.similarity_threshold
        for turn in repeated_answers(index):
            words = telling_words(turn.answer)
            if words & telling_words(turn.question):
                continue
            now, then = relatedness.between([turn.answer], [turn.question, turn.earlier_question])
            if now is None or then is None or not now < limit <= then:
                continue
            yield self._turned(turn, now)

    def _turned(self, turn: Turn, score: float) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{turn.step.node_name}` answered “{_short(turn.question)}” with the very words of an earlier "
            f"turn, which answered “{_short(turn.earlier_question)}”",
            step_id=turn.step.id,
            field=turn.field,
            confidence=0.75,
            details={"similarity": round(score, 3), "from": "an earlier turn"},
            evidence=(
                Evidence(step_id=turn.step.id, field=turn.field, note="the answer", value=excerpt(turn.answer)),
                Evidence(step_id=turn.step.id, note="what it answered before", value=excerpt(turn.earlier_question)),
            ),
        )

    def _mixed_up(self, index: RunIndex) -> Iterator[Detection]:
        for step in index.trace.steps:
            if step.outcome not in ("ok", "cached") or not index.is_leaf(step):
                continue
            for one in mixed_up(step):
                who = f"`{one.source}`" if one.source else f"`{step.node_name}`"
                yield Detection(
                    layer=self.layer,
                    code=self.code,
                    severity="warning",
                    message=f"{who} was asked for `{one.key}` {one.asked} and returned that of {one.got}",
                    step_id=step.id,
                    field=one.field,
                    confidence=0.9,
                    details={"from": "another identifier", "key": one.key, "asked": one.asked, "got": one.got},
                )

    def _from_other_branches(self, index: RunIndex) -> Iterator[Detection]:
        for crossed in crossed_results(index):
            step, other = crossed.step, crossed.other
            yield Detection(
                layer=self.layer,
                code=self.code,
                severity="warning",
                message=f"`{step.node_name}` returned the same `{crossed.field}` as its execution in step "
                f"{other.step_number}, though its input differs; {', '.join(crossed.words[:3])} "
                "stand in the other one's input only",
                step_id=step.id,
                field=crossed.field,
                confidence=0.9,
                details={"from": "another execution", "other_step": other.step_number, "words": list(crossed.words)},
                evidence=(
                    Evidence(
                        step_id=step.id,
                        field=crossed.field,
                        note="the result",
                        value=excerpt(step.output_state.get(crossed.field)),
                    ),
                    Evidence(step_id=other.id, field=crossed.field, note="where it belongs"),
                ),
            )

    def _from_earlier_runs(self, index: RunIndex, context: DetectorContext) -> Iterator[Detection]:
        profile = context.history.profile() if context.history is not None else None
        if profile is None or profile.runs < _ENOUGH:
            return
        places = places_of(index.trace)
        for step in index.trace.steps:
            node = profile.node(places[step.id]) if step.outcome == "ok" and index.is_leaf(step) else None
            if node is None or not node.echoes:
                continue
            read = read_fields(index.trace, step)
            asked = input_hash(step.input_state, read)
            given: frozenset[str] | None = None
            for field, answer in answers_of(step.output_state).items():
                known = node.echoes.get(field)
                if known is None or len(known.asked) < _ENOUGH or known.asked.get(answer) == asked:
                    continue
                if given is None:
                    given = words_given(index.trace, step)
                value: JsonValue = step.output_state if field == WHOLE else step.output_state[field]
                share = anchored_share(value, given)
                sure = _sureness(known, share, is_read=read is not None)
                if known.asked.get(answer) and known.tells_apart and sure:
                    yield self._remembered(step, field, value, len(known.asked), sure)
                elif (
                    answer not in known.asked
                    and len(known.asked) >= _MANY
                    and _is_adrift(value, known, share, given | own_words(step, index))
                    and not (_has_nothing(step))
                ):
                    yield self._adrift(step, field, value, known, share)

    def _adrift(self, step: TraceStep, field: str, value: JsonValue, known: Echoes, share: float) -> Detection:
        place = None if field == WHOLE else field
        what = "its whole update" if place is None else f"`{field}`"
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` took {share:.0%} of the words of {what} from its input, and never less than "
            f"{known.anchored:.0%} before: it may belong to another query",
            step_id=step.id,
            field=place,
            confidence=0.75,
            details={"from": "another input", "share": round(share, 3), "least_share": round(known.anchored, 3)},
            evidence=(Evidence(step_id=step.id, field=place, note="the result", value=excerpt(value)),),
        )

    def _remembered(self, step: TraceStep, field: str, value: JsonValue, outputs: int, sure: float) -> Detection:
        what = "its whole update" if field == WHOLE else f"`{field}`"
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` returned as {what} what an earlier run got for another input; "
            f"different inputs have always had different ones ({outputs} known)",
            step_id=step.id,
            field=None if field == WHOLE else field,
            confidence=sure,
            details={"from": "an earlier run", "known_outputs": outputs},
            evidence=(
                Evidence(
                    step_id=step.id, field=None if field == WHOLE else field, note="the result", value=excerpt(value)
                ),
            ),
        )


def _has_nothing(step: TraceStep) -> bool:
    """Whether a step was given an empty list or record, about which other words are said than usually."""
    given = step.input_state.values()
    inner = [one for value in given if isinstance(value, dict) for one in value.values()]
    return any(isinstance(one, list | dict) and not one for one in (*given, *inner))


def _is_adrift(value: JsonValue, known: Echoes, share: float, explained: frozenset[str]) -> bool:
    """Whether far fewer words come from the input than ever before, in a text that admits nothing and has some."""
    if known.anchored < _ANCHORED or share > _DROP * known.anchored:
        return False
    texts = list(leaves(value))
    words = frozenset().union(*map(telling_words, texts))
    return len(words) >= _FEWEST and len(words - explained) >= _FOREIGN and not owns_up(texts)


def _sureness(known: Echoes, share: float, *, is_read: bool) -> float:
    """How sure a repeated output is stale: 0 when its words may well come from this run's input."""
    if share < known.anchored:
        return 0.9
    if known.anchored == share == 0.0 and is_read and len(known.asked) >= _MANY:
        return 0.7
    return 0.0


def _short(text: str) -> str:
    flat = " ".join(text[:160].split())
    return flat if len(flat) <= 80 else f"{flat[:79]}…"
