"""Two runs side by side, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from argus.cli.drawing.ink import heading, sentence, severity_sign, severity_style, status_sign
from argus.cli.drawing.verdict import draw_facts
from argus.cli.output.cells import fit, width
from argus.cli.output.screen import Screen, Span
from argus.model.detection import Detection
from argus.model.values import JsonValue
from argus.views.amounts import count, duration, moment
from argus.views.comparison import Comparison, FieldDifference, PairKind, StepPair
from argus.views.comparison_notes import RunLabel
from argus.views.values import preview
from argus.views.words import OUTCOME_WORDS

__all__ = ["draw_comparison"]

_MARKS: Final[dict[PairKind, str]] = {"same": "=", "changed": "~", "missing": "-", "inserted": "+", "repeated": "*"}
_ONLY: Final[dict[PairKind, str]] = {
    "same": "", "changed": "", "missing": "only in A", "inserted": "only in B", "repeated": "one more round in B",
}  # fmt: skip
_FOLDED_FROM = 4
"""Steps in a row that are the same in both are told as one line from this number on."""

_SHOWN_PAIRS, _SHOWN_FIELDS, _SHOWN_FINDINGS = 60, 8, 20
_VALUE, _WHOLE_VALUE = 60, 2000
_TIME_CELLS = 9


def draw_comparison(
    screen: Screen, comparison: Comparison, labels: tuple[RunLabel, RunLabel], notes: Sequence[str], *, verbose: bool
) -> None:
    """Writes what two runs come down to, then their steps, inputs, outputs and findings.

    Args:
        screen: Where to write.
        comparison: The two runs side by side.
        labels: What each run tells of itself.
        notes: What to know before believing the comparison.
        verbose: Whether everything is shown.
    """
    for name, label in zip("AB", labels, strict=True):
        _draw_label(screen, name, label)
    screen.blank()
    screen.paragraph(sentence(screen, comparison.sentence))
    for note in notes:
        screen.paragraph([Span(note, "dim")], first=(Span("  "),), rest=(Span("  "),))
    _draw_fields(screen, "Given", comparison.input, verbose)
    _Steps(screen, comparison.steps, verbose).draw()
    _draw_fields(screen, "Given back", comparison.output, verbose)
    _draw_findings(screen, "Findings only in A", comparison.lost, verbose)
    _draw_findings(screen, "Findings only in B", comparison.gained, verbose)


def _draw_label(screen: Screen, name: str, label: RunLabel) -> None:
    sign = status_sign(label.status)
    screen.line(Span(f"{name} ", "strong"), sign, Span(f"  {label.short_id}", "strong"), f"  {label.pipeline_name}")
    known = [moment(label.created_at), duration(label.duration_ms), count(label.steps, "step")]
    known += [count(label.tokens, "token")] if label.tokens is not None else []
    known += [count(label.findings, "finding") if label.findings else "no findings"]
    draw_facts(screen, known, (Span("  "),))


class _Steps:
    """Draws the pairs of steps in columns that fit the screen."""

    def __init__(self, screen: Screen, pairs: Sequence[StepPair], verbose: bool) -> None:
        self._screen = screen
        self._pairs = pairs
        self._verbose = verbose
        numbers = [str(number) for pair in pairs for number in (pair.a_number, pair.b_number) if number is not None]
        self._number_cells = max((len(number) for number in numbers), default=1)
        self._times = not screen.narrow
        self._margin = Span(" " * (2 * self._number_cells + 6))

    def draw(self) -> None:
        """Writes them; those that are the same fold away unless everything is wanted."""
        screen = self._screen
        if not self._pairs:
            return
        heading(screen, "Steps", "A, B and the time each took" if self._times else "A and B")
        drawn = 0
        for same, group in _groups(self._pairs):
            if same and len(group) >= _FOLDED_FROM and not self._verbose:
                screen.line(Span(f"  =   {count(len(group), 'step')} the same", "dim"))
                continue
            for pair in group:
                if drawn >= _SHOWN_PAIRS and not self._verbose:
                    if not same:
                        drawn += 1
                    continue
                self._draw_pair(pair)
                drawn += 1
        if drawn > _SHOWN_PAIRS and not self._verbose:
            screen.line(Span(f"  {count(drawn - _SHOWN_PAIRS, 'difference')} more; --verbose shows all", "dim"))

    def _draw_pair(self, pair: StepPair) -> None:
        screen, cells = self._screen, self._number_cells
        numbers = " ".join(
            ("" if number is None else str(number)).rjust(cells) for number in (pair.a_number, pair.b_number)
        )
        times = f"{_time(pair.a_ms)} {_time(pair.b_ms)}" if self._times else ""
        lead = f"  {_MARKS[pair.kind]} {numbers} "
        room = screen.width - width(lead) - width(times)
        differs = pair.kind != "same"
        label = "  ".join(["  " * min(pair.depth, 10) + pair.node_name, *_facts(pair)])
        screen.line(
            Span(lead, "strong" if differs else "dim"),
            Span(fit(screen.safe(label), room, screen.ellipsis), "strong" if differs else "plain"),
            Span(times, "dim"),
        )
        if pair.outcomes is not None:
            ends = " → ".join(map(_end, pair.outcomes))
            screen.paragraph([Span(ends)], first=(self._margin,), rest=(self._margin,))
        if pair.input_differs and differs and not pair.fields:
            screen.paragraph([Span("given something else", "dim")], first=(self._margin,), rest=(self._margin,))
        shown = pair.fields if self._verbose else pair.fields[:_SHOWN_FIELDS]
        for field in shown:
            _draw_field(screen, field, width(self._margin.text), self._verbose)
        left_out = len(pair.fields) - len(shown) + pair.fields_left_out
        if left_out:
            screen.line(self._margin, Span(f"{count(left_out, 'field')} more differ; --verbose, --json", "dim"))


_ENDS: Final[dict[str, str]] = {**{str(outcome): word for outcome, word in OUTCOME_WORDS.items()}, "ok": "ended well"}


def _end(outcome: str) -> str:
    """How a step ended, from its outcome or from the class of the exception that left it."""
    return _ENDS.get(outcome) or f"raised {outcome}"


def _groups(pairs: Sequence[StepPair]) -> Iterator[tuple[bool, list[StepPair]]]:
    """Runs of pairs that are the same, and of those that are not."""
    group: list[StepPair] = []
    for pair in pairs:
        if group and (pair.kind == "same") != (group[-1].kind == "same"):
            yield group[-1].kind == "same", group
            group = []
        group.append(pair)
    if group:
        yield group[-1].kind == "same", group


def _facts(pair: StepPair) -> list[str]:
    facts = [f"round {pair.round}"] if pair.round > 1 else []
    facts += [f"branch {pair.branch}"] if pair.branch else []
    facts += [_ONLY[pair.kind]] if _ONLY[pair.kind] else []
    return facts


def _time(milliseconds: float | None) -> str:
    return ("" if milliseconds is None else duration(milliseconds)).rjust(_TIME_CELLS)


def _draw_field(screen: Screen, field: FieldDifference, indent: int, verbose: bool) -> None:
    limit = _WHOLE_VALUE if verbose else _VALUE
    if field.mark == "~":
        text = " → ".join(_previews(field.a, field.b, limit))
    else:
        text = preview(field.b if field.mark == "+" else field.a, limit)
    lead = (
        Span(" " * indent),
        Span(f"{field.mark} "),
        Span(screen.clip(field.path or "all of it", screen.width // 2), "strong"),
    )
    screen.paragraph([text], first=(*lead, Span("  ")), rest=(Span(" " * (indent + 4)),))


def _previews(a: JsonValue, b: JsonValue, limit: int) -> tuple[str, str]:
    """Two values in short; of texts that begin alike, the part where they differ."""
    if not (isinstance(a, str) and isinstance(b, str)):
        return preview(a, limit), preview(b, limit)
    alike = next((place for place, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), None)
    begin = (min(len(a), len(b)) if alike is None else alike) - limit // 3
    if begin < limit // 3:
        return preview(a, limit), preview(b, limit)
    return f"…{preview(a[begin:], limit)}", f"…{preview(b[begin:], limit)}"


def _draw_fields(screen: Screen, title: str, fields: Sequence[FieldDifference], verbose: bool) -> None:
    if not fields:
        return
    heading(screen, title, f"{count(len(fields), 'difference')}")
    shown = fields if verbose else fields[:_SHOWN_FIELDS]
    for field in shown:
        _draw_field(screen, field, 2, verbose)
    if len(shown) < len(fields):
        screen.line(Span(f"  {len(fields) - len(shown):,} more; --verbose shows all", "dim"))


def _draw_findings(screen: Screen, title: str, findings: Sequence[Detection], verbose: bool) -> None:
    if not findings:
        return
    heading(screen, title)
    shown = findings if verbose else findings[:_SHOWN_FINDINGS]
    for finding in shown:
        code = Span(f"{finding.code or finding.layer} ", severity_style(finding.severity))
        first = (Span("  "), severity_sign(finding.severity), Span(" "))
        screen.paragraph([code, *sentence(screen, finding.message)], first=first, rest=(Span("    "),))
    if len(shown) < len(findings):
        screen.line(Span(f"  {len(findings) - len(shown):,} more; --verbose shows all", "dim"))
