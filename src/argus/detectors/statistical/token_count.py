"""A step whose model calls used far more, or far fewer, tokens than they used to."""

from __future__ import annotations

from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.statistical.deviation import Baseline, baseline_of
from argus.model.detection import Detection, Evidence
from argus.model.metrics import token_count
from argus.model.trace import Trace, TraceStep

__all__ = ["TokenCount"]

_METRIC = "token_count"
_MORE: Final = 8.0
_MORE_TOKENS: Final = 500
_FEWER: Final = 10.0
_USUAL_TOKENS: Final = 100


class TokenCount(BaseDetector):
    """A node's tokens are far from its tokens in earlier healthy runs.

    Finds:
        For each node the step with the most and the one with the fewest tokens, when that is out of the ordinary.

    Why it matters:
        Many times the tokens are a prompt that swallowed a whole table or a conversation that is sent again and again,
        and a bill; next to none are a prompt from which the context was lost, or a model that broke off.

    How it decides:
        Tokens are those that the provider told, all calls of a step together; where it told nothing, nothing is said.
        As in STA101 the logarithm is compared with the node's earlier steps in units of their scatter, more of them
        with few samples. Too many are at least 8 times the median, 500 tokens more than it and well beyond any earlier
        step; too few are at most a tenth of a median of at least 100 tokens, and less than in any earlier step. Both
        are warnings.

    When it is wrong:
        When someone asks for something much larger than anyone did before.

    Settings:
        ``detection.statistical.z_threshold`` (deviations, default 2.5), ``.min_samples`` (steps, default 5),
        ``.metrics`` (must hold ``token_count``).

    References:
        The median absolute deviation times 1.4826 estimates a normal standard deviation and withstands outliers
        (F. Hampel, "The influence curve and its role in robust estimation", 1974).
    """

    code = "STA103"
    name = "token_count"
    layer = "statistical"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds steps with too many or too few tokens.

        Args:
            trace: The run.
            context: ``history`` and the ``statistical`` settings are used.
        """
        settings, history = context.settings.statistical, context.history
        if history is None or _METRIC not in settings.metrics:
            return []
        by_node: dict[str, dict[int, TraceStep]] = {}
        for step in trace.steps:
            tokens = token_count(step.token_usage) if step.outcome == "ok" else None
            if tokens:
                by_node.setdefault(step.node_name, {}).setdefault(tokens, step)
        found: list[Detection] = []
        for node, counts in by_node.items():
            earlier = baseline_of(history.samples(_METRIC, node), settings.min_samples)
            if earlier is None:
                continue
            most, fewest = max(counts), min(counts)
            if most - earlier.median >= _MORE_TOKENS and earlier.is_above(most, settings.z_threshold, _MORE):
                found.append(self._finding(counts[most], most, earlier, "more"))
            if earlier.median >= _USUAL_TOKENS and earlier.is_below(fewest, settings.z_threshold, _FEWER):
                found.append(self._finding(counts[fewest], fewest, earlier, "fewer"))
        return found

    def _finding(self, step: TraceStep, tokens: int, earlier: Baseline, how: str) -> Detection:
        usual = round(earlier.median)
        times = tokens / earlier.median if how == "more" else earlier.median / tokens
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` used {tokens:,} tokens, {times:.0f} times {how} than usual ({usual:,})",
            step_id=step.id,
            confidence=0.8,
            details={
                "metric": _METRIC,
                "value": tokens,
                "median": round(earlier.median, 1),
                "z": round(earlier.z(tokens), 2),
                "samples": earlier.count,
            },
            evidence=(Evidence(step_id=step.id, note=f"{tokens:,} tokens", value=tokens),),
        )
