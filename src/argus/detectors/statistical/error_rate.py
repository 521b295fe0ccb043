"""A node, or the tools it calls, that failed more often than it used to, and nobody noticed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.statistical.proportion import more_failures_than_before
from argus.learning.executions import places_of
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep

__all__ = ["ErrorRate"]

_METRIC = "error_rate"
_LEAST: Final = 3
_CHANCE: Final = 0.001
_SHOWN: Final = 5
_DEFAULT_THRESHOLD: Final = 2.5


@dataclass
class _Count:
    """Attempts and failures of one kind at one node."""

    tried: int = 0
    failed: list[TraceStep] = field(default_factory=list)


class ErrorRate(BaseDetector):
    """A larger share of a node's attempts or tool calls failed than in earlier healthy runs.

    Finds:
        One finding for each node whose failures were retried, handled or taken as results, when their share is out of
        the ordinary.

    Why it matters:
        A run that ends well although half of its branches failed is a run with half of its results. The failures are
        swallowed one by one, and only their number tells.

    How it decides:
        Attempts that ended in an error, among all attempts of the node in this run, are compared with those of all
        earlier healthy runs together; and tool calls with tool calls. Fisher's exact test says how likely so many of
        all failures would fall into this run if nothing had changed: below 0.001 it is a warning. At least three
        failures are asked for. A run that ended in an exception is left to BEH301. A ``z_threshold`` above 2.5 asks for
        a smaller probability, one below for a larger one.

    When it is wrong:
        When a run has many branches and all of them meet the same disturbance.

    Settings:
        ``detection.statistical.check_errors`` (default true), ``.z_threshold`` (default 2.5), ``.min_samples`` (runs,
        default 5).

    References:
        R. A. Fisher, "The Design of Experiments", 1935, chapter 2.
    """

    code = "STA105"
    name = "error_rate"
    layer = "statistical"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds nodes that failed more often.

        Args:
            trace: The run.
            context: ``history`` and the ``statistical`` settings are used.
        """
        settings = context.settings.statistical
        if context.history is None or trace.error is not None or not settings.check_errors:
            return []
        profile = context.history.profile()
        attempts, calls = _counts(trace)
        found: list[Detection] = []
        for place in attempts:
            known = profile.node(place)
            if known is None or known.runs < settings.min_samples:
                continue
            before = {
                "attempts": (known.failed, known.failed + known.executions),
                "tool calls": (known.failed_calls, known.calls),
            }
            for what, count in (("attempts", attempts[place]), ("tool calls", calls[place])):
                failed_before, tried_before = before[what]
                failed = len(count.failed)
                if failed < _LEAST or not tried_before or failed * tried_before <= 2 * failed_before * count.tried:
                    continue
                chance = more_failures_than_before(failed, count.tried, failed_before, tried_before)
                if chance < _CHANCE ** (settings.z_threshold / _DEFAULT_THRESHOLD):
                    found.append(self._finding(what, count, (failed_before, tried_before), chance))
        return found

    def _finding(self, what: str, count: _Count, before: tuple[int, int], chance: float) -> Detection:
        failed, last = len(count.failed), count.failed[-1]
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=(
                f"{failed} of {count.tried} {what} of `{last.node_name}` failed; "
                f"in earlier runs {before[0]:,} of {before[1]:,} did"
            ),
            step_id=count.failed[0].id,
            confidence=0.8,
            details={
                "metric": _METRIC,
                "value": round(failed / count.tried, 4),
                "failed": failed,
                "tried": count.tried,
                "failed_before": before[0],
                "tried_before": before[1],
                "chance": chance,
            },
            evidence=tuple(
                Evidence(step_id=step.id, note=step.error.type if step.error else "a tool failed")
                for step in count.failed[:_SHOWN]
            ),
        )


def _counts(trace: Trace) -> tuple[dict[str, _Count], dict[str, _Count]]:
    """Attempts and tool calls by place."""
    places = places_of(trace)
    attempts: dict[str, _Count] = {}
    calls: dict[str, _Count] = {}
    for step in trace.steps:
        count = attempts.setdefault(places[step.id], _Count())
        called = calls.setdefault(places[step.id], _Count())
        if step.outcome in ("ok", "error"):
            count.tried += 1
            count.failed += [step] * (step.outcome == "error")
        called.tried += len(step.tool_calls)
        called.failed += [step for call in step.tool_calls if call.error is not None]
    return attempts, calls
