"""What a trace does not tell, and how much less sure blame is for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from argus.dataflow.lineage import Lineage
from argus.dataflow.values import ABSENT, at
from argus.forensics.links import Hop
from argus.forensics.wording import listed, name
from argus.model.trace import TraceStep
from argus.model.values import MARK, JsonValue, cut_of, is_mark, is_redacted

__all__ = ["Doubt", "doubts_on", "lessened", "told"]

_INCOMPLETE: Final = 0.9
_LOSSES: Final = 0.95
_HIDDEN: Final = 0.88
_SURE: Final = 0.75
"""The confidence from which only what took some of it away is told."""

_LOOKED_AT: Final = 200
_UNREAD: Final = ("assumed", "schema")
_LEFT_OUT: Final = frozenset({"skipped", "hashed", "error", "deep", "more"})


@dataclass(frozen=True)
class Doubt:
    """A reason to be less sure.

    Attributes:
        clause: What is not known.
        share: What is left of the confidence; 1 where it was lessened on the way already.
    """

    clause: str
    share: float = 1.0


def doubts_on(cause: TraceStep | None, path: Sequence[Hop], lineage: Lineage) -> tuple[Doubt, ...]:
    """What speaks against being sure of a blame.

    Args:
        cause: The step to blame, or None when none is named.
        path: The hops from the cause down to the symptom.
        lineage: The run's data flow.
    """
    return tuple(_doubts(cause, path, lineage))


def lessened(confidence: float, doubts: Sequence[Doubt]) -> float:
    """The confidence that is left.

    Args:
        confidence: From 0 to 1.
        doubts: From :func:`doubts_on`.
    """
    return round(confidence * prod(doubt.share for doubt in doubts), 3)


def told(confidence: float, doubts: Sequence[Doubt]) -> str:
    """The doubts as a sentence to stand behind others, with a space before it; empty without any that matter.

    Args:
        confidence: What is left of it.
        doubts: From :func:`doubts_on`.
    """
    clauses = [doubt.clause for doubt in doubts if doubt.share < 1 or confidence < _SURE]
    return f" Less sure: {'; '.join(clauses)}." if clauses else ""


def _doubts(cause: TraceStep | None, path: Sequence[Hop], lineage: Lineage) -> Iterator[Doubt]:
    trace = lineage.trace
    if trace.status == "incomplete" or trace.metadata.get("outcome") == "incomplete":
        yield Doubt("the process died, so what came after is missing", _INCOMPLETE)
    if trace.metadata.get("losses"):
        yield Doubt("not everything could be recorded", _LOSSES)
    if trace.steps and not any(step.input_state or step.output_state for step in trace.steps):
        yield Doubt("states were not kept, so only the order of the steps is known")
        return
    hidden: dict[str, str] = {}
    for hop in path:
        for value in (hop.found, _written(hop)):
            if (how := _how_hidden(value)) is not None:
                hidden.setdefault(hop.path, how)
    if not path and cause is not None and (how := _how_hidden(cause.output_state)) is not None:
        yield Doubt(f"some of what {name(cause.node_name)} returned was {how}", _HIDDEN)
    for how in dict.fromkeys(hidden.values()):
        fields = [field for field, its in hidden.items() if its == how]
        yield Doubt(f"{listed(fields)} {'was' if len(fields) == 1 else 'were'} {how}", _HIDDEN)
    unread = list(dict.fromkeys(hop.reader.node_name for hop in path if hop.path and _is_guessed(hop, lineage)))
    if trace.graph is None and path:
        yield Doubt("the graph and its sources were not recorded")
    elif unread:
        yield Doubt(f"what {listed(unread)} read is not told by any source")


def _is_guessed(hop: Hop, lineage: Lineage) -> bool:
    """Whether nothing but its being there says that a step read what it is said to have read."""
    known = (read for read in lineage.reads(hop.reader) if read.how not in _UNREAD)
    return hop.way in _UNREAD and not any(read.path.partition(".")[0] == hop.path.partition(".")[0] for read in known)


def _written(hop: Hop) -> JsonValue:
    return at(hop.writer.output_state, hop.source) if hop.writer is not None and hop.path else ABSENT


def _how_hidden(value: JsonValue) -> str | None:
    """How a recorded value, or a part of it within bounds, differs from what the pipeline had; None if it does not."""
    pending, left = [value], _LOOKED_AT
    while pending and left > 0:
        one = pending.pop()
        left -= 1
        if isinstance(one, str):
            if cut_of(one) is not None:
                return "cut when recorded"
            if is_redacted(one):
                return "redacted when recorded"
        elif is_mark(one):
            if one[MARK] in _LEFT_OUT:
                return "left out when recorded"
        elif isinstance(one, dict):
            pending += list(one.values())[:left]
        elif isinstance(one, list):
            pending += one[:left]
    return None
