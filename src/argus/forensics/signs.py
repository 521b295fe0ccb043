"""Signs that what a step put out is wrong, each with the fact in the trace that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.dataflow.lineage import Lineage
from argus.dataflow.rooted import REPLACES
from argus.dataflow.values import ABSENT, at, is_empty, same
from argus.forensics.expected import Expected, fits
from argus.forensics.findings import Finding, Findings
from argus.forensics.flaws import Flaw
from argus.forensics.stumbles import allows_none, declared
from argus.forensics.wording import clause_of, excerpt, looks, name, raised
from argus.model.detection import Evidence
from argus.model.trace import TraceStep

__all__ = ["Sign", "Signs", "left_unwritten", "strongest"]

_MISSPELLED: Final = 0.96
_IMAGINED: Final = 0.82
_OMITTED_SURE: Final = 0.9
_OMITTED: Final = 0.75
_SKIPPED: Final = 0.7
_SILENT: Final = 0.25
_BESIDE: Final = 0.64
_EMPTY: Final = 0.3
_WITHOUT_KEY: Final = 0.5
_FAILED: Final = 0.7
_BROUGHT_IN: Final = 0.85
_PASSED_ON: Final = 0.1
_SENT_WITHOUT: Final = 0.8
_MISFIT: Final = 0.7
_STRANGE_NAME: Final = 0.8
_ANOTHER_ROUND: Final = 0.97
_ELSEWHERE: Final = 0.5
"""The share of a finding's weight that counts for other fields of the same step."""


@dataclass(frozen=True)
class Sign:
    """A sign that a step's output is wrong.

    Attributes:
        weight: How much it says, from 0 to 1.
        clause: What the step did, to stand behind its name; for a finding that cannot be put so, the whole finding.
        evidence: What shows it.
        field: The field that is wrong, if it is about one.
        inborn: Whether it does not depend on what the step was given: then the cause is not further up.
        whole: Whether the clause is a sentence of its own.
        finding: The finding it is, or None.
    """

    weight: float
    clause: str
    evidence: tuple[Evidence, ...]
    field: str | None = None
    inborn: bool = False
    whole: bool = False
    finding: Finding | None = None


