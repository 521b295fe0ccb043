"""Histories as in life: tiny, poisoned, contradictory, drifting, with seasons, over a change of the graph."""

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from argus.analysis.finalize import Finalizer
from argus.config.settings import IgnoreRule, Settings
from argus.detectors.registry import builtin_detectors
from argus.model.values import ROOT_FIELD
from argus.storage.memory import MemoryStore
from argus.testing.builders import build_graph, build_trace, ran

FIRST = datetime(2026, 1, 5, tzinfo=timezone.utc)


def stock(number, *, price=None, version="v1", **changes):
    graph = msgspec.structs.replace(
        build_graph(["look_up", "offer"], state={"sku": str, "price": float, "kind": Any, "text": str}), version=version
    )
    update = {
        "sku": f"AB-{1000 + number}",
        "price": 10.5 + number % 7 if price is None else price,
        "kind": "new",
    } | changes
    trace = build_trace(
        ran("look_up", update), ran("offer", {"text": f"Offer {number}"}), graph=graph, trace_id=f"{number:016x}"
    )
    return msgspec.structs.replace(trace, created_at=FIRST + timedelta(minutes=number))


class Life:
    """Runs that come one after another, each analysed with what the earlier ones have taught."""

    def __init__(self, **detection):
        self.store = MemoryStore()
        settings = Settings(detection=msgspec.structs.replace(Settings().detection, **detection))
        self._finalize = Finalizer(settings, builtin_detectors(), lambda: self.store)

    def finalized(self, trace):
        return self._finalize(trace)

    def run(self, trace):
        done = self.finalized(trace)
        return {(one.code, one.field) for one in done.detections if one.severity != "info" and one.suppressed is None}

    def runs(self, traces):
        return [found for trace in traces if (found := self.run(trace))]

    def profile(self, version="v1"):
        return self.store.history("pipeline", version).profile()


@pytest.mark.parametrize("runs", range(8))
def test_a_tiny_history_says_nothing(runs):
    life = Life()
    assert life.runs(map(stock, range(runs))) == []
    assert life.run(stock(90, sku="none", kind=7)) == set()


def test_a_run_with_findings_never_teaches():
    life = Life()
    life.runs(map(stock, range(10)))
    for number in range(20, 50):
        assert ("STR408", "sku") in life.run(stock(number, sku="no article"))
    assert life.profile().runs == 10
    assert life.run(stock(60)) == set()


def test_a_silenced_finding_teaches_that_it_was_right():
    life = Life(ignore=(IgnoreRule(code="STR408", field="kind"),))
    life.runs(map(stock, range(10)))
    assert life.run(stock(20, kind=7)) == set()
    assert life.profile().field("look_up", "kind").types == {"int": 1, "str": 10}


def test_contradictory_histories_teach_nothing_that_they_do_not_share():
    life = Life()
    kinds = ["new", 3, ["used"], {"is": "used"}]
    assert life.runs(stock(number, kind=kinds[number % 4], sku=str(kinds[number % 3])) for number in range(40)) == []
    assert life.run(stock(60, kind={"is": "lost"}, sku="['new']")) == set()


def test_a_history_poisoned_by_a_few_wrong_runs_gives_no_alarm_and_finds_what_is_further_off():
    life = Life()
    poisoned = [stock(number, sku="" if number == 3 else f"AB-{1000 + number}") for number in range(20)]
    assert life.runs(poisoned) == []
    assert life.run(stock(30, sku="")) == set()
    assert ("STR404", "sku") in life.run(stock(31, sku=["AB-1031"]))


def test_a_slow_drift_is_followed():
    life = Life()
    assert life.runs(stock(number, price=10.0 * 1.02**number) for number in range(150)) == []
    assert life.run(stock(150, price=10.0 * 1.02**150 * 1000)) != set()


def test_seasons_are_no_faults_once_they_were_seen():
    life = Life()
    seasons = ("winter", "spring", "summer", "autumn")
    life.runs(stock(number, kind=seasons[number // 10 % 4]) for number in range(80))
    assert life.runs(stock(number, kind=seasons[number // 10 % 4]) for number in range(80, 120)) == []
    assert ("STR408", "kind") in life.run(stock(120, kind="Winter"))


def test_a_new_season_after_few_runs_is_no_warning():
    life = Life()
    life.runs(stock(number, kind="winter") for number in range(10))
    assert life.run(stock(10, kind="spring")) == set()


def test_after_a_change_of_the_graph_what_was_learned_counts_no_more():
    life = Life()
    life.runs(map(stock, range(20)))
    assert ("STR408", "sku") in life.run(stock(30, sku="no article"))
    assert life.runs(stock(number, version="v2", sku="no article") for number in range(40, 52)) == []
    assert (life.profile("v1").runs, life.profile("v2").runs) == (20, 12)
    assert life.run(stock(60, version="v2", sku="")) != set()


def test_what_was_reset_is_forgotten_and_learned_anew():
    life = Life()
    life.runs(map(stock, range(20)))
    assert life.store.reset_baseline("pipeline", "v1")
    assert life.run(stock(30, sku="no article")) == set()
    assert life.profile().runs == 1


def test_long_histories_stay_small():
    life = Life()
    for number in range(400):
        life.store.save(stock(number, kind=f"kind {number}"))
    field = life.profile().field("look_up", "kind")
    assert life.profile().runs > 128
    assert field.values is None
    assert len(msgspec.json.encode(life.profile())) < 40_000


def test_what_a_function_returned_goes_by_no_inner_name():
    life, told = Life(), []
    for number in range(13):
        text = "soon" if number == 12 else f"2026-01-{10 + number}"
        trace = build_trace(ran("publish", {ROOT_FIELD: text}), trace_id=f"{number:016x}")
        told += [one.message for one in life.finalized(trace).detections if one.code == "STR408"]
    assert told == ["what `publish` returned is no date, as all texts of 12 earlier runs were"]
