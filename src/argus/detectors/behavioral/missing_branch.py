"""A branch of a fan-out, or its result, that is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import is_blank
from argus.detectors.excerpts import excerpt
from argus.detectors.items import Coverage, coverage
from argus.detectors.run_index import RunIndex
from argus.detectors.wording import explains, sifts
from argus.model.detection import Detection, Evidence, Severity
from argus.model.trace import Trace, TraceStep

__all__ = ["MissingBranch"]

_FEW = 0.34
"""The share of branches without a result up to which they look like exceptions, not like a choice."""


@dataclass(frozen=True)
class _FanOut:
    """The branches that ran side by side, of one node and moment.

    Attributes:
        node: The node.
        branches: Their last attempts.
        source: The step whose branch or command started them, or None when unknown.
        asked: How many were started, as far as is known.
    """

    node: str
    branches: list[TraceStep]
    source: TraceStep | None
    asked: int


class MissingBranch(BaseDetector):
    """A fan-out started fewer branches than it has items, or the result of a branch is missing.

    Finds:
        Branches that were asked for with ``Send`` and did not run; items of a list for which no branch was started
        while one was for every other; branches that returned nothing while the others returned a result.

    Why it matters:
        Whatever gathers the results takes what is there. An average over nine of ten is wrong without looking it.

    How it decides:

        1. Fewer branches of a node ran than the step before sent there, and the run completed: critical.

        2. The inputs of the branches are items of one list of the state, in order, and one item (or everything behind
           a certain item) has no branch, though nothing about it explains that: it is not blank, no double, and no
           flag, category or number of it lies outside what the others have. Warning, confidence 0.7.

        3. At least three branches ran, and at most a third of them, at least one, returned no value for a field of a
           reducer into which every other put the same number of items. Warning; info when the node's name says that it
           sifts, such as ``filter`` or ``grade``, or when its source can return nothing.

    When it is wrong:
        When a branch rightly finds nothing, and the node's name does not say so.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        LangGraph's ``Send``: one branch for each item, gathered by the reducer of a field.
    """

    code = "BEH308"
    name = "missing_branch"
    layer = "behavioral"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds missing branches and results.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        findings: list[Detection] = []
        for steps in index.scopes.values():
            for fan_out in _fan_outs(steps, index):
                findings += self._not_run(fan_out, trace)
                findings += self._not_started(fan_out)
                findings += self._without_result(fan_out, index)
        return findings

    def _not_run(self, fan_out: _FanOut, trace: Trace) -> Iterator[Detection]:
        ran, source = len(fan_out.branches), fan_out.source
        whole = trace.error is None and trace.metadata.get("outcome", "completed") == "completed"
        if source is not None and ran < fan_out.asked and whole:
            message = f"`{source.node_name}` started {fan_out.asked} branches of `{fan_out.node}`, and {ran} ran"
            yield self._finding(source, message, "critical", 0.95, fan_out)

    def _not_started(self, fan_out: _FanOut) -> Iterator[Detection]:
        source = fan_out.source
        if source is None:
            return
        state = source.state_after or {**source.input_state, **source.output_state}
        for field, value in state.items():
            if isinstance(value, list) and len(value) > len(fan_out.branches):
                gap = coverage(value, [branch.input_state for branch in fan_out.branches])
                if gap is not None:
                    yield self._started_too_few(fan_out, source, field, gap)
                    return

    def _started_too_few(self, fan_out: _FanOut, source: TraceStep, field: str, gap: Coverage) -> Detection:
        total, missing = gap.total, len(gap.missing)
        which = f"item {gap.missing[0] + 1}" if missing == 1 else f"{missing} items from {gap.missing[0] + 1} on"
        message = f"`{source.node_name}` started no branch of `{fan_out.node}` for {which} of the {total} in `{field}`"
        items = tuple(
            Evidence(step_id=source.id, field=f"{field}.{place}", note="no branch got it", value=excerpt(value))
            for place, value in zip(gap.missing[:3], gap.values[:3], strict=True)
        )
        return self._finding(source, message, "warning", 0.7, fan_out, items)

    def _without_result(self, fan_out: _FanOut, index: RunIndex) -> Iterator[Detection]:
        ended = [branch for branch in fan_out.branches if branch.outcome in ("ok", "cached")]
        if len(ended) < 3:
            return
        for field in dict.fromkeys(name for branch in ended for name in index.writes(branch)):
            spec = index.fields(ended[0]).get(field)
            if spec is None or spec.reducer is None:
                continue
            given = [branch for branch in ended if not is_blank(branch.output_state.get(field))]
            silent = [branch for branch in ended if is_blank(branch.output_state.get(field))]
            sizes = Counter(_size(branch, field) for branch in given)
            if not silent or len(sizes) != 1 or len(silent) > max(1, _FEW * len(ended)):
                continue
            if any(explains(name, value) for branch in silent for name, value in branch.output_state.items()):
                continue
            severity: Severity = "info" if _may_give_nothing(silent[0], field, index) else "warning"
            branch, others = silent[0], len(given)
            more = f" (nor {len(silent) - 1} more)" if len(silent) > 1 else ""
            message = f"a branch of `{fan_out.node}`{more} put nothing into `{field}`; the other {others} all did"
            yield self._finding(branch, message, severity, 0.7, fan_out, field=field)

    def _finding(
        self,
        step: TraceStep,
        message: str,
        severity: Severity,
        confidence: float,
        fan_out: _FanOut,
        evidence: tuple[Evidence, ...] = (),
        field: str | None = None,
    ) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=message,
            step_id=step.id,
            field=field,
            confidence=confidence,
            details={"node": fan_out.node, "branches": len(fan_out.branches), "started": fan_out.asked},
            evidence=evidence or (Evidence(step_id=fan_out.branches[0].id, note="the first of the branches"),),
        )


def _fan_outs(steps: Sequence[TraceStep], index: RunIndex) -> Iterator[_FanOut]:
    pushed: dict[tuple[int, str], list[TraceStep]] = {}
    for step in steps:
        if step.metadata.get("kind") == "push" and step.id not in index.superseded:
            pushed.setdefault((index.moment(step), step.node_name), []).append(step)
    if not pushed:
        return
    senders: dict[tuple[int, str], list[TraceStep]] = {}
    for step in steps:
        for kind in ("branch", "goto"):
            chosen = step.metadata.get(kind)
            for target in dict.fromkeys(chosen if isinstance(chosen, list) else ()):
                if isinstance(target, str):
                    senders.setdefault((index.moment(step), target), []).append(step)
    for (moment, node), branches in pushed.items():
        before = senders.get((moment - 1, node), [])
        source = before[0] if len(before) == 1 else None
        yield _FanOut(node, branches, source, _asked(source, node) if source else len(branches))


def _asked(source: TraceStep, node: str) -> int:
    chosen = [source.metadata.get(kind) for kind in ("branch", "goto")]
    return sum(one.count(node) for one in chosen if isinstance(one, list))


def _size(branch: TraceStep, field: str) -> int:
    value = branch.output_state.get(field)
    return len(value) if isinstance(value, list | dict) else 1


def _may_give_nothing(branch: TraceStep, field: str, index: RunIndex) -> bool:
    spec = index.node(branch)
    ways = spec.returns if spec is not None else None
    if ways is not None and field not in branch.output_state:
        return any(field not in way for way in ways)
    return sifts(branch.node_name)
