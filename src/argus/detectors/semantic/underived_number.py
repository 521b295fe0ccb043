"""A number that nothing leads to."""

from __future__ import annotations

from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.semantic.claims.heard import leaves_by_path
from argus.detectors.semantic.claims.sources import Sources, sealed_steps
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["UnderivedNumber"]

_MOST: Final = 200


class UnderivedNumber(BaseDetector):
    """A step returns a number that it can neither have been given nor have reckoned.

    Finds:
        Numbers in fields: a misread decimal comma, a wrong sign, a slip by a power of ten.

    Why it matters:
        A number of the right type passes every check and is wrong in every report that is made of it.

    How it decides:
        Only for steps whose code is sealed, as for ``SEM202``. A number is accounted for when it was given (as a number
        or within a text), stands in the code, is the length of something, or when one or two operations lead to it
        from numbers, sums, averages and groups of what was given and the constants. Where the code may do more than
        that (loops, helpers that are used again, sums over groups, functions from outside), only a number that is one
        of those with another sign or the point in another place is named, and only where nothing that the code
        multiplies by explains it. Where it looks at a clock, none is. The first 200 numbers of an update are looked at.
        Warning.

    When it is wrong:
        When a number hides in what was given in a form that is not read, such as words or Roman numerals. Silence it
        with an ``ignore`` entry for ``SEM210`` and the field.

    Settings:
        None of its own.

    References:
        None.
    """

    code = "SEM210"
    name = "underived_number"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds numbers from nowhere.

        Args:
            trace: The run.
            context: Its memo is used.
        """
        found: list[Detection] = []
        for sources in sealed_steps(trace, context):
            if not sources.knowledge.dates and not sources.knowledge.rewrites:
                found += self._of(sources)
        return found

    def _of(self, sources: Sources) -> list[Detection]:
        step = sources.step
        strangers: dict[str, float] = {}
        read = 0
        for path, value in leaves_by_path(step.output_state):
            if isinstance(value, int | float):
                read += 1
                if read > _MOST:
                    break
                if not sources.knows_number(value, path) and (not sources.is_rough(value) or sources.slip(value, path)):
                    strangers[path] = value
        return [
            Detection(
                layer=self.layer,
                code=self.code,
                severity="warning",
                message=f"`{step.node_name}` wrote {value!r} into `{path}`, which it was not given and which no"
                " reckoning of its code leads to",
                step_id=step.id,
                field=path,
                confidence=0.75,
                details={"value": value},
                evidence=(Evidence(step_id=step.id, field=path, note="the number", value=value),),
            )
            for path, value in strangers.items()
        ]
