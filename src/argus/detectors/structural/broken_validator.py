"""A validator that gives no answer."""

from __future__ import annotations

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.validation import verdicts
from argus.model.detection import Detection
from argus.model.trace import Trace

__all__ = ["BrokenValidator"]


class BrokenValidator(BaseDetector):
    """A validator raised, or answered neither yes nor no, so the value was not checked.

    Finds:
        Validators of yours that raise an exception, and answers that are no bool and no pair of bool and message.

    Why it matters:
        What you rely on being checked is not. It says nothing about the step: a validator that trips over None is as
        likely as a wrong value.

    How it decides:
        Reported once for each validator, at the first step where it happened. Info, so that a mistake in a check never
        makes a run look faulty. An ``AssertionError`` is an exception like any other: answer False instead.

    When it is wrong:
        When raising was meant as a no. Return ``(False, message)``.

    Settings:
        ``validators`` of the watcher.

    References:
        ``STR406``: values that a validator rejects.
    """

    code = "STR407"
    name = "broken_validator"
    layer = "structural"
    calls_validators = True

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds broken validators.

        Args:
            trace: The run.
            context: Its validators are called.
        """
        first = {one.target: one for one in reversed(verdicts(trace, context)) if one.kind != "rejected"}
        return [
            Detection(
                layer=self.layer,
                code=self.code,
                severity="info",
                message=f"the validator `{target}` {'raised ' if one.kind == 'raised' else ''}{one.message} "
                f"about what `{one.step.node_name}` wrote",
                step_id=one.step.id,
                details={"validator": target, "kind": one.kind},
            )
            for target, one in sorted(first.items())
        ]
