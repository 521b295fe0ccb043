"""A number that is not what it must be: the wrong size, the wrong sign, a fraction, at odds with what it is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.statistical.bonds import Bonds, BrokenBond
from argus.detectors.statistical.deviation import Baseline, baseline_of_spread
from argus.detectors.statistical.grounds import Grounds
from argus.detectors.statistical.misreading import misread_figure
from argus.detectors.statistical.number_range import (
    bound_passed,
    has_odd_fraction,
    odd_sign,
    odd_size,
    shown,
    was_seen,
)
from argus.detectors.statistical.number_series import Figure, NumberSeries, Series
from argus.detectors.statistical.readings import Reading, readings_of
from argus.detectors.statistical.steadiness import RunRatios, Skew
from argus.learning.figures import figures_in, is_telling
from argus.model.detection import Detection, Evidence
from argus.model.profile import NodeProfile, Profile
from argus.model.ties import Tie
from argus.model.trace import Trace, TraceStep

__all__ = ["NumericValue"]

_METRIC = "numeric_value"
_STEPS: Final = 500
"""Steps of a run whose input is searched for figures, at most."""

_SURE: Final = 0.9
_LIKELY: Final = 0.8


class Complaint(NamedTuple):
    """What is wrong with a number.

    Attributes:
        figure: The number.
        what: As the end of a sentence.
        confidence: How sure that is.
    """

    figure: Figure
    what: str
    confidence: float


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
        ``detection.statistical.check_numbers`` (default true), ``.z_threshold`` (default 2.5), ``.min_samples`` (runs,
        default 5).

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
        if context.history is None or not context.settings.statistical.check_numbers:
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
            if (reading.step.id, reading.path) not in broken:
                found += (self._odd(reading, complaint) for complaint in comparison.complaints(reading))
        return found

    def _odd(self, reading: Reading, complaint: Complaint) -> Detection:
        figure, step = complaint.figure, reading.step
        spread = figure.series.spread
        number = f"says {shown(figure.value)}" if figure.in_text else f"is {shown(figure.value)}"
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{reading.spot}` of `{step.node_name}` {number}, {complaint.what}",
            step_id=step.id,
            field=reading.spot,
            confidence=complaint.confidence,
            details={
                "metric": _METRIC,
                "value": figure.value,
                "median": spread.median,
                "smallest": spread.minimum,
                "largest": spread.maximum,
                "samples": spread.count,
            },
            evidence=(Evidence(step_id=step.id, field=reading.spot, note=complaint.what, value=figure.value),),
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
        self._ratios = RunRatios.of(context)
        self._series: dict[str, NumberSeries] = {}
        self._baselines: dict[tuple[str, str], Baseline | None] = {}
        self._given: dict[str, frozenset[float]] = {}

    def complaints(self, reading: Reading) -> Iterator[Complaint]:
        """What is wrong with the numbers of a reading.

        Args:
            reading: A number or a text.
        """
        node = self._profile.node(reading.place)
        if node is None or self._profile.runs < self._settings.min_samples:
            return
        series = self._series.get(reading.place)
        if series is None:
            series = self._series[reading.place] = NumberSeries(node, self._settings.min_samples)
        for figure in series.figures(reading):
            if (reading.step.id, reading.path) in self._bonds.kept:
                said = self._turned(reading, figure)
            else:
                said = self._misread(reading, figure, node) or self._unusual(reading, figure)
            if said is not None:
                yield said

    def _misread(self, reading: Reading, figure: Figure, node: NodeProfile) -> Complaint | None:
        tie = node.ties.get(reading.path)
        if figure.in_text or tie is None or not 0 < tie.numbers == tie.stated:
            return None
        figures = self._figures_given(reading.step)
        misread = None if figure.value in figures else misread_figure(figure.value, figures)
        if misread is None:
            return None
        what = f"while the input has {shown(misread)}, and earlier numbers were always taken from it"
        return Complaint(figure, what, _SURE)

    def _unusual(self, reading: Reading, figure: Figure) -> Complaint | None:
        value, series, threshold = figure.value, figure.series, self._settings.z_threshold
        bound = bound_passed(value, series.spread)
        if bound is not None:
            return Complaint(figure, bound, _SURE)
        if is_telling(value) and self._looks_odd(reading, figure) and value in self._figures_given(reading.step):
            return None
        earlier = self._baseline(reading, series)
        verdict = self._ratios.verdict(reading, earlier) if earlier is not None and not figure.in_text else None
        size = odd_size(value, earlier, series.spread, threshold) if earlier is not None else None
        if size is not None and earlier is not None:
            distance = math.log(abs(value) / earlier.median)
            explained = verdict == "steady" or self._grounds.explain(reading.step, "number", distance)
            return None if explained else Complaint(figure, size, _LIKELY)
        sign = odd_sign(value, _name_of(reading), series.spread, threshold) if self._is_known(series) else None
        if sign is not None:
            return Complaint(figure, sign, _LIKELY)
        if not was_seen(value, series.spread):
            return None
        if has_odd_fraction(value, series) and not figure.in_text:
            return Complaint(figure, "though earlier runs had integers only", _LIKELY)
        if isinstance(verdict, Skew) and is_telling(value):
            explained = not verdict.is_even and self._grounds.explain(reading.step, "number", verdict.distance)
            return None if explained else Complaint(figure, str(verdict), _LIKELY)
        return None

    def _looks_odd(self, reading: Reading, figure: Figure) -> bool:
        """Whether a number lies outside of what was seen, so that it is worth a look at what its node was given."""
        spread = figure.series.spread
        return not spread.minimum <= figure.value <= spread.maximum or reading.path in self._tied(reading.place)

    def _tied(self, place: str) -> Mapping[str, Tie]:
        node = self._profile.node(place)
        return node.ties if node is not None else {}

    def _turned(self, reading: Reading, figure: Figure) -> Complaint | None:
        """What is wrong with a number that is what others make it: only a sign that no difference explains."""
        spread = figure.series.spread
        if abs(figure.value) <= max(abs(spread.minimum), abs(spread.maximum)) or not self._is_known(figure.series):
            return None
        sign = odd_sign(figure.value, _name_of(reading), spread, self._settings.z_threshold)
        return None if sign is None else Complaint(figure, sign, _LIKELY)

    def _figures_given(self, step: TraceStep) -> frozenset[float]:
        known = self._given.get(step.id)
        if known is None:
            few = len(self._given) < _STEPS
            known = self._given[step.id] = figures_in(step.input_state) if few else frozenset()
        return known

    def _is_known(self, series: Series) -> bool:
        return series.runs >= self._settings.min_samples

    def _baseline(self, reading: Reading, series: Series) -> Baseline | None:
        key = (reading.place, series.name)
        if key not in self._baselines:
            self._baselines[key] = baseline_of_spread(series.spread, self._settings.min_samples, series.runs)
        return self._baselines[key]


def _name_of(reading: Reading) -> str:
    return reading.path.rpartition(".")[2]
