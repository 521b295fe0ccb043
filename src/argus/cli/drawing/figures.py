"""What many runs come to, as lines."""

from __future__ import annotations

from argus.cli.drawing.ink import sentence, severity_sign, severity_style, status_sign
from argus.cli.output.cells import fit
from argus.cli.output.screen import Screen, Span
from argus.model.detection import Severity
from argus.model.figures import CodeFigures, Figures, NodeFigures, PipelineFigures
from argus.model.trace import Status
from argus.views.amounts import count, duration, percent

__all__ = ["draw_figures"]

_ORDER: tuple[Status, ...] = ("failed", "incomplete", "warning", "ok")
_FIRST = 5
_NAME_CELLS = 20
_MARGIN = (Span("  "),)


def draw_figures(screen: Screen, figures: Figures, *, verbose: bool) -> None:
    """Writes one section for each pipeline.

    Args:
        screen: Where to write.
        figures: What the runs come to.
        verbose: Whether all findings and nodes are told, not only the first five of each.
    """
    for index, pipeline in enumerate(figures.pipelines):
        if index:
            screen.blank()
        _draw_pipeline(screen, pipeline)
        codes = [one for one in figures.codes if one.pipeline_name == pipeline.pipeline_name]
        nodes = [one for one in figures.nodes if one.pipeline_name == pipeline.pipeline_name]
        for code in codes if verbose else codes[:_FIRST]:
            _draw_code(screen, code, pipeline.runs)
        shown = nodes if verbose else nodes[:_FIRST]
        if shown:
            _draw_nodes(screen, shown)
        left = [
            *([count(len(codes) - _FIRST, "kind of finding", "kinds of findings")] if len(codes) > _FIRST else []),
            *([count(len(nodes) - _FIRST, "node")] if len(nodes) > _FIRST else []),
        ]
        if left and not verbose:
            screen.paragraph([Span(f"{' and '.join(left)} more; --verbose shows all", "dim")], first=_MARGIN)


def _draw_pipeline(screen: Screen, one: PipelineFigures) -> None:
    screen.paragraph([Span(count(one.runs, "run"))], first=(Span(f"{one.pipeline_name}  ", "strong"),), rest=_MARGIN)
    shares = [
        (status_sign(status), Span(f" {one.statuses[status]:,} ({percent(one.statuses[status], one.runs)})   "))
        for status in _ORDER
        if one.statuses.get(status)
    ]
    for line in [[share] for share in shares] if screen.narrow else [shares]:
        screen.line(*_MARGIN, *(span for share in line for span in share))
    facts = [
        f"half within {duration(one.p50_ms)}, 95% within {duration(one.p95_ms)}",
        count(one.steps, "step") + (f", {one.failed_steps:,} raised" if one.failed_steps else ""),
        *([count(one.total_tokens, "token")] if one.total_tokens else []),
    ]
    screen.paragraph([Span("; ".join(facts), "dim")], first=_MARGIN, rest=_MARGIN)


def _draw_code(screen: Screen, one: CodeFigures, runs: int) -> None:
    severity: Severity = "critical" if one.critical else "warning" if one.warning else "info"
    how_often = f"in {count(one.runs, 'run')} ({percent(one.runs, runs)}): "
    spans = [
        Span(f"{one.code or one.layer} ", severity_style(severity)),
        Span(how_often, "dim"),
        *sentence(screen, one.message),
    ]
    screen.paragraph(spans, first=(*_MARGIN, severity_sign(severity), Span(" ")), rest=(Span("    "),))


def _draw_nodes(screen: Screen, nodes: list[NodeFigures]) -> None:
    cells = min(_NAME_CELLS, max(len(one.node_name) for one in nodes)) if screen.narrow else _NAME_CELLS + 10
    heads = ("p50", "p95") if screen.narrow else ("p50", "p95", "steps", "raised", "tokens")
    screen.line(*_MARGIN, Span(" " * cells, "dim"), *(Span(head.rjust(9), "dim") for head in heads))
    for one in nodes:
        known = [duration(one.p50_ms), duration(one.p95_ms)]
        if not screen.narrow:
            known += [f"{number:,}" if number else "" for number in (one.steps, one.failed_steps, one.total_tokens)]
        name = fit(screen.safe(one.node_name), cells, screen.ellipsis)
        screen.line(*_MARGIN, Span(name), *(Span(text.rjust(9), "dim") for text in known))