class Signs:
    """Judges the steps of one run.

    Args:
        lineage: The run's data flow.
        findings: Its findings.
    """

    def __init__(self, lineage: Lineage, findings: Findings) -> None:
        self._lineage = lineage
        self._findings = findings

    def of(self, step: TraceStep, path: str | None) -> list[Sign]:
        """What speaks against a step as the source of a field; the heaviest first.

        Args:
            step: The step.
            path: The field or dotted path that came from it, or None for its output as a whole.
        """
        found = [*self._from_findings(step, path), *self._from_calls(step), *self._from_error(step)]
        if path is not None:
            found += self._from_value(step, path)
        return sorted(found, key=lambda sign: -sign.weight)

    def of_gap(self, expected: Expected, path: str) -> Sign:
        """What speaks against a step from which an absent field should have come.

        Args:
            expected: The step, and why the field is absent.
            path: The field or dotted path that is absent.
        """
        step, top = expected.step, path.partition(".")[0]
        if expected.gap == "misspelled":
            return Sign(
                _MISSPELLED if expected.sure else _STRANGE_NAME,
                f"returned {name(expected.key)} instead of {name(top)}",
                (
                    Evidence(
                        step_id=step.id,
                        field=expected.key,
                        note="returned",
                        value=excerpt(step.output_state.get(expected.key)),
                    ),
                    left_unwritten(step, top),
                ),
                field=expected.key,
                inborn=True,
            )
        if expected.gap == "undeclared":
            fact = Evidence(step_id=step.id, field=top, note="returned", value=excerpt(step.output_state.get(top)))
            clause = f"returned {name(top)}, which the state has no place for"
            return Sign(_MISSPELLED, clause, (fact,), field=top, inborn=True)
        if expected.gap == "imagined":
            fact = Evidence(step_id=step.id, field=top, note="not found")
            clause = f"looked for {name(top)}, which the state does not have"
            return Sign(_IMAGINED, clause, (fact,), field=top, inborn=True)
        evidence = (left_unwritten(step, top),)
        if expected.gap == "omitted":
            weight = _OMITTED_SURE if expected.sure else _OMITTED
            return Sign(weight, f"did not write {name(top)}", evidence, field=top, inborn=expected.sure)
        if expected.gap == "skipped":
            chosen = step.metadata.get("branch") or step.metadata.get("goto")
            went = (
                f" to {name(chosen[0])}" if isinstance(chosen, list) and chosen and isinstance(chosen[0], str) else ""
            )
            facts = (Evidence(step_id=step.id, note="went on", value=chosen if isinstance(chosen, list) else None),)
            return Sign(_SKIPPED, f"went on{went} without {name(expected.key)}, which writes {name(top)}", facts)
        if expected.gap == "beside":
            weight = _BESIDE if expected.sure else _SILENT
            return Sign(weight, f"wrote no {name(top)} beside what is read together with it", evidence, field=top)
        return Sign(_SILENT, f"wrote no {name(top)}", evidence, field=top)

    def of_sending(self, step: TraceStep, receiver: TraceStep, path: str) -> Sign:
        """What speaks against a step that started another one without something that it needs.

        Args:
            step: The step that sent.
            receiver: The step that was started.
            path: What it did not find.
        """
        fact = Evidence(step_id=step.id, note="went on", value=[receiver.node_name])
        return Sign(_SENT_WITHOUT, f"sent {name(receiver.node_name)} without {name(path)}", (fact,), inborn=True)

    def of_flaw(self, step: TraceStep, path: str, flaw: Flaw, *, begins: bool) -> Sign:
        """What speaks against a step whose output carries the fault that an exception later stumbled over.

        Args:
            step: The step.
            path: Where it put the faulty value.
            flaw: The fault.
            begins: Whether nothing that the step had been given carried it.
        """
        value = at(step.output_state, path)
        fact = Evidence(step_id=step.id, field=path, note="wrote", value=excerpt(value))
        clause = flaw.clause(path, value) if begins else f"passed on {name(path)}"
        return Sign(_BROUGHT_IN if begins else _PASSED_ON, clause, (fact,), field=path, inborn=begins and flaw.inborn)

    def _from_findings(self, step: TraceStep, path: str | None) -> Iterator[Sign]:
        top = path.partition(".")[0] if path is not None else None
        for finding in self._findings.at(step):
            if finding.subject in ("output", "control"):
                about_data = finding.subject == "output" or top is None
                fits = about_data and (top is None or not finding.fields or top in finding.fields)
                yield self._of_finding(finding, step, finding.weight * (1 if fits else _ELSEWHERE))
        if top is not None and top in step.output_state:
            for finding in self._findings.of_node(step):
                alike = top in finding.fields and same(
                    step.output_state[top], finding.step.output_state.get(top, ABSENT)
                )
                if alike and finding.step.id != step.id and finding.subject == "output":
                    yield self._of_finding(finding, step, finding.weight * _ANOTHER_ROUND)

    def _of_finding(self, finding: Finding, step: TraceStep, weight: float) -> Sign:
        detection = finding.detection
        clause = clause_of(detection, step.node_name)
        note = f"finding {detection.code}".rstrip()
        return Sign(
            weight,
            clause or detection.message,
            (Evidence(step_id=finding.step.id, field=finding.path, note=note), *detection.evidence),
            field=finding.path,
            inborn=self._is_slip(finding),
            whole=not clause,
            finding=finding,
        )

    def _is_slip(self, finding: Finding) -> bool:
        """Whether a finding is about a key that was spelled wrongly: no input can do that."""
        dropped = finding.step.metadata.get("dropped")
        lost = set(dropped) if isinstance(dropped, list) else set()
        declared = self._lineage.order.fields(finding.step).keys()
        return any(
            field in finding.step.output_state and (field in lost or (declared and field not in declared))
            for field in finding.fields
        )

    def _from_calls(self, step: TraceStep) -> Iterator[Sign]:
        for call in step.tool_calls:
            if call.error is not None:
                clause = f"got {raised(call.error)} from its tool {name(call.name)}"
                fact = Evidence(step_id=step.id, note=f"tool {call.name} failed", value=call.error.type)
                yield Sign(_FAILED, clause, (fact,), inborn=True)
        for model_call in step.llm_calls:
            if model_call.error is not None:
                fact = Evidence(step_id=step.id, note="model failed", value=model_call.error.type)
                yield Sign(_FAILED, f"got {raised(model_call.error)} from its model", (fact,), inborn=True)
            elif model_call.finish_reason in ("length", "max_tokens"):
                fact = Evidence(step_id=step.id, note="model stopped", value=model_call.finish_reason)
                yield Sign(_FAILED, "was cut off by its model's length limit", (fact,), inborn=True)

    def _from_error(self, step: TraceStep) -> Iterator[Sign]:
        if step.error is not None and step.outcome == "error":
            fact = Evidence(step_id=step.id, note="raised", value=step.error.type)
            yield Sign(_FAILED, f"raised {raised(step.error)}", (fact,))

    def _from_value(self, step: TraceStep, path: str) -> Iterator[Sign]:
        top = path.partition(".")[0]
        if top not in step.output_state:
            if step.metadata.get(REPLACES) and top in step.input_state:
                fact = Evidence(step_id=step.id, field=top, note="not returned")
                yield Sign(_OMITTED_SURE, f"did not hand on {name(top)}", (fact,), field=top, inborn=True)
            return
        value = at(step.output_state, path)
        fact = Evidence(step_id=step.id, field=path, note="wrote", value=excerpt(value))
        if value is ABSENT:
            yield Sign(_WITHOUT_KEY, f"wrote {name(top)} without {name(path.rpartition('.')[2])}", (fact,), field=path)
        elif not is_empty(value) and (spec := declared(step, path, self._lineage)) and not fits(value, spec.type):
            yield Sign(_MISFIT, f"wrote {name(path)} as {looks(value)}", (fact,), field=path)
        elif is_empty(value) and not (value is None and allows_none(step, path, self._lineage)):
            verb = f"set {name(path)} to None" if value is None else f"wrote {looks(value)} into {name(path)}"
            yield Sign(_EMPTY, verb, (fact,), field=path)


def strongest(signs: list[Sign]) -> Sign | None:
    """The heaviest sign, or None without any."""
    return max(signs, key=lambda sign: sign.weight, default=None)


def left_unwritten(step: TraceStep, field: str) -> Evidence:
    """What shows that a step did not fill a field: it is not in its update, or it holds nothing there.

    Args:
        step: The step.
        field: A field of the state.
    """
    if field in step.output_state:
        return Evidence(step_id=step.id, field=field, note="returned", value=excerpt(step.output_state[field]))
    return Evidence(step_id=step.id, field=field, note="not returned")
