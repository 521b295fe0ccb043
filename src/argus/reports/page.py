"""A run as the variables of a template.

===============  =======================================================================================
variable         what it is
===============  =======================================================================================
``page``         everything below, ready to be written out (:class:`Page`)
``trace``        the trace document, as in the JSON report: dicts, lists and scalars, as recorded
``version``      the version of ARGUS
===============  =======================================================================================
"""

from __future__ import annotations

from argus.model.record import Record
from argus.model.trace import Trace
from argus.reports.graph_drawing import Drawing, draw_graph
from argus.reports.parts import FindingCard, RowView
from argus.reports.phrases import Phrase, phrase
from argus.reports.steps import StepBuilder, finding_card
from argus.views.amounts import duration, share
from argus.views.chain import Hop, Story, story
from argus.views.facts import gaps, run_facts, telling_code
from argus.views.graph import graph_view
from argus.views.neutral import neutral
from argus.views.timeline import TimelineRow, timeline
from argus.views.trace_list import row_of_trace
from argus.views.words import PROOF_WORDS, ROLE_SIGNS, STATUS_SIGNS

__all__ = ["Command", "HopView", "Page", "SuggestionView", "SuspectView", "page_of"]

_MOST_ROWS = 400
_TICKS = 4


class HopView(Record, frozen=True, kw_only=True):
    """A step of the chain.

    Attributes:
        role: ``cause``, ``path`` or ``symptom``.
        glyph: Its sign.
        word: ``began here``, ``passed it on`` or ``surfaced here``.
        node_name: The node.
        step_number: The step's number, or None.
        why: What happened there.
        field: The field that carried it on, or None for the last.
        carried: What the field held.
        place: Source file and line; empty when unknown.
    """

    role: str
    glyph: str
    word: str
    node_name: str
    step_number: int | None
    why: Phrase
    field: str | None
    carried: str
    place: str


class SuspectView(Record, frozen=True, kw_only=True):
    """A step that may be the cause.

    Attributes:
        node_name: The node.
        step_number: The step's number, or None.
        score: From 0 to 1.
        reasons: One clause each.
    """

    node_name: str
    step_number: int | None
    score: float
    reasons: tuple[Phrase, ...]


class SuggestionView(Record, frozen=True, kw_only=True):
    """What to change.

    Attributes:
        text: One sentence.
        place: Source file and line; empty when unknown.
    """

    text: Phrase
    place: str


class Command(Record, frozen=True, kw_only=True):
    """What to type next.

    Attributes:
        line: The command.
        purpose: What it shows.
    """

    line: str
    purpose: str


class Page(Record, frozen=True, kw_only=True):
    """A run.

    Attributes:
        id: The trace's full id.
        short_id: Its beginning.
        pipeline: The pipeline.
        created_at: When the run started, ISO 8601 in UTC.
        status: ``ok``, ``warning``, ``failed`` or ``incomplete``.
        glyph: The status's sign.
        word: The status as a word.
        verdict: What happened, one sentence.
        explanation: One or two sentences more; empty without forensics.
        facts: Duration, steps, tokens, findings.
        chain: From cause to symptom; empty when no cause is named.
        confidence: Of the blame, such as ``0.94``; empty without forensics.
        proof: How far it is proved, in words; empty without forensics.
        suspects: Only when no cause is named.
        suggestions: What to change.
        graph: The picture of the graph, or None.
        graph_note: How many nodes ran, or why there is no picture.
        rows: The timeline.
        rows_note: How many steps are shown of how many.
        ticks: Times along the axis, evenly spaced from the start.
        findings: Gravest first; suppressed ones last.
        gaps: What the trace does not know.
        commands: What to type next.
    """

    id: str
    short_id: str
    pipeline: str
    created_at: str
    status: str
    glyph: str
    word: str
    verdict: Phrase
    explanation: Phrase
    facts: tuple[str, ...]
    chain: tuple[HopView, ...]
    confidence: str
    proof: str
    suspects: tuple[SuspectView, ...]
    suggestions: tuple[SuggestionView, ...]
    graph: Drawing | None
    graph_note: str
    rows: tuple[RowView, ...]
    rows_note: str
    ticks: tuple[str, ...]
    findings: tuple[FindingCard, ...]
    gaps: tuple[str, ...]
    commands: tuple[Command, ...]


