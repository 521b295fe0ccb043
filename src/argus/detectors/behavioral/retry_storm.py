"""A step that failed again and again before it succeeded."""

from __future__ import annotations

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep

__all__ = ["RetryStorm"]

_STORM = 4
_STORM_OVER_A_RUN = 8


class RetryStorm(BaseDetector):
    """A step needed so many attempts that the retries hide a fault.

    Finds:
        A node with four or more failed attempts in a row that ended in success, or eight failed attempts over the run.

    Why it matters:
        The run ends well and looks it. The delay, the cost and the load on the service that fails stay unseen, until
        the attempts do not suffice.

    How it decides:
        Failed attempts in a row are counted for each node, whether LangGraph's retry policy made the next attempt or
        the program itself called again with the same input. Up to three are what retries are for. From four on:
        warning, unless the run ended with that very error, which ``BEH301`` reports.

    When it is wrong:
        When a service is known to be flaky and many attempts are the plan. Silence it with an ``ignore`` entry for
        ``BEH305`` and the node.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        LangGraph's ``RetryPolicy``; three attempts are its default.
    """

    code = "BEH305"
    name = "retry_storm"
    layer = "behavioral"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds retry storms.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        findings: list[Detection] = []
        for steps in index.scopes.values():
            failed: dict[str, list[TraceStep]] = {}
            total: dict[str, list[TraceStep]] = {}
            told: set[str] = set()
            for step in steps:
                node = step.node_name
                row = failed.setdefault(node, [])
                if step.outcome == "error":
                    if row and not _goes_on(row[-1], step):
                        row.clear()
                    row.append(step)
                    total.setdefault(node, []).append(step)
                    continue
                everything = total.get(node, [])
                if step.outcome in ("ok", "cached") and node not in told:
                    if len(row) >= _STORM and _goes_on(row[-1], step):
                        findings.append(self._finding(step, row, "in a row"))
                        told.add(node)
                    elif len(everything) >= _STORM_OVER_A_RUN and row:
                        findings.append(self._finding(step, everything, "over the run"))
                        told.add(node)
                row.clear()
        return findings

    def _finding(self, step: TraceStep, failed: list[TraceStep], when: str) -> Detection:
        kinds = list(dict.fromkeys(one.error.type for one in failed if one.error))
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` succeeded after {len(failed)} failures {when} ({', '.join(kinds[:3])})",
            step_id=step.id,
            details={"failed_attempts": len(failed), "errors": kinds},
            confidence=0.95,
            evidence=tuple(
                Evidence(step_id=one.id, note=one.error.type if one.error else "failed") for one in failed[:5]
            ),
        )


def _goes_on(before: TraceStep, step: TraceStep) -> bool:
    """Whether a step tries once more what the one before failed at."""
    return step.attempt == before.attempt + 1 or (step.attempt == 1 and step.input_state == before.input_state)
