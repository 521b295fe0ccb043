"""A claim without a source."""

from __future__ import annotations

from typing import Final

from argus._internal.words import word_key, words_in
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.semantic.claims.answers import Answer, answers
from argus.detectors.semantic.claims.arithmetic import Reckoning, operands_of
from argus.detectors.semantic.claims.figures import Figure, decimals_of, figures_in
from argus.detectors.semantic.claims.heard import Heard
from argus.detectors.semantic.claims.names import names_in
from argus.detectors.semantic.claims.sources import Sources, Strangers, sealed_steps
from argus.detectors.wording import is_named
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["UnsupportedClaim"]

_WORDS: Final = 2
_PAIRS: Final = 6
_LONG: Final = 3
_SMALL: Final = 12
_ROUND: Final = 1_000
_COMMON: Final = frozenset({24.0, 30.0, 60.0, 90.0, 365.0})
_SHOWN: Final = 20
_QUOTED: Final = 6


class UnsupportedClaim(BaseDetector):
    """A step states figures, names or dates that it cannot know.

    Finds:
        Texts with numbers, names, dates or whole sentences that stand neither in what the step was given nor in the
        constants of its code.

    Why it matters:
        A figure from nowhere looks like every other figure. Whoever reads the report takes it for a result.

    How it decides:
        When a graph is watched, the code of each node is followed to every constant that it can reach. Where nothing
        else can flow in (no file, service, model, configuration, question to a person, exception's text), the node can
        say only what it was given, what its constants say and what it reckons. Every text that such a step returns is
        read word by word and number by number. Warning when a number has no source, or two words of three letters and
        more have none (in scripts without blanks six pairs of signs). Thousands separators, decimal commas, rounding,
        percent, lengths of lists, and what one or two operations make of sums, averages, groups and constants all count
        as sources; where the code does more arithmetic than that, or dates, numbers are not judged. Parts of
        texts count where the code cuts or glues them, and texts that it respells are not judged.
        An answer that a model gives after tools were called is judged too: a particular number that neither came up nor
        can be reckoned from what the tools said, or a name none of whose words came up, is a warning. Small and round
        numbers are not.

    When it is wrong:
        When the code makes new words of old ones in a way that does not show (its own hyphenation, say). Silence it
        with an ``ignore`` entry for ``SEM202`` and the node.

    Settings:
        None of its own.

    References:
        None.
    """

    code = "SEM202"
    name = "unsupported_claim"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds claims from nowhere.

        Args:
            trace: The run.
            context: Its memo is used.
        """
        found: list[Detection] = []
        for sources in sealed_steps(trace, context):
            if not sources.knowledge.rewrites:
                found += self._of_sealed(sources)
        sealed = {finding.step_id for finding in found}
        rest = [answer for answer in answers(trace) if answer.step.id not in sealed and answer.results]
        if rest:
            heard = Heard.of(trace, context)
            found += (one for answer in rest for one in self._of_answer(answer, heard))
        return found

    def _of_answer(self, answer: Answer, heard: Heard) -> list[Detection]:
        step = answer.step
        if heard.is_blind(step) or heard.text(answer.text, step):
            return []
        claims = [*_unknown_names(answer, heard), *_unknown_figures(answer, heard)]
        if not claims:
            return []
        return [
            Detection(
                layer=self.layer,
                code=self.code,
                severity="warning",
                message=f"`{step.node_name}` answers with “{claims[0]}”, which neither question nor tools mentioned",
                step_id=step.id,
                field=answer.path,
                confidence=0.75,
                details={"claims": list(claims[:_SHOWN])},
                evidence=(
                    Evidence(step_id=step.id, field=answer.path, note="the answer", value=excerpt(answer.text)),
                    Evidence(step_id=step.id, note="what a tool said", value=excerpt(answer.results[0])),
                ),
            )
        ]

    def _of_sealed(self, sources: Sources) -> list[Detection]:
        step = sources.step
        found: list[Detection] = []
        for path, text in sources.texts(step.output_state):
            told = _told(sources.strangers(text))
            if told:
                found.append(
                    Detection(
                        layer=self.layer,
                        code=self.code,
                        severity="warning",
                        message=f"`{step.node_name}` wrote “{told[0]}” into `{path}`, which stands neither in what it"
                        " was given nor in its code",
                        step_id=step.id,
                        field=path,
                        confidence=0.85,
                        details={"claims": list(told[:_SHOWN])},
                        evidence=(Evidence(step_id=step.id, field=path, note="the text", value=excerpt(text)),),
                    )
                )
        return found


def _unknown_names(answer: Answer, heard: Heard) -> list[str]:
    def known(word: str) -> bool:
        key = word_key(word)
        return len(word) < _LONG or heard.word(key, answer.step) or heard.word(key[:-1], answer.step)

    return [name for name in names_in(answer.text) if not any(known(word) for word, _ in words_in(name))]


def _unknown_figures(answer: Answer, heard: Heard) -> list[str]:
    """Figures that were not heard, and that no operation makes of what the tools said."""
    strange = [figure for figure in figures_in(answer.text) if _is_particular(figure, answer.text)]
    strange = [
        figure for figure in strange if not any(_is_heard(one, figure, answer, heard) for one in figure.readings)
    ]
    if not strange:
        return []
    numbers = operands_of([result] for result in answer.results)
    ways = (Reckoning(numbers, 1, 0), Reckoning([*numbers, 100.0], 0, 1))
    return [
        figure.text
        for figure in strange
        if not any(way.reaches(one, decimals_of(one)) for way in ways for one in figure.readings)
    ]


def _is_particular(figure: Figure, text: str) -> bool:
    """Whether a figure says something of its own: no small or round number, no number of a list or in a word."""
    at, end = figure.start, figure.start + len(figure.text)
    value = figure.readings[0]
    if value <= _SMALL or (value % 100 == 0 and value <= _ROUND) or value in _COMMON:
        return False
    return not (text[at - 1 : at].isalpha() or text[end : end + 1].isalpha())


def _is_heard(value: float, figure: Figure, answer: Answer, heard: Heard) -> bool:
    digits = decimals_of(value)
    if heard.number(value, digits, answer.step):
        return True
    return figure.share and heard.number(value / 100, digits + 2, answer.step)


def _told(strangers: Strangers) -> list[str]:
    words = [word for word in strangers.words if len(word) >= _LONG and not is_named("negations", word)]
    pairs = [word for word in strangers.words if len(word) < _LONG]
    claims = [figure.text for figure in strangers.figures]
    if len(words) >= _WORDS:
        claims = [" ".join(words[:_QUOTED]), *claims]
    elif len(pairs) >= _PAIRS:
        claims = ["".join(pairs[::2][:_QUOTED]), *claims]
    return claims
