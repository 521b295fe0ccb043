"""A claim without a source."""

from __future__ import annotations

from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.semantic.claims.sources import Sources, Strangers, sealed_steps
from argus.detectors.wording import is_named
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["UnsupportedClaim"]

_WORDS: Final = 2
_PAIRS: Final = 6
_LONG: Final = 3
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
        as sources; where the code does more arithmetic than that, or dates, numbers are not judged.

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
        return found

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


def _told(strangers: Strangers) -> list[str]:
    words = [word for word in strangers.words if len(word) >= _LONG and not is_named("negations", word)]
    pairs = [word for word in strangers.words if len(word) < _LONG]
    claims = [figure.text for figure in strangers.figures]
    if len(words) >= _WORDS:
        claims = [" ".join(words[:_QUOTED]), *claims]
    elif len(pairs) >= _PAIRS:
        claims = ["".join(pairs[::2][:_QUOTED]), *claims]
    return claims
