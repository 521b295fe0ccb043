"""A step that returned far less, or far more, text than it used to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from argus.config.settings import StatisticalSettings
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.statistical.deviation import MANY, Baseline, baseline_of, baseline_of_spread
from argus.detectors.statistical.grounds import Grounds, was_given
from argus.detectors.statistical.readings import Reading, readings_of
from argus.detectors.statistical.steadiness import RunRatios, Skew
from argus.detectors.wording import is_named
from argus.learning.executions import places_of
from argus.model.detection import Detection, Evidence
from argus.model.metrics import output_length
from argus.model.ports import History
from argus.model.trace import Trace, TraceStep

__all__ = ["OutputLength"]

_METRIC = "output_length"
_TIMES: Final = 10.0
_TIMES_OF_A_TEXT: Final = 6.0
"""For one text of an update, which varies less than an update as a whole."""

_TIMES_OF_WHAT_IS_FETCHED: Final = 20.0
"""For a text from the outside world, where there are short ones."""

_NOTHING: Final = ("", "[]", "{}", "null", '""', "None")
"""Texts that say in a program's words that there is nothing; STR403 judges those."""

_USUAL: Final = 40
_LESS: Final = 40
_MORE: Final = 1000


class OutputLength(BaseDetector):
    """A node's output is far shorter or longer than in earlier healthy runs.

    Finds:
        Texts within an update, and updates as a whole, whose length is out of the ordinary.

    Why it matters:
        A report that shrinks to its first sentence is still a text, and every check of types and presence lets it pass;
        one that grows tenfold repeats itself or carries something that does not belong there.

    How it decides:
        Characters are counted: of each text under its path, and of the JSON of the update where texts are not known
        one by one. As in STA101 the logarithm is compared with earlier lengths in units of their scatter, more of them
        with few samples. A text is too short below a sixth of the median (a tenth with fewer than 8 samples, a
        twentieth at nodes that fetch by name), too long beyond 10 times; an update below a tenth or beyond 10 times. It
        must also be shorter than any before, by 40 characters than a median of at least 40, or longer than any before
        by more than heavy tails explain, and by 1,000 characters; or it is five times shorter for what the node was
        given. It is right if it stands at its usual ratio to that, if it stands in it word for word, or if something
        before it was unusual nearly as much. Empty texts and updates are left to STR403. All are warnings.

    When it is wrong:
        When a node that wrote at length is asked something for the first time that deserves a short answer.

    Settings:
        ``detection.statistical.z_threshold`` (deviations, default 2.5), ``.min_samples`` (default 5), ``.metrics``
        (must hold ``output_length``).

    References:
        The median absolute deviation times 1.4826 estimates a normal standard deviation and withstands outliers
        (F. Hampel, "The influence curve and its role in robust estimation", 1974).
    """

    code = "STA102"
    name = "output_length"
    layer = "statistical"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds texts and updates that are too short or too long.

        Args:
            trace: The run.
            context: ``history`` and the ``statistical`` settings are used.
        """
        settings, history = context.settings.statistical, context.history
        if history is None or _METRIC not in settings.metrics:
            return []
        grounds = Grounds.of(trace, context)
        ratios = RunRatios.of(context)
        found: list[Detection] = []
        for reading, earlier in _texts(trace, context):
            if reading.value.strip() in _NOTHING:
                continue
            distance = math.log(reading.size / earlier.median)
            skew = ratios.verdict(reading, earlier)
            if isinstance(skew, Skew) and skew.distance < 0 and skew.other.startswith("<"):
                distance = min(distance, skew.distance)
            elif not _is_odd(reading.size, earlier, settings, _times_of(reading)) or skew == "steady":
                continue
            if not grounds.explain(reading.step, "length", distance) and not was_given(reading.value, reading.step):
                found.append(self._finding(reading.step, reading.spot, reading.size, earlier))
        found += (
            self._finding(step, None, length, earlier)
            for step, length, earlier in _updates(trace, history, settings.min_samples)
            if _is_odd(length, earlier, settings, _TIMES)
            and not grounds.explain(step, "length", math.log(length / earlier.median))
        )
        return found

    def _finding(self, step: TraceStep, field: str | None, length: int, earlier: Baseline) -> Detection:
        usual = earlier.median
        is_shorter = length < usual
        times = usual / length if is_shorter else length / usual
        what = f"`{field}` of `{step.node_name}`" if field else f"What `{step.node_name}` returned"
        characters = f"{length:,} characters" if length != 1 else "1 character"
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=(
                f"{what} has {characters}, {times:.0f} times {'fewer' if is_shorter else 'more'} than usual "
                f"({usual:,.0f})"
            ),
            step_id=step.id,
            field=field,
            confidence=0.8,
            details={
                "metric": _METRIC,
                "value": length,
                "median": round(usual, 1),
                "z": round(earlier.z(length), 2),
                "samples": earlier.count,
            },
            evidence=(Evidence(step_id=step.id, field=field, note=characters, value=length),),
        )


def _texts(trace: Trace, context: DetectorContext) -> Iterator[tuple[Reading, Baseline]]:
    least = context.settings.statistical.min_samples
    baselines: dict[tuple[str, str], Baseline | None] = {}
    for reading in readings_of(trace, context):
        if isinstance(reading.value, str) and reading.known is not None:
            series = (reading.place, reading.path)
            if series not in baselines:
                texts = baseline_of_spread(reading.known.lengths, least, reading.known.runs)
                baselines[series] = texts
            earlier = baselines[series]
            if earlier is not None:
                yield reading, earlier


def _times_of(reading: Reading) -> float:
    return _TIMES_OF_WHAT_IS_FETCHED if is_named("fetching_nodes", reading.step.node_name) else _TIMES_OF_A_TEXT


def _updates(trace: Trace, history: History, least: int) -> Iterator[tuple[TraceStep, int, Baseline]]:
    baselines: dict[str, Baseline | None] = {}
    profile, places = history.profile(), places_of(trace)
    for step in trace.steps:
        if profile.node(places[step.id]) is not None:
            continue  # its texts are known one by one
        length = output_length(step.output_state) if step.outcome == "ok" else None
        if length:
            if step.node_name not in baselines:
                baselines[step.node_name] = baseline_of(history.samples(_METRIC, step.node_name), least)
            earlier = baselines[step.node_name]
            if earlier is not None:
                yield step, length, earlier


def _is_odd(length: int, earlier: Baseline, settings: StatisticalSettings, times: float) -> bool:
    usual, threshold = earlier.median, settings.z_threshold
    if length < usual:
        fewer = times if earlier.count >= MANY else max(times, _TIMES)
        return usual >= _USUAL and usual - length >= _LESS and earlier.is_below(length, threshold, fewer)
    return length - usual >= _MORE and earlier.is_above(length, threshold, _TIMES)
