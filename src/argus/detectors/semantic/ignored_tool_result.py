"""An answer made without its tools."""

from __future__ import annotations

from typing import Final

from argus._internal.languages import language_of
from argus._internal.telling_words import telling_words
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.semantic.claims.answers import Answer, answers
from argus.detectors.wording import admits_failure, owns_up
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["IgnoredToolResult"]

_ENOUGH: Final = 5
_SHORTEST: Final = 6


class IgnoredToolResult(BaseDetector):
    """An answer has nothing to do with what the tools found.

    Finds:
        Answers that share no telling word and no figure with any tool result since the question.

    Why it matters:
        The tools were called, the run looks thorough, and the answer was made up all the same.

    How it decides:
        The telling words of the results (function words left out, words cut to their beginnings, figures, identifiers)
        without those of the question must be five or more, and the answer of six words or more must have none of them.
        Answers that admit a failure, say that nothing was found or ask back are left alone, and so are those in another
        language than the results. Warning.

    When it is wrong:
        When an answer rightly says only that something was done. Silence it with an ``ignore`` entry for ``SEM207`` and
        the node.

    Settings:
        None of its own.

    References:
        None.
    """

    code = "SEM207"
    name = "ignored_tool_result"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds answers made without looking.

        Args:
            trace: The run.
            context: Not used.
        """
        return [self._finding(answer) for answer in answers(trace) if _ignores(answer)]

    def _finding(self, answer: Answer) -> Detection:
        step = answer.step
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"the answer of `{step.node_name}` has nothing of what the tools found",
            step_id=step.id,
            field=answer.path,
            confidence=0.8,
            evidence=(
                Evidence(step_id=step.id, field=answer.path, note="the answer", value=excerpt(answer.text)),
                Evidence(step_id=step.id, note="what a tool said", value=excerpt(answer.results[0])),
            ),
        )


def _ignores(answer: Answer) -> bool:
    if answer.failed or not answer.results or len(answer.text.split()) < _SHORTEST:
        return False
    if owns_up(answer.results) or admits_failure([answer.text]) or owns_up([answer.text]):
        return False
    found = frozenset().union(*map(telling_words, answer.results)) - telling_words(answer.question)
    if len(found) < _ENOUGH or found & telling_words(answer.text):
        return False
    spoken, read = language_of(answer.text), language_of(" ".join(answer.results))
    return spoken is None or read is None or spoken == read
