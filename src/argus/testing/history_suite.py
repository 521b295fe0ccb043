"""What a store's history promises; a part of :mod:`argus.testing.storage_suite`."""

# ruff: noqa: D102 - the name of each test is its sentence

from __future__ import annotations

import msgspec

from argus.model.habits import HABIT_RUNS
from argus.model.trace import TokenUsage
from argus.storage.base import HISTORY_LIMIT, BaseStore
from argus.testing.builders import build_graph, ran
from argus.testing.full_trace import HOSTILE, small_trace

__all__ = ["HistorySuite"]


class HistorySuite:
    """What earlier healthy runs say."""

    def test_the_numbers_of_steps_newest_first(self, store: BaseStore) -> None:
        usage = TokenUsage(input_tokens=3, output_tokens=4)
        steps = (ran("ask", {"a": "é"}, duration_ms=5.0, token_usage=usage), ran("ask", duration_ms=6.0))
        store.save_many([small_trace(1, steps=steps), small_trace(2, steps=(ran("ask", {"a": [1]}, duration_ms=7.0),))])
        history = store.history("pipeline", None)
        assert history.runs() == 2
        assert tuple(history.samples("execution_time", "ask")) == (7.0, 6.0, 5.0)
        assert tuple(history.samples("output_length", "ask")) == (len('{"a":[1]}'), len('{"a":"é"}'))
        assert tuple(history.samples("token_count", "ask")) == (7,)

    def test_retries_count_once_per_run(self, store: BaseStore) -> None:
        retried = (ran("ask", outcome="error"), ran("ask", outcome="error", attempt=2), ran("ask", attempt=3))
        store.save_many([small_trace(1, steps=retried), small_trace(2)])
        assert tuple(store.history("pipeline", None).samples("retry_count", "ask")) == (0, 2)

    def test_only_healthy_runs_and_only_steps_that_ended_well(self, store: BaseStore) -> None:
        store.save_many([small_trace(n, status=status) for n, status in enumerate(("warning", "failed", "incomplete"))])
        store.save(small_trace(9, steps=(ran("ask", {"a": 1}, outcome="error"), ran("ask", {"a": 1}, duration_ms=3.0))))
        history = store.history("pipeline", None)
        assert history.runs() == 1
        assert tuple(history.samples("execution_time", "ask")) == (3.0,)
        assert len(history.samples("output_length", "ask")) == 1

    def test_only_the_same_pipeline_and_version(self, store: BaseStore) -> None:
        graph = build_graph(["ask"])
        store.save(small_trace(1, steps=(ran("ask", duration_ms=1.0),), graph=graph))
        store.save(
            small_trace(2, steps=(ran("ask", duration_ms=2.0),), graph=msgspec.structs.replace(graph, version="v2"))
        )
        store.save(small_trace(3, steps=(ran("ask", duration_ms=3.0),)))
        store.save(small_trace(4, steps=(ran("ask", duration_ms=4.0),), graph=graph, pipeline_name="other"))
        for pipeline, version, expected in (
            ("pipeline", "v1", (1.0,)),
            ("pipeline", "v2", (2.0,)),
            ("pipeline", None, (3.0,)),
            ("other", "v1", (4.0,)),
            ("other", None, ()),
        ):
            history = store.history(pipeline, version)
            assert tuple(history.samples("execution_time", "ask")) == expected
            assert history.runs() == len(expected)

    def test_only_runs_that_started_earlier(self, store: BaseStore) -> None:
        store.save_many([small_trace(number, steps=(ran("ask", duration_ms=float(number)),)) for number in range(5)])
        history = store.history("pipeline", None, before=small_trace(2).created_at)
        assert history.runs() == 2
        assert tuple(history.samples("execution_time", "ask")) == (1.0, 0.0)

    def test_a_replaced_run_counts_as_it_is_now(self, store: BaseStore) -> None:
        store.save_many([small_trace(1), small_trace(2)])
        store.save(small_trace(1, status="failed"))
        store.save(small_trace(2, steps=(ran("ask", duration_ms=99.0),)))
        history = store.history("pipeline", None)
        assert history.runs() == 1
        assert tuple(history.samples("execution_time", "ask")) == (99.0,)

    def test_unknown_nodes_and_pipelines_have_no_history(self, store: BaseStore) -> None:
        store.save(small_trace(1))
        assert tuple(store.history("pipeline", None).samples("execution_time", "other")) == ()
        assert store.history("other", None).runs() == 0

    def test_what_healthy_runs_have_in_common(self, store: BaseStore) -> None:
        at = [{"superstep": number} for number in range(4)]
        store.save_many(
            [
                small_trace(1, steps=(ran("a", {"x": 1, "y": 2}, metadata=at[1]), ran("b", {}, metadata=at[2]))),
                small_trace(2, steps=(ran("a", {"x": 1}, metadata=at[1]), ran("c", {HOSTILE: 1}, metadata=at[2]))),
                small_trace(3, steps=(ran("d", {"z": 1}),), status="failed"),
            ]
        )
        habits = store.history("pipeline", None).habits()
        assert habits.runs == 2
        assert habits.nodes == ("a",)
        assert set(habits.transitions) == {
            ("__start__", "a"), ("a", "b"), ("a", "c"), ("b", "__end__"), ("c", "__end__")
        }  # fmt: skip
        assert set(habits.writes) == {("a", "x"), ("c", HOSTILE)}

    def test_habits_leave_out_failed_and_inner_steps(self, store: BaseStore) -> None:
        first = small_trace(1, steps=(ran("a", {"x": 1}), ran("b", {"y": 1}, parent_id=small_trace(1).id + "-s1")))
        store.save_many([first, small_trace(2, steps=(ran("a", outcome="error"), ran("a", {"x": 2}, attempt=2)))])
        habits = store.history("pipeline", None).habits()
        assert habits.nodes == ("a",)
        assert habits.writes == (("a", "x"),)

    def test_habits_are_those_of_the_newest_runs(self, store: BaseStore) -> None:
        store.save_many([small_trace(number, steps=(ran("a"),)) for number in range(HABIT_RUNS)])
        store.save(small_trace(HABIT_RUNS, steps=(ran("b"),)))
        habits = store.history("pipeline", None).habits()
        assert habits.runs == HABIT_RUNS
        assert ("__start__", "b") in habits.transitions
        assert store.history("other", None).habits().runs == 0

    def test_histories_are_bounded(self, store: BaseStore) -> None:
        steps = tuple(ran("ask", duration_ms=float(number)) for number in range(HISTORY_LIMIT + 5))
        store.save(small_trace(1, steps=steps))
        samples = tuple(store.history("pipeline", None).samples("execution_time", "ask"))
        assert samples == tuple(float(number) for number in range(HISTORY_LIMIT + 4, 4, -1))
