"""Faults of direction: the wrong next node, a step left out, a branch that never starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from argus.testing.faults.fault import BranchFault, Call, Layer

__all__ = ["EndlessLoop", "MissingBranch", "SkippedStep", "UnexpectedTransition"]


@dataclass(frozen=True, kw_only=True)
class _Detour(BranchFault):
    """Goes somewhere else.

    Attributes:
        target: The answer that is given instead.
        instead_of: The right answer that is replaced; None replaces every answer.
    """

    target: Any
    instead_of: Any = None

    def redirect(self, call: Call, answer: Any) -> Any:
        """The wrong target, with the payload of a ``Send`` kept."""
        if isinstance(answer, (list, tuple)):
            return [self._one(item) for item in answer]
        return self._one(answer)

    def _one(self, answer: Any) -> Any:
        name = getattr(answer, "node", answer)
        if (self.instead_of is not None and name != self.instead_of) or name == self.target:
            return answer
        return type(answer)(self.target, answer.arg) if hasattr(answer, "arg") else self.target


@dataclass(frozen=True, kw_only=True)
class SkippedStep(_Detour):
    """A step that should run is left out, because the decision leads past it."""

    kind: ClassVar[str] = "skipped_step"
    layer: ClassVar[Layer] = "behavioral"


@dataclass(frozen=True, kw_only=True)
class UnexpectedTransition(_Detour):
    """The run goes on at a node that does not follow here."""

    kind: ClassVar[str] = "unexpected_transition"
    layer: ClassVar[Layer] = "behavioral"


@dataclass(frozen=True, kw_only=True)
class EndlessLoop(_Detour):
    """The decision always leads back into the loop, however good the result is.

    Attributes:
        rounds: After so many decisions the right one is let through; None never lets it.
    """

    kind: ClassVar[str] = "runaway_loop"
    layer: ClassVar[Layer] = "behavioral"

    rounds: int | None = None

    def redirect(self, call: Call, answer: Any) -> Any:
        """Back into the loop."""
        if self.rounds is not None and call.number > self.rounds:
            return answer
        return super().redirect(call, answer)


@dataclass(frozen=True, kw_only=True)
class MissingBranch(BranchFault):
    """A fan-out starts fewer branches than there are items."""

    kind: ClassVar[str] = "missing_branch"
    layer: ClassVar[Layer] = "behavioral"

    def redirect(self, call: Call, answer: Any) -> Any:
        """One of the branches is left out: the last, the first or one in the middle."""
        if not isinstance(answer, (list, tuple)) or len(answer) < 2:
            return answer
        lost = self.pick([len(answer) - 1, 0, len(answer) // 2])
        return [item for index, item in enumerate(answer) if index != lost]
