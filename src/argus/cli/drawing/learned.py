"""What was learned of a pipeline, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from argus.cli.drawing.ink import heading, sentence
from argus.cli.output.screen import Screen, Span
from argus.storage.base import Baseline
from argus.views.amounts import count
from argus.views.learned import LearnedNode, LearnedPipeline, said_of

__all__ = ["draw_baselines", "draw_learned", "version_word"]

_INDENT, _DEEPER = Span("  "), Span("    ")


def version_word(graph_version: str | None) -> str:
    """How to call the version of a graph.

    Args:
        graph_version: Its hash, or None when unknown.
    """
    return f"graph {graph_version[:8]}" if graph_version else "graph unknown"


def draw_baselines(screen: Screen, baselines: Sequence[Baseline]) -> None:
    """Writes one line for each pipeline and graph version.

    Args:
        screen: Where to write.
        baselines: In order.
    """
    for one in baselines:
        facts = f"{count(one.runs, 'healthy run')}, {version_word(one.graph_version)}"
        screen.paragraph([Span(facts, "dim")], first=(Span(one.pipeline_name, "strong"), Span("  ")), rest=(_INDENT,))


def draw_learned(screen: Screen, learned: LearnedPipeline) -> None:
    """Writes what is known of each node, path by path, and what always held.

    Args:
        screen: Where to write.
        learned: What was learned.
    """
    facts = f"learned from {count(learned.runs, 'healthy run')}, {version_word(learned.graph_version)}"
    screen.paragraph([Span(facts, "dim")], first=(Span(learned.pipeline_name, "strong"), Span("  ")), rest=(_INDENT,))
    for node in learned.nodes:
        _draw_node(screen, node)
    if learned.relations:
        heading(screen, "Always held", count(len(learned.relations), "relation"))
        for relation in learned.relations:
            note = Span(f" in {count(relation.runs, 'run')}", "dim")
            screen.paragraph([Span(relation.says), note], first=(_INDENT,), rest=(_DEEPER,))
    if learned.is_full:
        screen.blank()
        screen.paragraph([Span("Not everything is kept: what is learned is bounded.", "dim")])


def _draw_node(screen: Screen, node: LearnedNode) -> None:
    often = node.width
    if often is not None and often.maximum > 1:
        span = (
            f"{often.minimum:,.0f} to {often.maximum:,.0f}"
            if often.minimum < often.maximum
            else f"{often.maximum:,.0f}"
        )
        width = f", {span} times in a run"
    else:
        width = ""
    heading(screen, node.place, f"in {count(node.runs, 'run')}{width}")
    for field in node.fields:
        lead = (_INDENT, Span(field.path, "strong"), Span("  "))
        screen.paragraph(sentence(screen, said_of(field)), first=lead, rest=(_DEEPER,))
