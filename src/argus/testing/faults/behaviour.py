"""Faults of conduct: loops that never end, work that is not done, retries, crashes, foreign fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from argus.testing.faults.fault import PROCEED, Call, Layer, NodeFault, ValueFault
from argus.testing.faults.places import first_path, has, look_up, removed, replaced, set_at
from argus.testing.faults.structure import EmptyValue, WrongType

__all__ = [
    "Crash",
    "ForeignMeaning",
    "ForeignType",
    "ForeignValue",
    "LostCount",
    "MissingResult",
    "Oscillation",
    "PoisonedValue",
    "RetryStorm",
    "StuckLoop",
    "UnfinishedWork",
]

_CRASHES: Final[tuple[Exception, ...]] = (
    KeyError("BILLING_REGION"),
    ValueError("could not convert string to float: 'n/a'"),
    TypeError("unsupported operand type(s) for *: 'NoneType' and 'int'"),
    IndexError("list index out of range"),
    ZeroDivisionError("division by zero"),
    AttributeError("'NoneType' object has no attribute 'strip'"),
    RuntimeError("model server closed the connection"),
    PermissionError("access to the ledger was denied"),
)
_HICCUPS: Final = ("connection reset by peer", "read timed out", "429 Too Many Requests", "temporary failure")


@dataclass(frozen=True, kw_only=True)
class StuckLoop(NodeFault):
    """A node inside a loop returns the same again and again instead of getting on."""

    kind: ClassVar[str] = "stuck_loop"
    layer: ClassVar[Layer] = "behavioral"

    def after(self, call: Call, result: Any) -> Any:
        """What it returned first (only the given field of it, if one is given)."""
        first = call.memory.setdefault("first", result)
        if first is result:
            return result
        if self.field is None:
            return first
        kept = look_up(first, self.field)
        return replaced(result, self.field, lambda _: kept[0]) if kept else result


@dataclass(frozen=True, kw_only=True)
class Oscillation(NodeFault):
    """A node inside a loop switches between two results and never settles.

    Attributes:
        other: The second of the two values; None takes the first two different ones.
    """

    kind: ClassVar[str] = "oscillation"
    layer: ClassVar[Layer] = "behavioral"

    other: Any = None

    def after(self, call: Call, result: Any) -> Any:
        """The first value on odd calls, the other one on even calls."""
        seen: list[Any] = call.memory.setdefault("seen", [])
        if self.other is not None and not seen:
            seen.extend([result, self._with(result, self.other)])
        if len(seen) < 2:
            seen.append(result)
            return result
        kept = seen[(call.number - 1) % 2]
        if self.field is None or self.other is not None:
            return kept if call.number > 1 else result
        value = look_up(kept, self.field)
        return replaced(result, self.field, lambda _: value[0]) if value else result

    def _with(self, result: Any, value: Any) -> Any:
        path = self.field if self.field is not None else first_path(result, lambda old: type(old) is type(value))
        return replaced(result, path, lambda _: value) if path is not None else result


@dataclass(frozen=True, kw_only=True)
class LostCount(ValueFault):
    """A counter that should end a loop is set back in every round."""

    kind: ClassVar[str] = "runaway_loop"
    layer: ClassVar[Layer] = "behavioral"

    def fits(self, value: Any) -> bool:
        """Whole numbers."""
        return isinstance(value, int) and not isinstance(value, bool)

    def change(self, value: Any) -> Any:
        """Back at the start."""
        return self.pick([0, 1])


@dataclass(frozen=True, kw_only=True)
class MissingResult(NodeFault):
    """A parallel branch runs, but its result never arrives; by default the second one's."""

    kind: ClassVar[str] = "missing_result"
    layer: ClassVar[Layer] = "behavioral"

    def strikes(self, call: Call) -> bool:
        """The given calls, or the second."""
        return call.number in (self.calls or (2,))

    def after(self, call: Call, result: Any) -> Any:
        """Nothing, or the field without any item."""
        path = self.field or first_path(result, lambda value: isinstance(value, list))
        empty = replaced(result, path, lambda value: type(value)()) if path else None
        return self.pick([None, empty, {}])


@dataclass(frozen=True, kw_only=True)
class UnfinishedWork(NodeFault):
    """The work is declared done, but what it should have produced is not there.

    Attributes:
        field: The product; the completion flag beside it is left as it is.
    """

    kind: ClassVar[str] = "unfinished_work"
    layer: ClassVar[Layer] = "behavioral"

    def after(self, call: Call, result: Any) -> Any:
        """The update without the product: absent, empty or None."""
        empty = EmptyValue()
        path = self.field or first_path(result, empty.fits)
        if path is None or not has(result, path):
            return result
        blank = self.pick(["absent", "empty", "none"])
        if blank == "absent":
            return removed(result, path)
        return replaced(result, path, lambda value: type(value)() if blank == "empty" and value is not None else None)


