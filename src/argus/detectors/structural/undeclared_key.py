"""A returned key that the graph does not declare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import is_blank
from argus.detectors.names import nearest
from argus.detectors.run_index import Reader, RunIndex
from argus.model.detection import Detection, Evidence, Severity
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD

__all__ = ["UndeclaredKey"]


@dataclass(frozen=True)
class _Verdict:
    severity: Severity
    reason: str
    evidence: tuple[Evidence, ...] = ()


class UndeclaredKey(BaseDetector):
    """A step returned a key that its graph does not declare, so the value never reached the state.

    Finds:
        Keys of a step's update that the state schema does not have. LangGraph drops them without a word.

    Why it matters:
        A slip of the pen in one key loses the whole result of a node. What reads it later finds nothing, or an older
        value.

    How it decides:
        The dropped keys are those the framework reported; where it reports none, those outside the declared fields. The
        declared field meant is the one with the closest name that the step did not write itself.
        Critical: a later step subscripts the dropped key, or reads the field that was meant and finds nothing.
        Warning: it finds an older value, the field that was meant was never written, a later step asks for the dropped
        key, or nothing of the step's update arrived. Info: nobody misses the key.

    When it is wrong:
        When a node returns extra keys on purpose, for callers that run it without the graph.

    Settings:
        ``detection.structural.enabled``.

    References:
        LangGraph writes only the keys of the schema (``StateGraph``, node updates).
    """

    code = "STR402"
    name = "undeclared_key"
    layer = "structural"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds dropped keys.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        findings: list[Detection] = []
        for step in trace.steps:
            dropped = _dropped(step, index)
            unmissed: list[str] = []
            for key in dropped:
                meant = nearest(key, _open_fields(step, dropped, index))
                verdict = _verdict(key, meant, step, index)
                if verdict is None:
                    unmissed.append(key)
                else:
                    findings.append(self._finding(step, [key], meant, verdict))
            if unmissed:
                findings.append(self._finding(step, unmissed, None, _unmissed(step, unmissed, dropped)))
        return findings

    def _finding(self, step: TraceStep, keys: list[str], meant: str | None, verdict: _Verdict) -> Detection:
        named = ", ".join(f"`{key}`" for key in keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
        hint = f" (declared: `{meant}`)" if meant else ""
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=verdict.severity,
            message=f"`{step.node_name}` returned {named}, which the state does not declare{hint}: {verdict.reason}",
            step_id=step.id,
            field=keys[0],
            details={"keys": keys, "nearest": meant},
            confidence=0.95 if meant else 0.9,
            evidence=(Evidence(step_id=step.id, field=keys[0], note="returned, not declared"), *verdict.evidence),
        )


def _dropped(step: TraceStep, index: RunIndex) -> list[str]:
    if step.outcome == "error":
        return []
    graph, spec = index.graph(step), index.node(step)
    if spec.kind == "subgraph" if spec else step.id in index.children:
        return []  # the outer graph takes from a subgraph's result what it declares, by design
    reported = step.metadata.get("dropped")
    if isinstance(reported, list):
        return [key for key in reported if isinstance(key, str) and _is_plain(key)]
    if graph is None or not graph.closed or not graph.state:
        return []
    arrived = {*index.fields(step), *index.writes(step)}
    return [key for key in step.output_state if key not in arrived and _is_plain(key)]


def _is_plain(key: str) -> bool:
    return key != ROOT_FIELD and not key.startswith("__")


def _open_fields(step: TraceStep, dropped: Iterable[str], index: RunIndex) -> set[str]:
    """The declared fields that a dropped key of this step may have been meant for."""
    return {*index.fields(step)} - {*step.output_state} - {*dropped}


def _verdict(key: str, meant: str | None, step: TraceStep, index: RunIndex) -> _Verdict | None:
    """How grave it is that one key was lost; None when nobody is seen to miss it."""
    if meant is not None and (verdict := _missed(meant, step, index)):
        return verdict
    asker = _first_reader(step, key, index)
    if asker is not None:
        severity: Severity = "critical" if asker.read.required and not asker.read.conditional else "warning"
        return _Verdict(
            severity,
            f"`{asker.step.node_name}` reads it and found nothing",
            (Evidence(step_id=asker.step.id, field=key, note="reads it"),),
        )
    return None


def _missed(meant: str, step: TraceStep, index: RunIndex) -> _Verdict | None:
    """How grave it is that a declared field did not get the value; None when it has another source."""
    reader = _first_reader(step, meant, index)
    if reader is None:
        unwritten = is_blank(step.input_state.get(meant)) and index.last_write(step, meant) is None
        return _Verdict("warning", f"`{meant}` was never written") if unwritten else None
    found = reader.step.input_state.get(meant)
    evidence = (Evidence(step_id=reader.step.id, field=meant, note="reads it"),)
    if is_blank(found):
        return _Verdict("critical", f"`{reader.step.node_name}` reads `{meant}` and found nothing in it", evidence)
    before = index.wrote_before(step, meant)
    own = before is None or before.node_name == step.node_name
    if own and found == step.input_state.get(meant):
        reason = f"`{reader.step.node_name}` reads `{meant}` and found an older value in it"
        return _Verdict("warning", reason, evidence)
    return None


def _first_reader(step: TraceStep, field: str, index: RunIndex) -> Reader | None:
    return next(index.readers_after(step, field), None)


def _unmissed(step: TraceStep, keys: list[str], dropped: list[str]) -> _Verdict:
    whole = len(dropped) == len(step.output_state)
    if whole and not all(_says_little(step.output_state.get(key)) for key in keys):
        return _Verdict("warning", "nothing of what it returned reached the state")
    return _Verdict("info", "the value was dropped")


def _says_little(value: object) -> bool:
    return isinstance(value, bool | int | float) or is_blank(value)
