"""A value that the user's own validator does not accept."""

from __future__ import annotations

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.validation import verdicts
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["RejectedValue"]


class RejectedValue(BaseDetector):
    """A validator said no to what a step wrote.

    Finds:
        Values for which a validator of yours answered False, or ``(False, message)``.

    Why it matters:
        You know what a valid total, address or answer is; no general rule does.

    How it decides:
        A validator is called for each step that ended well and wrote its target: ``total`` or ``order.total`` for a
        field, ``node:price/total`` for a field of one node's output, ``node:price`` for the whole output of a node,
        ``*`` for every output. It gets the recorded value (redacted and cut as configured, tuples as lists), of a field
        with a reducer the merged one. A path that is not there is not looked at. Every no is a warning, confidence 1.

    When it is wrong:
        When the validator is. Answers other than True, False or a pair, and exceptions, are reported about the
        validator, as ``STR407``.

    Settings:
        ``validators`` of the watcher; nothing is looked at without them.

    References:
        ``docs/detectors``: validators by example.
    """

    code = "STR406"
    name = "rejected_value"
    layer = "structural"
    calls_validators = True

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds rejected values.

        Args:
            trace: The run.
            context: Its validators are called.
        """
        return [
            Detection(
                layer=self.layer,
                code=self.code,
                severity="warning",
                message=f"the validator `{one.target}` rejects {f'`{one.path}`' if one.path else 'the output'} "
                f"of `{one.step.node_name}`" + (f": {one.message}" if one.message else ""),
                step_id=one.step.id,
                field=one.path,
                details={"validator": one.target},
                evidence=(Evidence(step_id=one.step.id, field=one.path, note="rejected", value=excerpt(one.value)),),
            )
            for one in verdicts(trace, context)
            if one.kind == "rejected"
        ]
