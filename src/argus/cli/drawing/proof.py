"""A proof, as lines."""

from __future__ import annotations

from argus.cli.drawing.ink import sentence
from argus.cli.output.screen import Screen, Span
from argus.replay.proof import Attempt, Proof
from argus.views.values import preview

__all__ = ["draw_proof"]

_VALUE = 60


def draw_proof(screen: Screen, proof: Proof, onwards: str) -> None:
    """Writes whether the blame is proved, and what was tried.

    Args:
        screen: Where to write.
        proof: The proof.
        onwards: The command that shows the run.
    """
    sign = Span("✓ ", "ok") if proof.proved else Span("△ ", "warning")
    screen.paragraph(sentence(screen, proof.sentence), first=(sign,), rest=(Span("  "),))
    for attempt in proof.attempts:
        _draw_attempt(screen, attempt)
    screen.blank()
    screen.verbatim(f"  {screen.safe(onwards)}\n")


def _draw_attempt(screen: Screen, attempt: Attempt) -> None:
    lead = Span(f"  {attempt.step_number} {attempt.node_name}: ", "strong" if attempt.purpose == "suspect" else "plain")
    told = attempt.told if attempt.repaired_with is None else f"repaired with {attempt.told}"
    screen.paragraph([Span(told)], first=(lead,), rest=(Span("    "),))
    for change in attempt.changes:
        shown = f"{preview(change.before, _VALUE)} → {preview(change.after, _VALUE)}"
        screen.paragraph([Span(shown)], first=(Span(f"    {change.path}: ", "dim"),), rest=(Span("      "),))
    if attempt.repaired_with is not None:
        what = "what was wrong is gone" if attempt.cleared else attempt.reason
        screen.paragraph(sentence(screen, what), first=(Span("    → ", "dim"),), rest=(Span("      "),))