@dataclass(frozen=True, kw_only=True)
class RetryStorm(NodeFault):
    """The node fails again and again before it succeeds; its retry policy hides it.

    Attributes:
        failures: How many attempts fail before one succeeds; fewer than the policy allows.
    """

    kind: ClassVar[str] = "retry_storm"
    layer: ClassVar[Layer] = "behavioral"

    failures: int = 4

    def before(self, call: Call) -> Any:
        """Raises a transient error for the first attempts."""
        if call.number <= self.failures:
            raise ConnectionError(self.pick(_HICCUPS))
        return PROCEED


@dataclass(frozen=True, kw_only=True)
class Crash(NodeFault):
    """The node raises an exception of its own making.

    Attributes:
        error: What to raise; None picks one by seed.
    """

    kind: ClassVar[str] = "crash"
    layer: ClassVar[Layer] = "behavioral"

    error: Exception | None = None

    def before(self, call: Call) -> Any:
        """Raises."""
        chosen = self.error or self.pick(_CRASHES)
        raise type(chosen)(*chosen.args)


@dataclass(frozen=True, kw_only=True)
class PoisonedValue(ValueFault):
    """A value looks plausible enough to pass, and a later node trips over it.

    Attributes:
        poison: The value; None picks by seed what fits the type: a lone word for a number, a stranger in a list, …
    """

    kind: ClassVar[str] = "poisoned_value"
    layer: ClassVar[Layer] = "structural"

    poison: Any = None

    def fits(self, value: Any) -> bool:
        """Anything but None."""
        return value is not None

    def change(self, value: Any) -> Any:
        """The poison."""
        if self.poison is not None:
            return self.poison
        if isinstance(value, (int, float)):
            return self.pick(["N/A", "unknown", "-", "12,50"])
        if isinstance(value, list):
            return [*value, self.pick([None, "n/a", [], {}])]
        if isinstance(value, Mapping):
            return dict.fromkeys(value)
        return self.pick([None, 0, [value]])


@dataclass(frozen=True, kw_only=True)
class _ForeignFault(NodeFault):
    """Writes a field that another node owns, taken from the state that this node was given."""

    layer: ClassVar[Layer] = "behavioral"

    def after(self, call: Call, result: Any) -> Any:
        """The update with the foreign field added."""
        if self.field is None or not has(call.state, self.field):
            return result
        name, _, rest = self.field.partition(".")
        old = look_up(call.state, name)[0]
        new = replaced(old, rest, self.spoilt)
        return result if new is old else set_at({} if result is None else result, name, new)

    def spoilt(self, value: Any) -> Any:
        """What the foreign field becomes.

        Args:
            value: What its owner wrote.
        """
        raise NotImplementedError

    def other(self, value: Any, choices: list[Any]) -> Any:
        """One of the choices that really differ, or the value itself when none does.

        Args:
            value: What its owner wrote.
            choices: What it may become.
        """
        return self.pick([choice for choice in choices if choice != value] or [value])


@dataclass(frozen=True, kw_only=True)
class ForeignValue(_ForeignFault):
    """A field that another node owns is overwritten with something else of the same type."""

    kind: ClassVar[str] = "foreign_value"

    def spoilt(self, value: Any) -> Any:
        """Something blank or unrelated."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, (int, float)):
            return self.other(value, [type(value)(number) for number in (0, 1, -1, 100)])
        if isinstance(value, str):
            return self.other(value, ["", "default", "unknown", value[: len(value) // 2]])
        return type(value)()


@dataclass(frozen=True, kw_only=True)
class ForeignType(_ForeignFault):
    """A field that another node owns is rewritten as another type."""

    kind: ClassVar[str] = "foreign_type"

    def spoilt(self, value: Any) -> Any:
        """The value in the wrong shape."""
        shape = WrongType(seed=self.seed)
        return shape.change(value) if shape.fits(value) else None


@dataclass(frozen=True, kw_only=True)
class ForeignMeaning(_ForeignFault):
    """A field that another node owns keeps its type but changes its meaning: scaled, reversed, negated, rewritten."""

    kind: ClassVar[str] = "foreign_meaning"

    def spoilt(self, value: Any) -> Any:
        """The value with another meaning."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, (int, float)):
            return self.other(value, [type(value)(value * factor) for factor in (100, -1, 10)])
        if isinstance(value, str):
            turned = " ".join(reversed(value.split()))
            return self.other(value, [value.upper(), value[::-1], turned, value.lower()])
        if isinstance(value, list):
            return self.other(value, [value[::-1], value[:1], value + value])
        return dict.fromkeys(value) if isinstance(value, Mapping) else value
