"""A list with far fewer, or far more, items than it used to have."""

from __future__ import annotations

import math
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.statistical.bonds import Bonds, BrokenBond
from argus.detectors.statistical.deviation import MANY, Baseline, baseline_of_spread
from argus.detectors.statistical.grounds import Grounds
from argus.detectors.statistical.readings import Reading, readings_of
from argus.detectors.statistical.steadiness import RunRatios, Skew
from argus.detectors.wording import sifts
from argus.model.detection import Detection, Evidence
from argus.model.profile import FieldProfile
from argus.model.trace import Trace, TraceStep

__all__ = ["ListSize"]

_METRIC = "list_size"
_TIMES_FEWER: Final = 3.0
_TIMES_FEWER_SIFTED: Final = 8.0
_FEWER: Final = 2
_TIMES_MORE: Final = 8.0
_MORE: Final = 10


class ListSize(BaseDetector):
    """A list has far fewer or more items than in earlier healthy runs, or no longer as many as it must.

    Finds:
        Lists anywhere in an update, under the path of the list.

    Why it matters:
        Whoever works on the list takes what is there: one document instead of five, the first page of sixty rows. The
        result looks whole.

    How it decides:
        Two ways. By itself: as in STA101 the logarithm of the number of items is compared with that of earlier lists
        in units of their scatter. Too few are at most a third of the median, two less than it and fewer than ever; too
        many are at least 8 times the median, 10 more than it, and more than ever by more than heavy tails explain. By
        what it belongs to: in every earlier run the list had as many items as another one, or as a number said, and
        coincidence does not explain that; or its share of a list that the node was given is a third or less of what it
        was, an eighth for nodes that filter by name. A long list is right if what it is made from is long. Empty lists
        are left to STR403. All are warnings.

    When it is wrong:
        When a search finds a single document for the first time.

    Settings:
        ``detection.statistical.check_sizes`` (default true), ``.z_threshold`` (default 2.5), ``.min_samples`` (runs,
        default 5).

    References:
        Relations are mined as in M. Ernst et al., "Dynamically discovering likely program invariants to support program
        evolution", 2001.
    """

    code = "STA107"
    name = "list_size"
    layer = "statistical"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds lists of an unusual size.

        Args:
            trace: The run.
            context: ``history`` and the ``statistical`` settings are used.
        """
        if context.history is None or not context.settings.statistical.check_sizes:
            return []
        settings, grounds, ratios = context.settings.statistical, Grounds.of(trace, context), RunRatios.of(context)
        found: list[Detection] = []
        for reading in readings_of(trace, context):
            known = reading.known
            if known is None or not isinstance(reading.value, (list, tuple)) or not reading.size:
                continue
            if set(known.types) - {"list", "null"}:
                continue  # the sizes are those of objects too
            earlier = baseline_of_spread(known.sizes, settings.min_samples, known.runs)
            if earlier is None:
                continue
            skew = ratios.verdict(reading, earlier)
            if _is_odd(reading.size, earlier, known, settings.z_threshold) and skew != "steady":
                distance = math.log(reading.size / earlier.median)
            elif isinstance(skew, Skew) and _lost_items(reading.step, skew):
                distance = skew.distance
            else:
                continue
            if not grounds.explain(reading.step, "size", distance):
                found.append(self._finding(reading, earlier, skew if isinstance(skew, Skew) else None))
        odd = {(one.step_id, one.field) for one in found}
        found += (
            self._broken(bond)
            for bond in Bonds.of(trace, context).broken
            if bond.is_about_sizes
            and (bond.step.id, bond.field) not in odd
            and not grounds.something_is_gone(bond.step)
        )
        return found

    def _finding(self, reading: Reading, earlier: Baseline, skew: Skew | None) -> Detection:
        step, size, usual = reading.step, reading.size, earlier.median
        items = f"{size:,} items" if size != 1 else "1 item"
        span = f"{earlier.smallest:,.0f} to {earlier.largest:,.0f}"
        if earlier.smallest == earlier.largest:
            span = f"always {earlier.largest:,.0f}"
        said = f", {skew}" if skew else f"; in earlier runs {span}"
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{reading.spot}` of `{step.node_name}` has {items}{said}",
            step_id=step.id,
            field=reading.spot,
            confidence=0.8 if size < usual else 0.7,
            details={
                "metric": _METRIC,
                "value": size,
                "median": round(usual, 1),
                "z": round(earlier.z(size), 2),
                "samples": earlier.count,
            },
            evidence=(Evidence(step_id=step.id, field=reading.spot, note=items, value=size),),
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
            details={"metric": _METRIC, "relation": str(bond.relation), "runs": bond.relation.runs},
            evidence=bond.evidence,
        )


def _lost_items(step: TraceStep, skew: Skew) -> bool:
    """Whether a list is too short for what it was made from; to leave things out is the very task of some nodes."""
    times = _TIMES_FEWER_SIFTED if sifts(step.node_name) else 1.0
    return skew.other.startswith("<") and skew.distance < -math.log(times)


def _is_odd(size: int, earlier: Baseline, known: FieldProfile, threshold: float) -> bool:
    usual = earlier.median
    if size < usual:
        if known.blank or known.runs < MANY:
            return False  # it may be empty, so it may be small
        return usual - size >= _FEWER and earlier.is_below(size, threshold, _TIMES_FEWER)
    return size - usual >= _MORE and earlier.is_above(size, threshold, _TIMES_MORE)
