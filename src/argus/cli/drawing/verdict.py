"""The top of a run: what happened in one sentence, then how it came to it."""

from __future__ import annotations

from argus.cli.drawing.ink import heading, role_sign, sentence, status_sign
from argus.cli.drawing.places import near
from argus.cli.output.cells import width
from argus.cli.output.screen import Screen, Span
from argus.model.trace import Trace
from argus.views.amounts import count, moment
from argus.views.chain import Hop, Story
from argus.views.facts import run_facts
from argus.views.trace_list import row_of_trace
from argus.views.words import PROOF_WORDS

__all__ = ["draw_chain", "draw_facts", "draw_verdict"]

_SHOWN_HOPS = 7
_SHOWN_SUSPECTS = 5


def draw_verdict(screen: Screen, trace: Trace, told: Story, *, verbose: bool = False) -> None:
    """Writes status and sentence, then the run's facts.

    Args:
        screen: Where to write.
        trace: The run.
        told: Its story.
        verbose: Whether the explanation is written too although the chain below says the same.
    """
    sign = status_sign(trace.status)
    indent = (Span("  "),) if screen.narrow else (Span(" " * (width(sign.text) + 2)),)
    screen.paragraph(sentence(screen, told.sentence), first=(sign, Span("  ")), rest=indent)
    if told.explanation and (verbose or not told.chain):
        screen.paragraph(sentence(screen, told.explanation), first=indent, rest=indent)
    known = [trace.pipeline_name, row_of_trace(trace).short_id, moment(trace.created_at), *run_facts(trace)]
    draw_facts(screen, known, indent)


def draw_facts(screen: Screen, known: list[str], indent: tuple[Span, ...]) -> None:
    """Writes facts side by side, broken only between two of them.

    Args:
        screen: Where to write.
        known: One text each.
        indent: What each line begins with.
    """
    room = screen.width - sum(width(span.text) for span in indent)
    line = ""
    for fact in (screen.clip(fact, room) for fact in known):
        longer = f"{line} · {fact}" if line else fact
        if line and width(screen.safe(longer)) > room:
            screen.line(*indent, Span(line, "dim"))
            longer = fact
        line = longer
    screen.line(*indent, Span(line, "dim"))


def draw_chain(screen: Screen, told: Story, *, whole: bool) -> None:
    """Writes how the failure travelled, or who is suspected; nothing if neither is known.

    Args:
        screen: Where to write.
        told: The run's story.
        whole: Whether every hop is shown, however many there are.
    """
    if told.chain:
        proof = f"confidence {told.confidence:.2f}, {PROOF_WORDS[told.proof]}" if told.proof else ""
        heading(screen, "How it happened", proof)
        _draw_hops(screen, told.chain, whole)
    elif told.suspects:
        heading(screen, "Suspects", "no single cause is certain")
        shown = told.suspects if whole else told.suspects[:_SHOWN_SUSPECTS]
        for suspect in shown:
            screen.line("  ", Span(suspect.node_name, "strong"), f"  {_step(suspect.step_number)}  {suspect.score:.2f}")
            for reason in suspect.reasons:
                screen.paragraph(sentence(screen, reason), first=(Span("    "),), rest=(Span("    "),))
        if len(shown) < len(told.suspects):
            screen.line(Span(f"  {len(told.suspects) - len(shown)} more; --verbose shows all", "dim"))
    if told.suggestions:
        heading(screen, "What to change")
        for suggestion in told.suggestions:
            place = _place(suggestion.file, suggestion.line)
            spans = [*sentence(screen, suggestion.text), *([Span(f" {place}", "dim")] if place else [])]
            screen.paragraph(spans, first=(Span("  · "),), rest=(Span("    "),))


def _draw_hops(screen: Screen, chain: tuple[Hop, ...], whole: bool) -> None:
    left_out = 0 if whole or len(chain) <= _SHOWN_HOPS else len(chain) - (_SHOWN_HOPS - 1)
    half = (_SHOWN_HOPS - 1) // 2
    for index, hop in enumerate(chain):
        if left_out and half <= index < half + left_out:
            if index == half:
                screen.line(
                    "  ", Span("│ ", "blame"), Span(f"{count(left_out, 'more step')}; --verbose shows all", "dim")
                )
            continue
        _draw_hop(screen, hop, last=index == len(chain) - 1)


def _draw_hop(screen: Screen, hop: Hop, *, last: bool) -> None:
    place = _place(hop.file, hop.line)
    lead = (Span("  "), role_sign(hop.role), Span(" "))
    thread = (Span("    "),) if last else (Span("  "), Span("│", "blame"), Span(" "))
    words = {"cause": "began here", "path": "passed it on", "symptom": "surfaced here"}
    title = [Span(hop.node_name, "strong"), Span(f" {_step(hop.step_number)}, {words[hop.role]}", "dim")]
    if place and width(screen.safe(place)) + sum(width(screen.safe(span.text)) for span in title) + 7 <= screen.width:
        screen.line(*lead, *title, "  ", Span(place, "dim"))
    else:
        screen.line(*lead, *title)
        if place:
            screen.line(*thread, Span(_ending(screen, place, screen.width - 4), "dim"))
    if hop.why:
        screen.paragraph(sentence(screen, hop.why), first=thread, rest=thread)
    if hop.field and not last:
        carried = f" {hop.carried}" if hop.carried else ""
        screen.paragraph(
            [Span(hop.field, "blame"), Span(carried)],
            first=(Span("  "), Span("├─ ", "blame")),
            rest=(Span("  "), Span("│  ", "blame")),
        )


def _step(number: int | None) -> str:
    return f"step {number}" if number is not None else "a step that is not recorded"


def _place(file: str | None, line: int | None) -> str:
    if file is None:
        return ""
    return f"{near(file)}:{line}" if line is not None else near(file)


def _ending(screen: Screen, text: str, room: int) -> str:
    """The end of a path, which tells more than its beginning."""
    safe = screen.safe(text)
    return safe if width(safe) <= room else screen.ellipsis + safe[-(room - len(screen.ellipsis)) :]
