"""A step that took far longer, or far shorter, than it used to."""

from __future__ import annotations

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.statistical.deviation import Baseline, baseline_of
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep

__all__ = ["ExecutionTime"]

_METRIC = "execution_time"
_SPIKE = 4.0
_SPIKE_MS = 100.0
_DROP = 10.0
_DROP_MS = 100.0


class ExecutionTime(BaseDetector):
    """A node's time is far from its time in earlier healthy runs.

    Finds:
        For each node its slowest and its quickest step, when that is out of the ordinary.

    Why it matters:
        A node that is suddenly many times slower waits for something, retries inside or works on far more than usual;
        one that suddenly needs next to no time may not have done its work at all.

    How it decides:
        The logarithm of the time is compared with the median of the node's earlier times in units of their median
        absolute deviation, of which at least 0.15 is taken for granted (times scatter by 15 % on any machine). A spike
        lies beyond ``z_threshold``, takes at least 4 times the median, 100 ms more than it, and more than any earlier
        time. A drop lies beyond it the other way, takes at most a tenth of a median of at least 100 ms, and less than
        any earlier time. Both are warnings. Failed, cached, interrupted and cancelled steps are not compared.

    When it is wrong:
        On a machine that is busy with something else; after a change that made a node quicker by intent, until
        ``min_samples`` newer runs are known.

    Settings:
        ``detection.statistical.z_threshold`` (deviations, default 2.5), ``.min_samples`` (runs, default 5),
        ``.metrics`` (must hold ``execution_time``).

    References:
        The median absolute deviation times 1.4826 estimates a normal standard deviation and withstands outliers.
    """

    code = "STA101"
    name = "execution_time"
    layer = "statistical"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds steps out of time.

        Args:
            trace: The run.
            context: ``history`` and the ``statistical`` settings are used.
        """
        settings, history = context.settings.statistical, context.history
        if history is None or _METRIC not in settings.metrics:
            return []
        by_node: dict[str, list[TraceStep]] = {}
        for step in trace.steps:
            if step.outcome == "ok" and step.duration_ms > 0:
                by_node.setdefault(step.node_name, []).append(step)
        found: list[Detection] = []
        for node, steps in by_node.items():
            earlier = baseline_of(history.samples(_METRIC, node), settings.min_samples)
            if earlier is None:
                continue
            slowest = max(steps, key=lambda step: step.duration_ms)
            quickest = min(steps, key=lambda step: step.duration_ms)
            if _is_spike(slowest.duration_ms, earlier, settings.z_threshold):
                found.append(self._finding(slowest, earlier, "longer"))
            if _is_drop(quickest.duration_ms, earlier, settings.z_threshold):
                found.append(self._finding(quickest, earlier, "shorter"))
        return found

    def _finding(self, step: TraceStep, earlier: Baseline, how: str) -> Detection:
        took, usual = step.duration_ms, earlier.median
        times = took / usual if how == "longer" else usual / took
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` took {_ms(took)}, {times:.0f} times {how} than usual ({_ms(usual)})",
            step_id=step.id,
            confidence=0.8,
            details={
                "metric": _METRIC,
                "value_ms": round(took, 3),
                "median_ms": round(usual, 3),
                "z": round(earlier.z(took), 2),
                "samples": earlier.count,
            },
            evidence=(Evidence(step_id=step.id, note=f"took {_ms(took)}", value=round(took, 3)),),
        )


def _is_spike(took: float, earlier: Baseline, threshold: float) -> bool:
    usual = earlier.median
    return (
        earlier.z(took) > threshold and took >= _SPIKE * usual and took - usual >= _SPIKE_MS and took > earlier.largest
    )


def _is_drop(took: float, earlier: Baseline, threshold: float) -> bool:
    usual = earlier.median
    return earlier.z(took) < -threshold and usual >= _DROP_MS and took * _DROP <= usual and took < earlier.smallest


def _ms(duration: float) -> str:
    if duration >= 10_000:
        return f"{duration / 1000:.0f} s"
    if duration >= 1000:
        return f"{duration / 1000:.1f} s"
    return f"{duration:.0f} ms" if duration >= 10 else f"{duration:.1f} ms"
