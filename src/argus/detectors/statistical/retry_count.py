"""A node that was tried again more often than it used to be."""

from __future__ import annotations

from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.statistical.proportion import more_events_than_before
from argus.model.detection import Detection, Evidence
from argus.model.metrics import step_metrics
from argus.model.trace import Trace, TraceStep

__all__ = ["RetryCount"]

_METRIC = "retry_count"
_LEAST: Final = 3
_CHANCE: Final = 0.001
_SHOWN: Final = 5
_NEWEST: Final = 100
_DEFAULT_THRESHOLD: Final = 2.5


class RetryCount(BaseDetector):
    """A node was retried more often than in earlier healthy runs.

    Finds:
        One finding for each node whose retries in this run are out of the ordinary.

    Why it matters:
        Retries hide what is wrong until they run out: a service that answers at the fourth attempt today does not
        answer at all tomorrow, and each attempt costs time and money.

    How it decides:
        Attempts beyond the first, over all executions of the node in the run, are compared with those of earlier
        healthy runs. Were retries events that come at a steady rate, as many as these would be seen with a probability
        below 0.001, and no earlier run had more than half as many. At least three are asked for. A warning. A
        ``z_threshold`` above 2.5 asks for a smaller probability, one below for a larger one.

    When it is wrong:
        During a disturbance of a service that the retries are there for, and do overcome.

    Settings:
        ``detection.statistical.check_retries`` (default true), ``.z_threshold`` (default 2.5), ``.min_samples`` (runs,
        default 5).

    References:
        The rate is not known but estimated: with Jeffreys' prior the number of events in the next run follows a
        negative binomial distribution (A. Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.7).
    """

    code = "STA104"
    name = "retry_count"
    layer = "statistical"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds nodes with too many retries.

        Args:
            trace: The run.
            context: ``history`` and the ``statistical`` settings are used.
        """
        settings, history = context.settings.statistical, context.history
        if history is None or not settings.check_retries:
            return []
        attempts: dict[str, list[TraceStep]] = {}
        counts: dict[str, int] = {}
        for step, numbers in zip(trace.steps, step_metrics(trace), strict=True):
            if step.attempt > 1:
                attempts.setdefault(step.node_name, []).append(step)
            if numbers.retry_count is not None:
                counts[step.node_name] = numbers.retry_count
        found: list[Detection] = []
        for node, retries in counts.items():
            if retries < _LEAST:
                continue
            earlier = [int(count) for count in history.samples(_METRIC, node)[:_NEWEST]]
            if len(earlier) < settings.min_samples or 2 * max(earlier) > retries:
                continue
            chance = more_events_than_before(retries, sum(earlier), len(earlier))
            if chance < _CHANCE ** (settings.z_threshold / _DEFAULT_THRESHOLD):
                found.append(self._finding(attempts[node], retries, earlier, chance))
        return found

    def _finding(self, again: list[TraceStep], retries: int, earlier: list[int], chance: float) -> Detection:
        last = again[-1]
        before = f"at most {max(earlier)} times" if max(earlier) else "never"
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{last.node_name}` was tried again {retries} times; in {len(earlier)} earlier runs {before}",
            step_id=last.id,
            confidence=0.8,
            details={
                "metric": _METRIC,
                "value": retries,
                "mean": round(sum(earlier) / len(earlier), 3),
                "chance": chance,
                "samples": len(earlier),
            },
            evidence=tuple(
                Evidence(step_id=step.id, note=f"attempt {step.attempt}", value=step.attempt)
                for step in again[-_SHOWN:]
            ),
        )
