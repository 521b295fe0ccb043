from __future__ import annotations

from scenarios.kit import build_trace, fires, ran, silent

WHERE = "statistical/retry_count"

NEVER = {"retry_count": {"reserve": [0.0] * 10}}
AT_TIMES = {"retry_count": {"reserve": [0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]}}


def tried(times: int) -> object:
    failed = [ran("reserve", error=OSError("busy"), attempt=number) for number in range(1, times)]
    return build_trace(*failed, ran("reserve", {"reserved": True}, attempt=times))


fires(WHERE, "never_before", "three retries where there never was one", tried(4), "STA104 warning reserve#4 -",
      history=NEVER)  # fmt: skip
silent(WHERE, "never_before_mended", "a single retry", tried(2), history=NEVER)
fires(WHERE, "more_than_ever", "seven retries where two were the most", tried(8), "STA104 warning reserve#8 -",
      history=AT_TIMES)  # fmt: skip
silent(WHERE, "as_at_times", "three retries where two were seen", tried(4), history=AT_TIMES)
fires(
    WHERE,
    "threshold_lowered",
    "a lower threshold speaks sooner",
    tried(4),
    "STA104 warning reserve#4 -",
    history={"retry_count": {"reserve": [0.0] * 5}},
    settings={"statistical": {"z_threshold": 2.0}},
)
silent(WHERE, "five_runs", "five runs are too few for three retries", tried(4),
       history={"retry_count": {"reserve": [0.0] * 5}})  # fmt: skip
silent(
    WHERE,
    "too_few_runs",
    "five runs where eight are asked for",
    tried(9),
    history={"retry_count": {"reserve": [0.0] * 5}},
    settings={"statistical": {"min_samples": 8}},
)
silent(WHERE, "no_history", "the first run", tried(4))
silent(
    WHERE,
    "switched_off",
    "the check is off",
    tried(4),
    history=NEVER,
    settings={"statistical": {"check_retries": False}},
)
