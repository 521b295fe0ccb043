from __future__ import annotations

from scenarios.kit import build_trace, fires, ran, silent

from argus.model.trace import TokenUsage

WHERE = "statistical/token_count"

USUAL = {"token_count": {"answer": [820.0, 910.0, 770.0, 1010.0, 860.0, 890.0, 940.0, 800.0]}}


def used(tokens: int | None, **changes: object) -> object:
    usage = TokenUsage(total_tokens=tokens) if tokens is not None else None
    return build_trace(ran("answer", {"text": "It is oak."}, token_usage=usage, **changes))


fires(WHERE, "flood", "fifty times the tokens", used(45_000), "STA103 warning answer#1 -", history=USUAL)
silent(WHERE, "flood_mended", "twice the tokens", used(1800), history=USUAL)
fires(WHERE, "drought", "the context was lost", used(30), "STA103 warning answer#1 -", history=USUAL)
fires(
    WHERE,
    "three_are_enough",
    "three runs are enough where three are asked for",
    used(45_000),
    "STA103 warning answer#1 -",
    history={"token_count": {"answer": [820.0, 910.0, 770.0]}},
    settings={"statistical": {"min_samples": 3}},
)
silent(
    WHERE,
    "too_few_samples",
    "three runs are not enough by default",
    used(45_000),
    history={"token_count": {"answer": [820.0, 910.0, 770.0]}},
)
silent(
    WHERE,
    "metric_left_out",
    "the metric is not compared",
    used(45_000),
    history=USUAL,
    settings={"statistical": {"metrics": ["execution_time"]}},
)
silent(
    WHERE,
    "threshold_raised",
    "the same under a wider threshold",
    used(45_000),
    history=USUAL,
    settings={"statistical": {"z_threshold": 40.0}},
)
silent(WHERE, "nothing_told", "the provider told nothing", used(None), history=USUAL)
silent(
    WHERE,
    "few_tokens",
    "forty times more, and still next to nothing",
    used(400),
    history={"token_count": {"answer": [10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 9.0, 11.0]}},
)
silent(
    WHERE,
    "long_talks_before",
    "some conversations always were long",
    used(45_000),
    history={"token_count": {"answer": [820.0, 910.0, 770.0, 30_000.0, 860.0, 22_000.0, 940.0, 800.0]}},
)
