"""What a store learns from healthy runs; a part of :mod:`argus.testing.storage_suite`."""

# ruff: noqa: D102 - the name of each test is its sentence

from __future__ import annotations

from typing import Any

import msgspec

from argus.learning.freezing import freeze, thaw
from argus.learning.profiling import profile_of_many
from argus.model.detection import Detection
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.storage.base import BaseStore
from argus.testing.builders import build_graph, ran
from argus.testing.full_trace import HOSTILE, hostile_trace, small_trace

__all__ = ["ProfileSuite"]


def _priced(number: int, **changes: Any) -> Trace:
    """A run whose total is the sum of its items' prices."""
    prices = [1.5 + number, 2.25 * number, 3.0]
    items = [{"id": f"A-{number}{rank}", "price": price} for rank, price in enumerate(prices)]
    update = {"items": items, "total": sum(prices), "currency": ("EUR", "USD")[number % 2]}
    return small_trace(number, steps=(ran("price", update),), **changes)


def _learned(store: BaseStore, version: str | None = None) -> Profile:
    return store.history("pipeline", version).profile()


class ProfileSuite:
    """What healthy runs have shown of every field."""

    def test_nothing_is_known_of_what_never_ran(self, store: BaseStore) -> None:
        assert _learned(store) == Profile()
        assert store.baselines() == ()
        assert store.reset_baseline("pipeline", None) is False

    def test_healthy_runs_teach_their_fields(self, store: BaseStore) -> None:
        store.save_many([_priced(number) for number in range(2, 8)])
        for number in range(8, 12):
            store.save(_priced(number))
        profile = _learned(store)
        assert profile.runs == 10
        total = profile.field("price", "total")
        assert total is not None
        assert total.numbers is not None
        assert (total.numbers.minimum, total.numbers.maximum) == (11.0, 40.25)
        currency = profile.field("price", "currency")
        assert currency is not None
        assert currency.choices == ("EUR", "USD")
        assert [str(relation) for relation in profile.believed] == ["price.total = sum(price.items[].price)"]

    def test_it_does_not_matter_how_runs_come_in(self, store: BaseStore) -> None:
        traces = [_priced(number) for number in range(2, 9)]
        store.save_many(traces[3:])
        for trace in reversed(traces[:3]):
            store.save(trace)
        profile, expected = _learned(store), profile_of_many(traces)
        assert profile.nodes == expected.nodes
        assert set(map(str, profile.believed)) == set(map(str, expected.believed))

    def test_a_run_with_findings_never_teaches(self, store: BaseStore) -> None:
        finding = Detection(layer="structural", severity="warning", message="odd", step_id="s")
        store.save(_priced(2))
        store.save_many([_priced(3, status="warning", detections=(finding,)), _priced(4, status="failed")])
        assert _learned(store).runs == 1

    def test_a_run_that_did_not_end_by_itself_never_teaches(self, store: BaseStore) -> None:
        store.save(_priced(2, metadata={"outcome": "completed"}))
        store.save_many(
            [
                _priced(number, metadata={"outcome": outcome})
                for number, outcome in enumerate(("interrupted", "cancelled", "abandoned", "error"), start=3)
            ]
        )
        store.save(_priced(9, status="incomplete"))
        assert _learned(store).runs == 1

    def test_each_pipeline_and_version_has_its_own(self, store: BaseStore) -> None:
        graph = build_graph(["price"])
        store.save_many([_priced(2), _priced(3, graph=graph), _priced(4, graph=graph)])
        store.save(_priced(5, graph=msgspec.structs.replace(graph, version="v2")))
        assert [_learned(store, version).runs for version in (None, "v1", "v2", "v3")] == [1, 2, 1, 0]
        known = {(one.pipeline_name, one.graph_version, one.runs) for one in store.baselines()}
        assert known == {("pipeline", None, 1), ("pipeline", "v1", 2), ("pipeline", "v2", 1)}

    def test_a_run_teaches_once(self, store: BaseStore) -> None:
        store.save(_priced(2))
        store.save(_priced(2))
        store.save_many([_priced(2), _priced(3), _priced(3)])
        assert _learned(store).runs == 2

    def test_what_was_learned_outlives_the_runs(self, store: BaseStore) -> None:
        store.save_many([_priced(2), _priced(3)])
        before = _learned(store)
        store.delete([_priced(2).id, _priced(3).id])
        assert _learned(store) == before

    def test_it_can_be_reset(self, store: BaseStore) -> None:
        store.save_many([_priced(2), _priced(3, pipeline_name="other")])
        assert store.reset_baseline("pipeline", None) is True
        assert _learned(store) == Profile()
        assert store.history("other", None).profile().runs == 1
        store.save(_priced(4))
        assert _learned(store).runs == 1

    def test_it_can_be_replaced_by_a_frozen_one(self, store: BaseStore) -> None:
        store.save_many([_priced(number) for number in range(2, 12)])
        frozen = freeze(_learned(store))
        store.put_baseline("pipeline", "v9", thaw(frozen))
        assert freeze(_learned(store, "v9")) == frozen
        store.save(_priced(20, graph=msgspec.structs.replace(build_graph(["price"]), version="v9")))
        assert _learned(store, "v9").runs == 11

    def test_hostile_runs_teach_without_harm(self, store: BaseStore) -> None:
        store.save(hostile_trace())
        store.save(small_trace(3, steps=(ran(HOSTILE, {HOSTILE: HOSTILE[:50], "x": [{HOSTILE: 1}] * 3}),)))
        field = _learned(store).field(HOSTILE, HOSTILE)
        assert field is not None
        assert field.types == {"str": 1}
        assert list(field.values or ()) == [HOSTILE[:50]]

    def test_it_stays_small(self, store: BaseStore) -> None:
        for number in range(3):
            wide = {f"field_{rank}_{number}": [f"value {rank}", {"x": rank * 1.7}] for rank in range(300)}
            store.save(small_trace(number, steps=tuple(ran(f"node {rank}", wide) for rank in range(5))))
        profile = _learned(store)
        assert profile.is_full
        assert len(msgspec.json.encode(profile)) < 1_000_000