def page_of(trace: Trace) -> Page:
    """Everything a template needs.

    Args:
        trace: A finalized trace.
    """
    told = story(trace)
    rows = timeline(trace)
    total_ms = max([trace.duration_ms, *(row.start_ms + row.duration_ms for row in rows)], default=0.0)
    shown = _selection(rows)
    view = graph_view(trace)
    drawing = draw_graph(view) if view else None
    return Page(
        id=neutral(trace.id),
        short_id=neutral(row_of_trace(trace).short_id),
        pipeline=neutral(trace.pipeline_name),
        created_at=trace.created_at.isoformat(timespec="seconds"),
        status=trace.status,
        glyph=STATUS_SIGNS[trace.status].glyph,
        word=STATUS_SIGNS[trace.status].word,
        verdict=phrase(told.sentence, told),
        explanation=phrase(told.explanation, told),
        facts=tuple(map(neutral, run_facts(trace))),
        chain=tuple(_hop(hop, last=index == len(told.chain) - 1) for index, hop in enumerate(told.chain)),
        confidence=f"{told.confidence:.2f}" if told.proof else "",
        proof=PROOF_WORDS[told.proof] if told.proof else "",
        suspects=tuple(
            SuspectView(
                node_name=neutral(one.node_name),
                step_number=one.step_number,
                score=one.score,
                reasons=tuple(map(phrase, one.reasons)),
            )
            for one in told.suspects
        ),
        suggestions=tuple(
            SuggestionView(text=phrase(one.text), place=_place(one.file, one.line)) for one in told.suggestions
        ),
        graph=drawing,
        graph_note=f"{share(view.ran, view.declared, 'node')} ran" if view else "",
        rows=_rows(trace, shown, total_ms),
        rows_note=share(sum(row.steps for row in shown), len(trace.steps), "step"),
        ticks=tuple(duration(total_ms * index / _TICKS) if index else "0" for index in range(_TICKS)),
        findings=tuple(
            finding_card(trace, finding)
            for finding in sorted(trace.detections, key=lambda finding: finding.suppressed is not None)
        ),
        gaps=tuple(map(neutral, gaps(trace))),
        commands=_commands(trace, told),
    )


def _selection(rows: tuple[TimelineRow, ...]) -> list[TimelineRow]:
    if len(rows) <= _MOST_ROWS:
        return list(rows)
    half = _MOST_ROWS // 2
    return [
        row
        for index, row in enumerate(rows)
        if index < half or index >= len(rows) - half or row.marks or row.role or row.error
    ]


def _rows(trace: Trace, shown: list[TimelineRow], total_ms: float) -> tuple[RowView, ...]:
    roles = [index for index, row in enumerate(shown) if row.role]
    first, last = (roles[0], roles[-1]) if len(roles) > 1 else (1, 0)
    build = StepBuilder(trace, total_ms)
    return tuple(build.row(row, threaded=first <= index <= last) for index, row in enumerate(shown))


def _hop(hop: Hop, *, last: bool) -> HopView:
    return HopView(
        role=hop.role,
        glyph=ROLE_SIGNS[hop.role].glyph,
        word={"cause": "began here", "path": "passed it on", "symptom": "surfaced here"}[hop.role],
        node_name=neutral(hop.node_name),
        step_number=hop.step_number,
        why=phrase(hop.why),
        field=neutral(hop.field) if hop.field and not last else None,
        carried=hop.carried,
        place=_place(hop.file, hop.line),
    )


def _place(file: str | None, line: int | None) -> str:
    if file is None:
        return ""
    return neutral(file if line is None else f"{file}:{line}")


def _commands(trace: Trace, told: Story) -> tuple[Command, ...]:
    short = row_of_trace(trace).short_id
    commands = [Command(line=f"argus trace {short}", purpose="the same on the command line")]
    if told.cause is not None and told.cause.step_number is not None:
        line = f"argus trace {short} --step {told.cause.step_number} --diff"
        commands.append(Command(line=line, purpose=neutral(f"what {told.cause.node_name} changed")))
    if code := telling_code(trace, told):
        commands.append(Command(line=neutral(f"argus explain {code}"), purpose="what this finding means"))
    return tuple(commands)
