"""A number that is not what it must be: the wrong size, the wrong sign, a fraction, at odds with what it is made of."""

from __future__ import annotations

import math
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.statistical.bonds import Bonds, BrokenBond
from argus.detectors.statistical.deviation import Baseline, baseline_of_spread
from argus.detectors.statistical.grounds import Grounds
from argus.detectors.statistical.misreading import misread_figure
from argus.detectors.statistical.number_range import bound_passed, has_odd_fraction, has_odd_sign, odd_size, shown
from argus.detectors.statistical.readings import Reading, readings_of
from argus.detectors.statistical.steadiness import RunRatios, Skew
from argus.learning.figures import figures_in, is_telling
from argus.learning.spreads import finite
from argus.model.detection import Detection, Evidence
from argus.model.profile import FieldProfile, Profile
from argus.model.spread import Spread
from argus.model.trace import Trace, TraceStep

__all__ = ["NumericValue"]

_METRIC = "numeric_value"
_STEPS: Final = 500
"""Steps of a run whose input is searched for figures, at most."""

_SURE: Final = 0.9
_LIKELY: Final = 0.8


class NumericValue(BaseDetector):
    """A number is out of its learned range, has the wrong sign, or is not what other numbers make it.

    Finds:
        Numbers anywhere in an update, under their path.

    Why it matters:
        A price in cents, a share in percent, a lost decimal point or a sign in the wrong place is still a number. No
        type and no validator minds, and everything calculated from it is wrong.

    How it decides:
        By what earlier healthy runs had under the same path of the same node, in this order:

        - *Relations.* It was the sum of a list, the product or the difference of two numbers, the length of a list or
          equal to another number in every run, and coincidence does not explain that. If it no longer is, it is wrong;
          if it still is, it is right, whatever its size.
        - *Copies.* A figure that the node was given, as a number or in a text, is right. Where all numbers were such
          figures, one that has the digits of a given figure but another sign or a displaced point was misread.
        - *Bounds.* It lies beyond 1 or 100 where fractions reached up to exactly that.
        - *Size.* As in STA101 the logarithm of the absolute value is compared in units of scatter, more of them with
          few samples. It must differ from the median at least 8 times and lie outside everything seen by more than
          heavy tails explain. It is right if it stands at its usual ratio to another number of the step, or if
          something before it was unusual nearly as much: a large order has a large total.
        - *Sign.* No number had this sign, of 8 at least, though it is as large as they were; a name that speaks of a
          balance, a difference, a temperature needs more.
        - *Fractions.* It has a fraction where integers, and nothing else, were seen in 8 runs.
        - *Ratios.* All its steady ratios to other numbers of the step are off by 5 times or more.

        All are warnings.

    When it is wrong:
        When what was fetched from outside is of a size that nobody has met before.

    Settings:
        ``detection.statistical.z_threshold`` (deviations, default 2.5), ``.min_samples`` (runs, default 5). It is
        always on: ``.metrics`` does not list it.

    References:
        Relations are mined as in M. Ernst et al., "Dynamically discovering likely program invariants to support program
        evolution", 2001.
    """

    code = "STA106"
    name = "numeric_value"
    layer = "statistical"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds numbers that are not what they must be.

        Args:
            trace: The run.
            context: ``history`` and the ``statistical`` settings are used.
        """
        if context.history is None:
            return []
        grounds = Grounds.of(trace, context)
        found = [
            self._broken(bond)
            for bond in Bonds.of(trace, context).broken
            if not bond.is_about_sizes and not (bond.counts and grounds.something_is_gone(bond.step))
        ]
        broken = {(one.step_id, one.field) for one in found}
        comparison = _Comparison(trace, context)
        for reading in readings_of(trace, context):
            value = reading.value
            if isinstance(value, (int, float)) and (reading.step.id, reading.path) not in broken:
                number = finite(value)
                said = comparison.complaint(reading, number) if number else None
                if said is not None:
                    found.append(self._odd(reading, value, said))
        return found

    def _odd(self, reading: Reading, value: float, said: tuple[str, float]) -> Detection:
        known = reading.known.numbers if reading.known is not None else None
        what, confidence = said
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{reading.spot}` of `{reading.step.node_name}` is {shown(value)}, {what}",
            step_id=reading.step.id,
            field=reading.spot,
            confidence=confidence,
            details={
                "metric": _METRIC,
                "value": value,
                "median": known.median if known else None,
                "smallest": known.minimum if known else None,
                "largest": known.maximum if known else None,
                "samples": known.count if known else 0,
            },
            evidence=(Evidence(step_id=reading.step.id, field=reading.spot, note=what, value=value),),
        )

    def _broken(self, bond: BrokenBond) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=bond.message,
            step_id=bond.step.id,
            field=bond.field,
            confidence=bond.confidence,
            details={"metric": _METRIC, "value": bond.value, "relation": str(bond.relation)},
            evidence=bond.evidence,
        )


class _Comparison:
    """The numbers of a run against what is known."""

    def __init__(self, trace: Trace, context: DetectorContext) -> None:
        self._settings = context.settings.statistical
        self._profile = context.history.profile() if context.history is not None else Profile()
        self._bonds = Bonds.of(trace, context)
        self._grounds = Grounds.of(trace, context)
        self._baselines: dict[tuple[str, str], Baseline | None] = {}
        self._figures: dict[str, frozenset[float]] = {}
        self._ratios = RunRatios.of(context)

    def complaint(self, reading: Reading, value: float) -> tuple[str, float] | None:
        """What is wrong with a number, and how sure that is; None when nothing is.

        Args:
            reading: Where it stands.
            value: The number, not zero.
        """
        known = reading.known
        if known is None or known.numbers is None or self._profile.runs < self._settings.min_samples:
            return None
        if (reading.step.id, reading.path) in self._bonds.kept:
            return self._turned(reading, value, known, known.numbers)
        misread = self._misread(reading, value)
        if misread is not None:
            return f"while the input has {shown(misread)}, and earlier numbers were always taken from it", _SURE
        bound = bound_passed(value, known.numbers)
        if bound is not None:
            return bound, _SURE
        return self._unusual(reading, value, known, known.numbers)

    def _unusual(
        self, reading: Reading, value: float, known: FieldProfile, numbers: Spread
    ) -> tuple[str, float] | None:
        earlier, threshold = self._baseline(reading, known), self._settings.z_threshold
        if earlier is None or not self._may_tell(reading, value):
            return None
        verdict = self._ratios.verdict(reading, earlier)
        size = odd_size(value, earlier, numbers, threshold)
        if size is not None:
            distance = math.log(abs(value) / earlier.median)
            explained = verdict == "steady" or self._grounds.explain(reading.step, "number", distance)
            return None if explained else (size, _LIKELY)
        if has_odd_sign(value, reading.path.rpartition(".")[2], earlier, numbers, threshold):
            return f"though earlier runs had {shown(numbers.minimum)} to {shown(numbers.maximum)}", _LIKELY
        if not (numbers.negatives if value < 0 else numbers.count - numbers.negatives):
            return None
        if has_odd_fraction(value, known):
            return "though earlier runs had integers only", _LIKELY
        if isinstance(verdict, Skew) and is_telling(value):
            explained = not verdict.is_even and self._grounds.explain(reading.step, "number", verdict.distance)
            return None if explained else (str(verdict), _LIKELY)
        return None

    def _turned(self, reading: Reading, value: float, known: FieldProfile, numbers: Spread) -> tuple[str, float] | None:
        """What is wrong with a number that is what others make it: only a sign that no difference explains."""
        earlier = self._baseline(reading, known)
        if earlier is None or abs(value) <= earlier.largest:
            return None
        name, threshold = reading.path.rpartition(".")[2], self._settings.z_threshold
        if not has_odd_sign(value, name, earlier, numbers, threshold):
            return None
        return f"though earlier runs had {shown(numbers.minimum)} to {shown(numbers.maximum)}", _LIKELY

    def _may_tell(self, reading: Reading, value: float) -> bool:
        """Whether a number is not simply one that the node was given; small ones stand everywhere by chance."""
        return not is_telling(value) or value not in self._given(reading.step)

    def _misread(self, reading: Reading, value: float) -> float | None:
        node = self._profile.node(reading.place)
        tie = node.ties.get(reading.path) if node is not None else None
        if tie is None or not 0 < tie.numbers == tie.stated:
            return None
        figures = self._given(reading.step)
        return None if value in figures else misread_figure(value, figures)

    def _given(self, step: TraceStep) -> frozenset[float]:
        known = self._figures.get(step.id)
        if known is None:
            few = len(self._figures) < _STEPS
            known = self._figures[step.id] = figures_in(step.input_state) if few else frozenset()
        return known

    def _baseline(self, reading: Reading, known: FieldProfile) -> Baseline | None:
        series = (reading.place, reading.path)
        if series not in self._baselines:
            self._baselines[series] = baseline_of_spread(known.numbers, self._settings.min_samples, known.runs)
        return self._baselines[series]
