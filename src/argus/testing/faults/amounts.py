"""Faults of measure: time, length, scale and sign."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from argus.testing.faults.fault import Call, Layer, NodeFault, ValueFault

__all__ = ["FastNode", "FewerItems", "PowerOfTen", "ShortOutput", "SignFlip", "SlowNode", "UnitError"]


@dataclass(frozen=True, kw_only=True)
class SlowNode(NodeFault):
    """The node takes many times as long as it used to.

    Attributes:
        factor: How many times as long.
    """

    kind: ClassVar[str] = "slow_node"
    layer: ClassVar[Layer] = "statistical"
    needs_history: ClassVar[bool] = True

    factor: float = 20.0

    def after(self, call: Call, result: Any) -> Any:
        """The same result, later."""
        call.delay_s = call.elapsed_s * (self.factor - 1)
        return result


@dataclass(frozen=True, kw_only=True)
class FastNode(NodeFault):
    """The node returns at once, without doing its work.

    Attributes:
        result: What it returns.
    """

    kind: ClassVar[str] = "fast_node"
    layer: ClassVar[Layer] = "statistical"
    needs_history: ClassVar[bool] = True

    result: Any = None

    def before(self, call: Call) -> Any:
        """The ready-made result, or what the function makes of the state if it is one."""
        return self.result(call.state) if callable(self.result) else self.result


@dataclass(frozen=True, kw_only=True)
class ShortOutput(ValueFault):
    """A text shrinks to a tenth of its length, though it ends properly.

    Attributes:
        factor: How many times shorter.
    """

    kind: ClassVar[str] = "short_output"
    layer: ClassVar[Layer] = "statistical"
    needs_history: ClassVar[bool] = True

    factor: float = 10.0

    def fits(self, value: Any) -> bool:
        """Texts of some length."""
        return isinstance(value, str) and len(value) >= 60

    def change(self, value: Any) -> Any:
        """The first words, with a full stop."""
        length = max(3, int(len(value) / self.factor))
        cut = str(value)[:length].rsplit(" ", 1)[0].rstrip(" ,;:-\n")
        return f"{cut}."


@dataclass(frozen=True, kw_only=True)
class FewerItems(ValueFault):
    """A list comes back with a fraction of its items."""

    kind: ClassVar[str] = "fewer_items"
    layer: ClassVar[Layer] = "statistical"
    needs_history: ClassVar[bool] = True

    def fits(self, value: Any) -> bool:
        """Lists of several items."""
        return isinstance(value, (list, tuple)) and len(value) >= 3

    def change(self, value: Any) -> Any:
        """One item of them."""
        return value[:1] if self.seed % 2 == 0 else value[-1:]


@dataclass(frozen=True, kw_only=True)
class _NumberFault(ValueFault):
    layer: ClassVar[Layer] = "statistical"
    needs_history: ClassVar[bool] = True

    def fits(self, value: Any) -> bool:
        """Numbers other than zero."""
        return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and value != 0

    def _scaled(self, value: Any, factor: float) -> Any:
        if isinstance(value, Decimal):
            return value * Decimal(str(factor))
        if isinstance(value, int):
            return round(value * factor)
        return value * factor


@dataclass(frozen=True, kw_only=True)
class PowerOfTen(_NumberFault):
    """A number is off by a power of ten."""

    kind: ClassVar[str] = "power_of_ten"

    def change(self, value: Any) -> Any:
        """The number with its point in the wrong place."""
        return self._scaled(value, self.pick([100, 1000, 0.01, 10_000, 0.001]))


@dataclass(frozen=True, kw_only=True)
class SignFlip(_NumberFault):
    """A number has the wrong sign."""

    kind: ClassVar[str] = "sign_flip"

    def change(self, value: Any) -> Any:
        """The number negated."""
        return -value


@dataclass(frozen=True, kw_only=True)
class UnitError(_NumberFault):
    """A number is given in another unit: percent for a share, cents for euros, seconds for hours, pounds for kilograms.

    Attributes:
        factor: What it is multiplied with; None picks one by seed.
    """

    kind: ClassVar[str] = "unit_error"

    factor: float | None = None

    def change(self, value: Any) -> Any:
        """The number in the wrong unit."""
        return self._scaled(value, self.factor if self.factor is not None else self.pick([100, 3600, 0.01, 1000, 60]))
