"""What a fault is: one mistake that can be put into one node or branch of a graph."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, TypeVar

from argus.testing.faults.places import first_path, look_up, replaced

__all__ = ["PROCEED", "BranchFault", "Call", "Fault", "GroundTruth", "Layer", "NodeFault", "ValueFault"]

T = TypeVar("T")

Layer = Literal["structural", "signature", "behavioral", "statistical", "semantic"]
"""The kind of look that it takes to see a fault."""

PROCEED: Final = object()
"""What :meth:`NodeFault.before` answers when the node itself shall run."""


@dataclass(frozen=True, kw_only=True)
class GroundTruth:
    """What is known about an injected fault, to compare findings and blame with.

    Attributes:
        kind: The fault's kind.
        culprit: The node whose code or decision is wrong.
        symptom: The node where the damage is seen first, if that is another one; else None.
        layer: The look that it takes to see it.
        needs_history: Whether it can only be told from earlier healthy runs.
        field: The field or dotted path that carries it, if one does.
        note: What was done, in a few words.
    """

    kind: str
    culprit: str
    symptom: str | None = None
    layer: Layer
    needs_history: bool = False
    field: str | None = None
    note: str = ""


@dataclass(kw_only=True)
class Call:
    """One call of a faulty node.

    Attributes:
        state: What the node was given.
        number: 1 for the first call since the fault was put in, counted up.
        memory: Kept from call to call of this injection.
        elapsed_s: Seconds that the healthy node took.
        delay_s: Seconds to wait before the result is handed on; set by the fault.
    """

    state: Any
    number: int
    memory: dict[str, Any] = field(default_factory=dict)
    elapsed_s: float = 0.0
    delay_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One mistake. Immutable: what it needs to remember is kept by the injection.

    Attributes:
        field: Dotted path into the node's update; None takes the first field that the fault fits.
        seed: Varies wording, shape or language; equal seeds give equal faults.
        calls: The calls (1-based) that are spoilt; None spoils all.
    """

    kind: ClassVar[str]
    layer: ClassVar[Layer]
    needs_history: ClassVar[bool] = False

    field: str | None = None
    seed: int = 0
    calls: tuple[int, ...] | None = None

    @property
    def description(self) -> str:
        """What goes wrong, in one line."""
        return (inspect.getdoc(type(self)) or "").partition("\n")[0]

    def strikes(self, call: Call) -> bool:
        """Whether this call is to be spoilt.

        Args:
            call: The call.
        """
        return self.calls is None or call.number in self.calls

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, by seed.

        Args:
            choices: At least one.
        """
        return choices[self.seed % len(choices)]


@dataclass(frozen=True, kw_only=True)
class NodeFault(Fault):
    """A mistake in a node; subclasses override one of the two methods."""

    def before(self, call: Call) -> Any:
        """Called instead of the node; :data:`PROCEED` lets it run.

        Args:
            call: The call.

        Returns:
            The result that takes the place of the node's, or :data:`PROCEED`.
        """
        return PROCEED

    def after(self, call: Call, result: Any) -> Any:
        """Called with what the node returned.

        Args:
            call: The call.
            result: The node's result, not to be changed in place.

        Returns:
            What is handed on instead; the very same object when nothing was spoilt.
        """
        return result


@dataclass(frozen=True, kw_only=True)
class ValueFault(NodeFault):
    """A mistake in one value of a node's update; subclasses say which values fit and what becomes of them."""

    def fits(self, value: Any) -> bool:
        """Whether this value can be spoilt in this way.

        Args:
            value: Any value.
        """
        raise NotImplementedError

    def change(self, value: Any) -> Any:
        """The spoilt value.

        Args:
            value: One that fits.
        """
        raise NotImplementedError

    def after(self, call: Call, result: Any) -> Any:
        """Spoils the value at the path.

        Args:
            call: The call.
            result: The node's result.
        """
        path = first_path(result, self.fits) if self.field is None else self.field
        if path is None or not look_up(result, path):
            return result
        return replaced(result, path, lambda value: self.change(value) if self.fits(value) else value)


@dataclass(frozen=True, kw_only=True)
class BranchFault(Fault):
    """A mistake in deciding where to go: in the function of a conditional edge, or in a ``Command``'s ``goto``."""

    def redirect(self, call: Call, answer: Any) -> Any:
        """The wrong decision.

        Args:
            call: The call of the branch (or of the node that returns the ``Command``).
            answer: The right decision: a name, a ``Send``, or a list of them.
        """
        raise NotImplementedError
