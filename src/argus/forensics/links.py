"""The links of a slice: which step rests on which other one, by which field, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from argus.dataflow.reading import How
from argus.dataflow.values import ABSENT, is_empty
from argus.forensics.flaws import Flaw
from argus.forensics.signs import Sign
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["CONCLUSIVE", "Demand", "Hop", "Slice", "Way", "cost_of"]

Way: TypeAlias = How | Literal["gap", "choice", "inside"]
"""How a hop is known: as a read; by the absence of a field that the writer owed; by a decision on the way on; by
running inside a step."""

_COST: Final[dict[str, float]] = {
    "error": 0.1, "gap": 0.1, "line": 0.2, "source": 0.4, "value": 0.5, "inside": 0.5, "sent": 0.5, "choice": 0.6,
    "schema": 0.8, "assumed": 1.6,
}  # fmt: skip
_QUALITY: Final[dict[str, float]] = {
    "error": 1.0, "gap": 0.98, "line": 1.0, "source": 0.97, "value": 0.94, "inside": 0.94, "sent": 0.94, "choice": 0.9,
    "schema": 0.88, "assumed": 0.72,
}  # fmt: skip
CONCLUSIVE: Final = 0.6
"""The weight from which a sign that no input explains ends the search."""


@dataclass(frozen=True)
class Hop:
    """A link that was followed: a reader rests on a writer.

    Attributes:
        reader: The step that read.
        writer: The step that wrote, owed or decided; None for the caller.
        path: The field or dotted path.
        way: How this is known.
        found: What the reader found there, or :data:`~argus.dataflow.values.ABSENT`.
        sign: What speaks against the writer on account of this link, or None.
        written: Where the writer put it, if that is another path.
    """

    reader: TraceStep
    writer: TraceStep | None
    path: str
    way: Way
    found: JsonValue
    sign: Sign | None = None
    written: str | None = None

    @property
    def source(self) -> str:
        """The field or dotted path on the writer's side."""
        return self.path if self.written is None else self.written

    @property
    def quality(self) -> float:
        """How sure the link is, from 0 to 1."""
        return _QUALITY[self.way]


@dataclass
class Slice:
    """What a symptom rests on.

    Attributes:
        start: The step of the symptom.
        hops: Every link found, in the order of discovery.
        reached: For each step, the link by which it is reached best.
        given: The links that end at the caller's input.
    """

    start: TraceStep
    hops: list[Hop] = field(default_factory=list)
    reached: dict[str, Hop] = field(default_factory=dict)
    given: list[Hop] = field(default_factory=list)

    def path_from(self, step: TraceStep) -> list[Hop]:
        """The links from a step down to the symptom, in that order; empty for the symptom's own step.

        Args:
            step: A step that was reached.
        """
        path: list[Hop] = []
        while step.id != self.start.id:
            hop = self.reached[step.id]
            path.append(hop)
            step = hop.reader
        return path


@dataclass(frozen=True)
class Demand:
    """A path that some step rests on, to be traced to who wrote it.

    Attributes:
        reader: The step.
        path: The field or dotted path.
        way: How the read is known.
        found: What stands there.
        moment: When it was read.
        conditional: Whether the step may not have got to the read.
        flaw: What is wrong with the value, if that is known.
        required: Whether somebody had to write it.
        decides: Whether the reader decided by it where to go on.
    """

    reader: TraceStep
    path: str
    way: Way
    found: JsonValue
    moment: int
    conditional: bool = False
    flaw: Flaw | None = None
    required: bool = True
    decides: bool = False


def cost_of(hop: Hop, *, conditional: bool = False) -> float:
    """What following a link costs: little where it is sure and looks suspicious.

    Args:
        hop: The link.
        conditional: Whether the reader may not have got to the read.
    """
    cost = _COST[hop.way] * (1.3 if conditional else 1.0)
    suspicious = hop.found is ABSENT or is_empty(hop.found) or (hop.sign is not None and hop.sign.weight >= CONCLUSIVE)
    return cost * (0.3 if suspicious else 1.0)
