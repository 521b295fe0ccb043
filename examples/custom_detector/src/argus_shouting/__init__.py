"""A detector of your own, in a package of its own."""

from argus.detectors.base import BaseDetector, Detection
from argus.model.trace import Trace


class ShoutingAnswer(BaseDetector):
    """This run contains an answer in capitals."""

    layer = "custom"

    def detect(self, trace: Trace) -> list[Detection]:
        """Looks at the field ``answer`` of every update."""
        detections = []
        for step in trace.steps:
            answer = step.output_state.get("answer")
            if isinstance(answer, str) and answer.isupper():
                detections.append(
                    Detection(layer="custom", severity="warning", message="Custom check failed", step_id=step.id)
                )
        return detections
