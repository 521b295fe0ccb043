from __future__ import annotations

from scenarios.kit import build_trace, fires, ran, silent

WHERE = "statistical/execution_time"

USUAL = {"execution_time": {"search": [210.0, 190.0, 205.0, 230.0, 180.0, 199.0], "write": [3.1, 2.9, 3.0, 3.3, 2.8]}}


def took(search: float, write: float = 3.0, **changes: object) -> object:
    return build_trace(
        ran("search", {"hits": [1]}, duration_ms=search, **changes), ran("write", {"text": "ok"}, duration_ms=write)
    )


fires(WHERE, "spike", "ten times slower", took(3100), "STA101 warning search#1 -", history=USUAL)
silent(WHERE, "spike_mended", "a little slower than ever, as times are", took(260), history=USUAL)
fires(WHERE, "drop", "two hundred times quicker", took(1), "STA101 warning search#1 -", history=USUAL)
fires(
    WHERE,
    "fewer_samples_allowed",
    "four runs are enough where four are asked for",
    took(3100),
    "STA101 warning search#1 -",
    history={"execution_time": {"search": [210.0, 190.0, 205.0, 230.0]}},
    settings={"statistical": {"min_samples": 4}},
)
silent(
    WHERE,
    "too_few_samples",
    "four runs are not enough by default",
    took(3100),
    history={"execution_time": {"search": [210.0, 190.0, 205.0, 230.0]}},
)
silent(
    WHERE,
    "threshold_raised",
    "the same spike under a wider threshold",
    took(3100),
    history=USUAL,
    settings={"statistical": {"z_threshold": 40.0}},
)
silent(
    WHERE,
    "metric_left_out",
    "the metric is not compared",
    took(3100),
    history=USUAL,
    settings={"statistical": {"metrics": ["token_count"]}},
)
silent(WHERE, "microseconds", "thirty times slower, and still nothing anybody notices", took(205, 90), history=USUAL)
silent(WHERE, "no_history", "the first run", took(3100))
silent(WHERE, "cached", "a cached result takes no time", took(0.2, outcome="cached"), history=USUAL)
silent(WHERE, "failed", "how long a failure takes says nothing", took(9000, error=OSError("x")), history=USUAL)
silent(
    WHERE,
    "wide_scatter",
    "a node whose times always scatter",
    took(3100),
    history={"execution_time": {"search": [20.0, 1900.0, 205.0, 900.0, 60.0, 2200.0]}},
)
