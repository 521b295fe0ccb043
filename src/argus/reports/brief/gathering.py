"""From a run with findings to what has to be said to whoever mends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from argus.dataflow.lineage import Lineage
from argus.dataflow.values import ABSENT, at
from argus.model.detection import Detection, Evidence
from argus.model.forensics import CausalLink, Forensics
from argus.model.graph import NodeSpec
from argus.model.trace import ErrorInfo, Trace, TraceStep
from argus.model.values import ROOT_FIELD
from argus.reports.brief.markdown import as_markdown
from argus.reports.brief.records import (
    Brief,
    BriefFinding,
    BriefLink,
    BriefStep,
    BriefSuspect,
    Change,
    Fact,
    Site,
)
from argus.reports.brief.scrubbing import Scrubber
from argus.reports.brief.shortening import Shown, hidden_in
from argus.views.chain import NAMED_FROM
from argus.views.facts import gaps
from argus.views.words import PROOF_WORDS

__all__ = ["brief_of"]

_FINDINGS, _READERS, _GIVEN = 12, 12, 12
_TRACEBACK: Final = 3_000


def brief_of(trace: Trace, scrubber: Scrubber, commands: Sequence[str] = ()) -> Brief:
    """What has to be said about a run to somebody who is to mend the pipeline.

    Args:
        trace: A finalized trace.
        scrubber: Takes secrets out of everything that is told.
        commands: How to look closer and to check, one command line each.

    Returns:
        The brief; ``needed`` is False where nothing was found.
    """
    brief = _Gathering(trace, scrubber, commands).brief()
    return msgspec.structs.replace(brief, text=as_markdown(brief))


class _Gathering:
    """Collects the parts for one trace."""

    def __init__(self, trace: Trace, scrubber: Scrubber, commands: Sequence[str]) -> None:
        self._trace = trace
        self._shown = Shown(scrubber)
        self._lineage = Lineage(trace)
        self._commands = tuple(commands)
        self._steps = {step.id: step for step in reversed(self._lineage.trace.steps)}

    def brief(self) -> Brief:
        trace, shown = self._trace, self._shown
        counted = [one for one in trace.detections if one.suppressed is None and one.severity != "info"]
        blame = trace.forensics
        named = blame is not None and blame.root_cause_step is not None and blame.confidence >= NAMED_FROM
        cause = self._steps.get(blame.root_cause_step or "") if blame is not None and named else None
        field = _unrooted(blame.causal_chain[0].field) if blame is not None and cause and blame.causal_chain else None
        at_cause = self._at(cause) if cause is not None else None
        given = shown.value(trace.input)
        return Brief(
            trace_id=trace.id,
            pipeline_name=shown.text(trace.pipeline_name),
            created_at=trace.created_at.isoformat(),
            status=trace.status,
            needed=bool(counted) or trace.status not in ("ok", "warning"),
            sentence=shown.text(trace.summary),
            findings=tuple(self._finding(one) for one in counted[:_FINDINGS]),
            cause=self._cause_site(cause, blame) if cause is not None and blame is not None else None,
            confidence=blame.confidence if blame is not None else 0.0,
            proof=PROOF_WORDS[blame.proof] if blame is not None else "",
            chain=tuple(self._link(link) for link in blame.causal_chain) if blame is not None and cause else (),
            suspects=self._suspects(blame) if blame is not None and cause is None else (),
            at_cause=at_cause,
            suggestions=self._changes(blame) if blame is not None else (),
            keep=tuple(self._keep(blame, cause)) if blame is not None and cause is not None else (),
            readers=tuple(self._readers(field, cause)) if field is not None and cause is not None else (),
            field=shown.text(field) if field is not None else None,
            input=given,
            unknown=tuple(self._unknown(cause, at_cause, hidden=hidden_in(given), left=len(counted) - _FINDINGS)),
            commands=tuple(shown.text(command, 1000) for command in self._commands),
        )

    # places

    def _site(self, step: TraceStep | None, node: str = "") -> Site:
        spec = self._lineage.order.node(step) if step is not None else None
        return Site(
            node_name=self._shown.text(step.node_name if step is not None else node),
            step_number=step.step_number if step is not None else None,
            file=self._file(spec.file) if spec is not None else None,
            line=spec.line if spec is not None else None,
        )

    def _raising(self, step: TraceStep) -> Site:
        """A step, at the line that raised when there is one."""
        site = self._site(step)
        if step.error is None or step.error.file is None:
            return site
        return msgspec.structs.replace(site, file=self._file(step.error.file), line=step.error.line)

    def _cause_site(self, cause: TraceStep, blame: Forensics) -> Site:
        """Where the cause stands: its node, or the line that raised when it raised itself."""
        raised_itself = len(blame.causal_chain) <= 1 and cause.error is not None
        return self._raising(cause) if raised_itself else self._site(cause)

    def _file(self, file: str | None) -> str | None:
        return self._shown.text(file) if file is not None else None

    # parts

    def _finding(self, finding: Detection) -> BriefFinding:
        step = self._steps.get(finding.step_id)
        return BriefFinding(
            code=self._shown.text(finding.code or finding.layer),
            severity=finding.severity,
            message=self._shown.text(finding.message),
            site=self._raising(step) if step is not None else self._site(None),
            field=self._shown.text(finding.field) if finding.field is not None else None,
        )

    def _link(self, link: CausalLink) -> BriefLink:
        step = self._steps.get(link.step_id)
        surfaced = step is not None and link.role == "symptom"
        field = _unrooted(link.field)
        return BriefLink(
            role=link.role,
            site=self._raising(step) if step is not None and surfaced else self._site(step, link.node_name),
            why=self._shown.text(link.why),
            field=self._shown.text(field) if field is not None else None,
            evidence=tuple(self._fact(fact) for fact in link.evidence),
        )

    def _fact(self, fact: Evidence) -> Fact:
        step = self._steps.get(fact.step_id)
        return Fact(
            step_number=step.step_number if step is not None else None,
            field=self._shown.text(fact.field) if fact.field is not None else None,
            note=self._shown.text(fact.note),
            value=self._shown.value(fact.value),
        )

    def _suspects(self, blame: Forensics) -> tuple[BriefSuspect, ...]:
        return tuple(
            BriefSuspect(
                site=self._site(self._steps.get(one.step_id), one.node_name),
                score=one.score,
                reasons=tuple(self._shown.text(reason) for reason in one.reasons),
            )
            for one in blame.suspects
        )

    def _changes(self, blame: Forensics) -> tuple[Change, ...]:
        return tuple(
            Change(text=self._shown.text(one.text), file=self._file(one.file), line=one.line)
            for one in blame.suggestions
        )

    def _at(self, step: TraceStep) -> BriefStep:
        reads = [read.path for read in self._lineage.reads(step) if read.how != "assumed"][:_GIVEN]
        given = {path: at(step.input_state, path) for path in reads}
        known = {path: value for path, value in given.items() if value is not ABSENT}
        return BriefStep(
            site=self._site(step),
            given=self._shown.fields(known or dict(list(step.input_state.items())[:_GIVEN])),
            returned=self._shown.fields(step.output_state),
            error=self._shown.text(_told(step.error), _TRACEBACK) if step.error is not None else None,
        )

    def _keep(self, blame: Forensics, cause: TraceStep) -> Iterator[Site]:
        """The nodes on the way that only passed the fault on, and the one where it surfaced."""
        seen = {cause.node_name}
        for link in blame.causal_chain:
            step = self._steps.get(link.step_id)
            if step is not None and step.node_name not in seen:
                seen.add(step.node_name)
                yield self._raising(step) if link.role == "symptom" else self._site(step)

    def _readers(self, field: str, cause: TraceStep) -> Iterator[Site]:
        graph = self._lineage.order.graph(cause)
        top = field.partition(".")[0]
        found = 0
        for node in graph.nodes if graph is not None else ():
            place = None if node.name == cause.node_name else _read_of(node, top)
            if place is not None and found < _READERS:
                found += 1
                yield Site(node_name=self._shown.text(node.name), file=self._file(place[0]), line=place[1])

    def _unknown(self, cause: TraceStep | None, told: BriefStep | None, *, hidden: bool, left: int) -> Iterator[str]:
        yield from (self._shown.text(gap) for gap in gaps(self._trace))
        if left > 0:
            yield f"{left} more findings are not listed here; the trace holds them."
        if self._trace.status == "incomplete":
            yield "The run is incomplete: later steps may be missing, so the cause is less certain."
        if cause is not None and (spec := self._lineage.order.node(cause)) is None:
            yield "The graph's declaration was not recorded, so neither files nor what nodes read is known."
        elif cause is not None and spec is not None and spec.file is None:
            yield "The source file of the cause was not recorded; look for the node by its name."
        if told is not None and not told.given and not told.returned and told.error is None:
            yield "The data of the step were not recorded."
        elif told is not None and hidden_in([told.given, told.returned]):
            yield "Some of the data shown were redacted, cut or shortened: what they hide was not looked at here."
        if hidden:
            yield "The input of the run is not shown whole: put in your own values where it was redacted or shortened."


def _read_of(node: NodeSpec, field: str) -> tuple[str | None, int | None] | None:
    return next(
        ((read.file, read.line) for read in node.reads or () if read.path.partition(".")[0] == field),
        None,
    )


def _told(error: ErrorInfo) -> str:
    return error.traceback.rstrip() or f"{error.type}: {error.message}"


def _unrooted(field: str | None) -> str | None:
    return field.removeprefix(f"{ROOT_FIELD}.") if field is not None else None
