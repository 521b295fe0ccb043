"""Whether a replay has cleared what was wrong with the recorded run."""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from argus.model.detection import Detection
from argus.model.trace import Trace
from argus.replay.result import Verdict
from argus.views.amounts import count
from argus.views.comparison import Comparison

__all__ = ["Judged", "judged", "serious"]

_Key: TypeAlias = "tuple[str, str | None, str | None]"


class Judged:
    """What is left, gone and new.

    Args:
        recorded: The recorded run.
        begins: The number of the chosen step in it; findings of earlier steps cannot be cleared.
        replayed: The replay, analysed.
        served: Ids of its steps that came from the record.
    """

    def __init__(self, recorded: Trace, begins: int, replayed: Trace, served: frozenset[str]) -> None:
        before = serious(recorded)
        numbers = {step.id: step.step_number for step in recorded.steps}
        suffix = [one for one in before if numbers.get(one.step_id, begins) >= begins]
        had = Counter(_key(recorded, one) for one in before)
        has = Counter(_key(replayed, one) for one in serious(replayed))
        self.remaining = tuple(one for one in serious(replayed) if one.step_id not in served)
        self.gone = tuple(_beyond(recorded, suffix, has))
        self.left = len(suffix) - len(self.gone)
        self.new = tuple(_beyond(replayed, list(self.remaining), had))
        self.had = len(suffix)
        self.earlier = len(before) - len(suffix)


def judged(found: Judged, comparison: Comparison) -> tuple[Verdict, str]:
    """The verdict, and what it rests on.

    Args:
        found: What is left, gone and new.
        comparison: The two runs side by side.
    """
    same = not comparison.output and comparison.first_difference is None
    if found.left:
        rest = f"{count(found.left, 'finding')} of {found.had} left"
        return "not_resolved", f"Not resolved: {rest}{_and_new(found)}."
    if found.new:
        gone = f"{count(found.had, 'finding')} gone, but " if found.had else ""
        return "different", f"Different: {gone}{count(len(found.new), 'new finding')}."
    if found.had:
        return "resolved", f"Resolved: {count(found.had, 'finding')} gone, none new."
    if found.earlier:
        return "not_resolved", "Not resolved: everything that was found lies before the chosen step."
    if same:
        return "resolved", "Nothing was wrong, and the replay ends the same."
    return "different", "Different: nothing is wrong, but the replay ends otherwise than the recorded run."


def serious(trace: Trace) -> list[Detection]:
    """Findings of severity warning or worse that are not suppressed.

    Args:
        trace: An analysed run.
    """
    return [one for one in trace.detections if one.suppressed is None and one.severity != "info"]


def _and_new(found: Judged) -> str:
    return f", {len(found.new)} new" if found.new else ""


def _key(trace: Trace, finding: Detection) -> _Key:
    step = trace.step(finding.step_id)
    return finding.code or finding.layer, step.node_name if step else None, finding.field


def _beyond(trace: Trace, findings: list[Detection], known: Counter[_Key]) -> list[Detection]:
    left = Counter(known)
    beyond = []
    for finding in findings:
        key = _key(trace, finding)
        if left[key] > 0:
            left[key] -= 1
        else:
            beyond.append(finding)
    return beyond
