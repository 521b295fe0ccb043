"""Found or missed, blamed or not, false alarm or silence: compares watched runs with the ground truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.faults.records import FaultCase
from bench.faults.watching import Finding, Watched

TIMING_KINDS = {"slow_node", "fast_node"}
LAYERS = {"STR": "structural", "SIG": "signature", "BEH": "behavioral", "STA": "statistical", "SEM": "semantic"}


@dataclass
class Verdict:
    """What became of one fault."""

    case: FaultCase
    part: str
    history: int
    true_findings: list[Finding]
    stray_findings: list[Finding]
    """New findings that the fault cannot have caused."""
    blamed: str | None
    raised: bool
    crash_site: str | None
    distance: int | None
    """Steps from the culprit to the place of the first true finding."""

    @property
    def found(self) -> bool:
        return bool(self.true_findings)

    @property
    def blame_is_right(self) -> bool:
        return self.found and self.blamed in (self.case.node, *self.case.also)

    @property
    def crash_site_is_right(self) -> bool:
        return self.raised and self.crash_site in (self.case.node, *self.case.also)


def judge(case: FaultCase, faulty: Watched, twin: Watched) -> Verdict:
    """Compares a faulty run with the healthy run on the same input and with the same history."""
    known = {found.key for found in twin.findings if found.counts}
    fresh = [found for found in faulty.findings if found.counts and found.key not in known]
    began = _began(case, faulty)
    true = [found for found in fresh if _may_be_caused(case, found, began)]
    turn = min((found.turn for found in true), default=None)
    return Verdict(
        case=case,
        part=faulty.part,
        history=faulty.history,
        true_findings=true,
        stray_findings=[found for found in fresh if found not in true],
        blamed=faulty.roots[turn] if turn is not None and turn < len(faulty.roots) else None,
        raised=faulty.error is not None,
        crash_site=faulty.error_node,
        distance=_distance(case, faulty, true),
    )


def _began(case: FaultCase, run: Watched) -> tuple[int, int]:
    """The turn and superstep in which the culprit first ran; the very beginning if it is not seen to have run."""
    for turn, steps in enumerate(run.nodes):
        for node, superstep in steps:
            if node == case.node:
                return turn, superstep
    return 0, 0


def _may_be_caused(case: FaultCase, found: Finding, began: tuple[int, int]) -> bool:
    if found.metric == "execution_time" and case.kind not in TIMING_KINDS and found.node != case.node:
        return False  # a busy machine, not the fault
    if case.node in found.encloses:
        return True  # the entrypoint or outer node in which the culprit ran
    if case.where:
        return found.turn >= began[0]  # supersteps of inner and outer graphs count separately
    return (found.turn, found.superstep) >= began or found.step == 10**6


def _distance(case: FaultCase, run: Watched, true: Sequence[Finding]) -> int | None:
    if not true:
        return None
    first = min(true, key=lambda found: (found.turn, found.step))
    steps = run.nodes[first.turn] if first.turn < len(run.nodes) else []
    at = [number for number, (node, _) in enumerate(steps, start=1) if node == case.node]
    return max(0, first.step - at[0]) if at and first.step < 10**6 else None


@dataclass
class DetectorScore:
    """How one detector did."""

    code: str
    true: int = 0
    false: int = 0
    alone: int = 0
    layer_cases: int = 0

    @property
    def must_be_mild(self) -> bool:
        """Whether it is wrong too often to warn: below 0.9 over at least 20 firings."""
        return self.true + self.false >= 20 and (self.precision or 0.0) < 0.9

    @property
    def precision(self) -> float | None:
        return self.true / (self.true + self.false) if self.true + self.false else None

    @property
    def recall(self) -> float | None:
        return self.true_in_layer / self.layer_cases if self.layer_cases else None

    true_in_layer: int = 0


@dataclass
class Score:
    """Everything that is printed about one part with one history."""

    verdicts: list[Verdict] = field(default_factory=list)
    healthy: list[Watched] = field(default_factory=list)

    @property
    def found(self) -> int:
        return sum(verdict.found for verdict in self.verdicts)

    @property
    def blamed(self) -> int:
        return sum(verdict.blame_is_right for verdict in self.verdicts)

    @property
    def visible(self) -> list[Verdict]:
        """The faults that can be seen without history."""
        return [verdict for verdict in self.verdicts if not verdict.case.needs_history]

    @property
    def raised(self) -> int:
        return sum(verdict.raised for verdict in self.verdicts)

    @property
    def false_alarms(self) -> list[Watched]:
        return [run for run in self.healthy if any(found.counts for found in run.findings)]

    def by_kind(self) -> dict[str, list[Verdict]]:
        return _grouped((verdict.case.kind, verdict) for verdict in self.verdicts)

    def by_layer(self) -> dict[str, list[Verdict]]:
        return _grouped((verdict.case.layer, verdict) for verdict in self.verdicts)

    def by_graph(self) -> dict[str, list[Verdict]]:
        return _grouped((verdict.case.graph, verdict) for verdict in self.verdicts)

    def by_detector(self) -> list[DetectorScore]:
        scores: dict[str, DetectorScore] = {}
        layers = Counter(verdict.case.layer for verdict in self.verdicts)

        def of(code: str) -> DetectorScore:
            known = scores.setdefault(code, DetectorScore(code))
            known.layer_cases = layers[LAYERS.get(code[:3], "")]
            return known

        for verdict in self.verdicts:
            codes = {found.code for found in verdict.true_findings}
            for code in codes:
                of(code).true += 1
                of(code).alone += codes == {code}
                of(code).true_in_layer += LAYERS.get(code[:3]) == verdict.case.layer
            for code in {found.code for found in verdict.stray_findings}:
                of(code).false += 1
        for run in self.healthy:
            for code in {found.code for found in run.findings if found.counts}:
                of(code).false += 1
        return sorted(scores.values(), key=lambda score: score.code)


def _grouped(pairs: Iterable[tuple[str, Verdict]]) -> dict[str, list[Verdict]]:
    grouped: dict[str, list[Verdict]] = defaultdict(list)
    for key, verdict in pairs:
        grouped[key].append(verdict)
    return dict(sorted(grouped.items()))
