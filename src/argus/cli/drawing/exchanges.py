"""The HTTP exchanges of a step, one line each."""

from __future__ import annotations

from argus.cli.drawing.ink import heading
from argus.cli.output.screen import Screen, Span, Style
from argus.model.exchange import HttpAnswer, HttpBody, HttpExchange
from argus.views.amounts import duration
from argus.views.values import preview

__all__ = ["draw_exchanges"]


def draw_exchanges(screen: Screen, exchanges: tuple[HttpExchange, ...], *, verbose: bool) -> None:
    """Writes what was asked over HTTP and how it went.

    Args:
        screen: Where to write.
        exchanges: Of one step.
        verbose: Whether bodies are shown too.
    """
    if exchanges:
        heading(screen, "HTTP")
    for exchange in exchanges:
        request, answer = exchange.request, exchange.answer
        style: Style = "critical" if answer is None or answer.failure or (answer.status or 500) >= 400 else "dim"
        screen.paragraph(
            [request.url if verbose else request.url.partition("?")[0], " ", Span(_outcome(answer), style)],
            first=(Span("  "), Span(request.method, "strong"), Span(" ")),
            rest=(Span("    "),),
        )
        if verbose:
            _draw_body(screen, "sent", request.body)
            _draw_body(screen, "received", answer.body if answer is not None else None)


def _outcome(answer: HttpAnswer | None) -> str:
    if answer is None:
        return "not answered"
    if answer.status is None and answer.failure is None:
        return "given up"
    status = str(answer.status) if answer.status is not None else ""
    failed = answer.failure.type if answer.failure is not None else ""
    took = duration(answer.duration_ms) if answer.duration_ms is not None else ""
    served = "from the tape" if answer.served else ""
    return ", ".join(part for part in (status, failed, took, served) if part)


def _draw_body(screen: Screen, label: str, body: HttpBody | None) -> None:
    if body is None:
        return
    shown = preview(body.content, 2000) if body.content is not None else f"not kept: {body.missing}"
    screen.paragraph([shown], first=(Span(f"    {label}  ", "dim"),), rest=(Span("      "),))
