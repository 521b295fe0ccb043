from __future__ import annotations

from scenarios.kit import build_trace, earlier, fires, ran, silent

from argus.model.trace import ErrorInfo, ToolCall

WHERE = "statistical/error_rate"


def branches(failed: int, total: int = 6, **changes: object) -> object:
    steps = [ran("check", {"found": [number]}) for number in range(total - failed)]
    steps.append(ran("gather", {"done": True}))
    busy = ErrorInfo(type="OSError", message="busy", handled=True)
    return build_trace(*(ran("check", error=busy, outcome="error") for _ in range(failed)), *steps, **changes)


def called(failed: int, total: int = 5) -> object:
    error = ErrorInfo(type="TimeoutError", message="no answer")
    calls = [ToolCall(name="lookup", arguments={"n": n}, error=error if n < failed else None) for n in range(total)]
    return build_trace(ran("agent", {"answer": "Done."}, tool_calls=tuple(calls)))


USUAL = earlier(*(branches(0) for _ in range(9)), branches(1))

fires(WHERE, "most_of_the_branches", "most of the branches failed", branches(4), "STA105 warning check#1 -",
      earlier=USUAL)  # fmt: skip
silent(WHERE, "most_of_the_branches_mended", "one branch failed, as happens", branches(1), earlier=USUAL)
fires(WHERE, "tools", "most of the tool calls failed", called(4), "STA105 warning agent#1 -",
      earlier=earlier(*(called(0) for _ in range(10))))  # fmt: skip
silent(
    WHERE, "often_before", "it never was any better", branches(4), earlier=earlier(*(branches(3) for _ in range(10)))
)
silent(WHERE, "two_failures", "two may fail by chance", branches(2, 3), earlier=USUAL)
silent(WHERE, "too_few_runs", "four runs are not enough", branches(4), earlier=USUAL[:4])
silent(
    WHERE,
    "threshold_raised",
    "the same under a wider threshold",
    branches(4),
    earlier=USUAL,
    settings={"statistical": {"z_threshold": 10.0}},
)
silent(
    WHERE,
    "left_the_graph",
    "a run that ended in the exception is told elsewhere",
    branches(3, error=ErrorInfo(type="OSError", message="busy")),
    earlier=USUAL,
)
silent(WHERE, "no_history", "the first run", branches(4))
silent(
    WHERE,
    "switched_off",
    "the check is off",
    branches(4),
    earlier=USUAL,
    settings={"statistical": {"check_errors": False}},
)
