"""A step that took far longer, or far shorter, than it used to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.statistical.deviation import MANY, Baseline, baseline_of
from argus.detectors.statistical.grounds import Grounds
from argus.model.detection import Detection, Evidence
from argus.model.metrics import output_length
from argus.model.ports import History
from argus.model.trace import Trace, TraceStep

__all__ = ["ExecutionTime"]

_METRIC = "execution_time"
_SPIKE: Final = 8.0
_SPIKE_MS: Final = 100.0
_DROP: Final = 10.0
_DROP_MS: Final = 100.0
_DROP_LEAST_MS: Final = 5.0
_HICCUP_MS: Final = 50.0
"""What the scheduler of a busy machine may add to any time, however short; below it times say nothing of a node."""

_PACE_MS: Final = 1.0
_PACE_NODES: Final = 2


class ExecutionTime(BaseDetector):
    """A node's time is far from its time in earlier healthy runs.

    Finds:
        For each node its slowest and its quickest step, when that is out of the ordinary.

    Why it matters:
        A node that is suddenly many times slower waits for something, retries inside or works on far more than usual;
        one that suddenly needs next to no time may not have done its work at all.

    How it decides:
        The logarithm of the time is compared with the median of the node's earlier times, in units of their median
        absolute deviation, of which at least 0.15 is taken for granted (times scatter by 15 % on any machine), or of
        their standard deviation where that is more; with few samples more units are asked for, as Student's t
        distribution does. A spike lies beyond ``z_threshold`` of them, takes at least 8 times the median and 100 ms
        more than it, and goes beyond the largest earlier time by more than heavy tails do: a cold cache that was seen
        once is expected again. Times under 50 ms, which a busy machine adds anywhere, are taken for 50 ms where that
        makes a spike stand out. When most other nodes of the run are slow too, the machine is busy, and only what
        exceeds their pace counts; when the step was given far more than ever before, it may take longer. A drop lies
        beyond the threshold the other way, takes at most a tenth of the median and less than any earlier time. It
        speaks where the node used to take 100 ms; where it used to take 5 ms, only if the step also returned no more
        than the shortest quarter of earlier outputs and was given no empty list. Both are warnings. Failed, cached,
        interrupted and cancelled steps are not compared.

    When it is wrong:
        After a change that made a node quicker or slower by intent, until newer runs are known; when something that
        the node depends on was never cold before.

    Settings:
        ``detection.statistical.z_threshold`` (deviations, default 2.5), ``.min_samples`` (steps, default 5),
        ``.metrics`` (must hold ``execution_time``).

    References:
        The median absolute deviation times 1.4826 estimates a normal standard deviation and withstands outliers
        (F. Hampel, "The influence curve and its role in robust estimation", 1974).
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
        samples = {node: history.samples(_METRIC, node) for node in by_node}
        baselines = {
            node: earlier
            for node in by_node
            if (earlier := baseline_of(samples[node], settings.min_samples)) is not None
        }
        paces = {
            node: median(step.duration_ms for step in by_node[node]) / earlier.median
            for node, earlier in baselines.items()
            if earlier.median >= _PACE_MS
        }
        index, grounds = RunIndex.of(trace, context), Grounds.of(trace, context)
        found: list[Detection] = []
        for node, earlier in baselines.items():
            slowest = max(by_node[node], key=lambda step: step.duration_ms)
            quickest = min(by_node[node], key=lambda step: step.duration_ms)
            spikes = _is_spike(slowest.duration_ms, earlier, settings.z_threshold, _pace(paces, node))
            if not spikes and slowest.duration_ms - earlier.median >= _SPIKE_MS:
                lulls = {one: _Lull(samples[one], by_node[one], settings.min_samples) for one in baselines}
                pace = _pace({other: one.pace for other, one in lulls.items()}, node)
                spikes = _is_spike(slowest.duration_ms, lulls[node].earlier or earlier, settings.z_threshold, pace)
            if spikes and not grounds.explain(slowest, "size", math.log(slowest.duration_ms / earlier.median)):
                found.append(self._finding(slowest, earlier, "longer"))
            if _is_drop(quickest, earlier, settings.z_threshold, history, index):
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


class _Lull:
    """Earlier times of a node and its pace in this run, with all that is shorter than a hiccup taken for one."""

    def __init__(self, samples: Sequence[float], steps: Sequence[TraceStep], least: int) -> None:
        lifted = [max(value, _HICCUP_MS) for value in samples if math.isfinite(value) and value > 0]
        self.earlier = baseline_of(lifted, least)
        now = median(max(step.duration_ms, _HICCUP_MS) for step in steps)
        self.pace = now / self.earlier.median if self.earlier is not None else 1.0


def _pace(paces: dict[str, float], node: str) -> float:
    """How many times slower than usual the other nodes of the run were; 1 when they were not."""
    others = [pace for other, pace in paces.items() if other != node]
    return max(1.0, median(others)) if len(others) >= _PACE_NODES else 1.0


def _is_spike(took: float, earlier: Baseline, threshold: float, pace: float) -> bool:
    return took - earlier.median >= _SPIKE_MS and earlier.is_above(took / pace, threshold, _SPIKE)


def _is_drop(step: TraceStep, earlier: Baseline, threshold: float, history: History, index: RunIndex) -> bool:
    if not earlier.is_below(step.duration_ms, threshold, _DROP):
        return False
    if earlier.median >= _DROP_MS:
        return True
    if earlier.smallest < _DROP_LEAST_MS or earlier.count < MANY or _had_nothing_to_do(step, index):
        return False
    lengths = history.samples("output_length", step.node_name)
    short = sorted(lengths)[len(lengths) // 4] if lengths else -1
    return (output_length(step.output_state) or 0) <= short


def _had_nothing_to_do(step: TraceStep, index: RunIndex) -> bool:
    """Whether a list that the node goes through may have been empty."""
    asked = {read.path.partition(".")[0] for read in index.reads(step)}
    return (
        any(value in ([], {}) for name, value in step.input_state.items() if not asked or name in asked)
        or not step.input_state
    )


def _ms(duration: float) -> str:
    if duration >= 10_000:
        return f"{duration / 1000:.0f} s"
    if duration >= 1000:
        return f"{duration / 1000:.1f} s"
    return f"{duration:.0f} ms" if duration >= 10 else f"{duration:.1f} ms"
