from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, ran, silent

WHERE = "behavioral/retry_storm"


def tried(failures: int, update: dict[str, Any] | None = None, **metadata: Any) -> Any:
    steps = [
        ran("fetch", error=ConnectionError("reset by peer"), attempt=n + 1, metadata={"superstep": 1})
        for n in range(failures)
    ]
    page = {"page": "Opening hours"} if update is None else update
    end = ran("fetch", page, attempt=failures + 1, metadata={"superstep": 1})
    return build_trace(*steps, end, ran("parse", {"title": "Tides"}, metadata={"superstep": 2}), input={"url": "x"})


fires(
    WHERE, "fifth_attempt", "the policy allowed five attempts, the fifth worked", tried(4), "BEH305 warning fetch#5 -"
)
silent(WHERE, "fifth_attempt_mended", "the first attempt worked", tried(0))
fires(WHERE, "tenth_attempt", "nine failures", tried(9), "BEH305 warning fetch#10 -")
fires(
    WHERE,
    "by_the_program",
    "a session's program catches the error and calls again with the same input",
    build_trace(
        *(ran("post", error=TimeoutError("read timed out"), input_state={"args": ["a"]}) for _ in range(5)),
        ran("post", {"__root__": "ok"}, input_state={"args": ["a"]}),
    ),
    "BEH305 warning post#6 -",
)
fires(
    WHERE,
    "a_little_everywhere",
    "three failures in each of three rounds",
    build_trace(
        *(
            ran(
                "llamar",
                {"texto": f"{turn}"} if n == 3 else None,
                attempt=n + 1,
                metadata={"superstep": turn},
                **({} if n == 3 else {"error": ConnectionError("sin respuesta")}),
            )
            for turn in range(3)
            for n in range(4)
        ),
        input={"x": 1},
    ),
    "BEH305 warning llamar#12 -",
)

silent(WHERE, "second_attempt", "what retries are for", tried(1))
silent(WHERE, "fourth_attempt", "three failures", tried(3))
silent(
    WHERE,
    "all_failed",
    "the run ended with the error: that is another finding",
    build_trace(*(ran("fetch", error=OSError("no route"), attempt=n + 1) for n in range(6)), input={"url": "x"}),
)
silent(
    WHERE,
    "failures_of_several_items",
    "five of nine items are bad, each called once",
    build_trace(
        *(
            ran(
                "convert",
                {"__root__": n} if n % 2 else None,
                input_state={"args": [n]},
                **({} if n % 2 else {"error": ValueError("bad")}),
            )
            for n in range(9)
        )
    ),
)
silent(
    WHERE, "prose_about_retries", "a text about retries", tried(0, {"page": "The fifth retry failed again and again."})
)
