"""Whether a number, a size or a length stands at its usual ratio to others of the same step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Final, Literal, NamedTuple

from argus.detectors.base import DetectorContext
from argus.detectors.statistical.deviation import MANY, Baseline
from argus.detectors.statistical.readings import Reading
from argus.detectors.statistical.units import is_unit_factor
from argus.detectors.wording import is_named
from argus.learning.ties import Quantity, quantities_of
from argus.model.profile import Profile
from argus.model.ties import FINENESS, Ratio, Tie
from argus.model.trace import TraceStep

__all__ = ["RunRatios", "Skew"]

_STEPS: Final = 500
_LEAST: Final = 5
_EXACT: Final = 0.02
_STEADY: Final = 0.35
_TELLING: Final = 0.5
_ACCUSING: Final = 0.12
_SCATTER: Final = 0.05
_EVEN: Final = 0.25
_TIMES: Final = {"number": 5.0, "size": 3.0, "length": 5.0}
_TIMES_IF_EVEN: Final = {"number": 2.5, "size": 3.0, "length": 4.0}
"""For ratios that hardly varied in 8 runs."""


class Skew(NamedTuple):
    """A quotient that is not what it was.

    Attributes:
        other: The other quantity, with ``<`` before it where it is of what the node was given.
        quotient: What it is now.
        usual: What it was on average, as a geometric mean.
        distance: Of its logarithm from that, negative where it is too small.
        known: How many quotients were known.
        is_even: Whether they hardly varied, so that nothing but a fault explains this one.
    """

    other: str
    quotient: float
    usual: float
    distance: float
    known: int
    is_even: bool

    def __str__(self) -> str:
        """As a part of a sentence."""
        other = f"`{self.other.removeprefix('<')}`" + (" of its input" if self.other.startswith("<") else "")
        return f"{self.quotient:.3g} times {other}; in earlier runs it was about {self.usual:.3g} times"


class RunRatios:
    """The ratios of a run, of its first 500 steps for which any is known.

    Args:
        profile: What healthy runs have shown.
        threshold: Robust z-scores, such as 2.5.
    """

    def __init__(self, profile: Profile, threshold: float) -> None:
        self._profile = profile
        self._threshold = threshold
        self._steps: dict[str, _StepRatios] = {}

    @classmethod
    def of(cls, context: DetectorContext) -> RunRatios:
        """The ratios of a run, shared by its detectors.

        Args:
            context: Its history says what was usual; its memo holds them.
        """
        known = context.memo.get("run_ratios")
        if not isinstance(known, cls):
            profile = context.history.profile() if context.history is not None else Profile()
            known = context.memo["run_ratios"] = cls(profile, context.settings.statistical.z_threshold)
        return known

    def verdict(self, reading: Reading, earlier: Baseline) -> Skew | Literal["steady"] | None:
        """What the ratios of a quantity say, the most even one first; only those that vary less than it does say much.

        Args:
            reading: The quantity.
            earlier: What is known of it.

        Returns:
            A skew when the most even ratio, and half of all, are skewed; ``steady`` when the most even one scatters by
            a third at most and is as it was; None when they say nothing.
        """
        node = self._profile.node(reading.place)
        tie = node.ties.get(reading.path) if node is not None else None
        if tie is None or not tie.ratios:
            return None
        ratios = self._steps.get(reading.step.id)
        if ratios is None:
            if len(self._steps) >= _STEPS:
                return None
            ratios = self._steps[reading.step.id] = _StepRatios(reading.step, self._threshold)
        return ratios.verdict(reading.path, tie, earlier.deviation)


class _StepRatios:
    """The ratios of a step.

    Args:
        step: The step.
        threshold: Robust z-scores, such as 2.5.
    """

    def __init__(self, step: TraceStep, threshold: float) -> None:
        self._step = step
        self._threshold = threshold

    def verdict(self, path: str, tie: Tie, scatter: float) -> Skew | Literal["steady"] | None:
        own = self._own.get(path)
        if own is None or (own.kind == "number" and _is_ordinal(path)):
            return None
        known = sorted(
            (max(ratio.deviation, ratio.reach / 2), name, ratio)
            for name, ratio in tie.ratios.items()
            if ratio.count >= _LEAST
            and ratio.deviation <= _TELLING * scatter
            and self._other(name) is not None
            and not (own.kind == "number" and _is_ordinal(name))
        )
        skews = [self._skew(own, name, ratio) for _, name, ratio in known]
        if not known:
            return None
        if skews[0] is None:
            return "steady" if known[0][0] <= _STEADY else None
        steady = own.kind != "number" or (known[0][2].count > _LEAST and known[0][2].deviation <= _ACCUSING)
        return skews[0] if steady and 2 * skews.count(None) <= len(skews) else None

    def _skew(self, own: Quantity, name: str, ratio: Ratio) -> Skew | None:
        other = self._other(name)
        if other is None:
            return None
        log = math.log(abs(own.value)) - math.log(abs(other.value))
        distance = log - ratio.mean
        caution, tail = 1.2 + 6.5 / ratio.count, 1.0 + 10.0 / ratio.count
        usual = self._threshold * caution * max(ratio.deviation, _SCATTER)
        beyond = ratio.highest / FINENESS if distance > 0 else ratio.lowest / FINENESS
        is_even = ratio.reach <= _EVEN and ratio.count >= MANY
        least = _TIMES_IF_EVEN if is_even else _TIMES
        if abs(distance) <= max(usual, math.log(least[own.kind]), tail * abs(beyond - ratio.mean)):
            return None
        if own.kind == "number" and not is_unit_factor(distance, max(_EXACT, min(ratio.reach, _EVEN))):
            return None  # another kind of case rather than another unit
        return Skew(name, math.exp(log), math.exp(ratio.mean), distance, ratio.count, is_even)

    def _other(self, name: str) -> Quantity | None:
        return self._given.get(name[1:]) if name.startswith("<") else self._own.get(name)

    @cached_property
    def _own(self) -> Mapping[str, Quantity]:
        return quantities_of(self._step.output_state)

    @cached_property
    def _given(self) -> Mapping[str, Quantity]:
        return quantities_of(self._step.input_state)


def _is_ordinal(name: str) -> bool:
    """Whether a quantity says which, not how much."""
    return is_named("ordinal_fields", name.rstrip(")").rpartition(".")[2])
