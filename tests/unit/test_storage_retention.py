"""Which runs go: by age, by number, by size, alone and together, all at once and a few at a time."""

from datetime import datetime, timedelta, timezone

import pytest

from argus._internal.clock import CounterClock
from argus.analysis.retention import Retention
from argus.config.settings import RetentionSettings
from argus.storage.base import TraceQuery
from argus.storage.locate import open_store
from argus.storage.retention import Rules, oldest, sweep
from argus.testing.builders import CREATED_AT, ran
from argus.testing.full_trace import small_trace


@pytest.fixture(params=["memory:", "sqlite:///{}/traces.db", "file://{}/archive"], ids=["memory", "sqlite", "file"])
def store(request, tmp_path):
    with open_store(request.param.format(tmp_path)) as store:
        yield store


def fill(store, count, **changes):
    store.save_many([small_trace(number, **changes) for number in range(count)])


def numbers(store):
    return sorted(int(row.id, 16) for row in store.rows())


def moment(number):
    return CREATED_AT + timedelta(seconds=number)


def test_by_age(store):
    fill(store, 250)
    rules = Rules(before=moment(230))
    assert sweep(store, rules, dry_run=True).traces == 230
    assert len(numbers(store)) == 250
    assert sweep(store, rules).traces == 230
    assert numbers(store) == [*range(230, 250)]
    assert sweep(store, rules).traces == 0


def test_by_number(store):
    fill(store, 130)
    assert sweep(store, Rules(keep=1000)).traces == 0
    assert sweep(store, Rules(keep=10), dry_run=True).traces == 120
    assert sweep(store, Rules(keep=10)).traces == 120
    assert numbers(store) == [*range(120, 130)]
    assert sweep(store, Rules(keep=0)).traces == 10


def test_only_those_that_fit(store):
    fill(store, 10)
    store.save_many([small_trace(number, status="failed") for number in range(10, 20)])
    assert sweep(store, Rules(query=TraceQuery(statuses=("ok",)), keep=2)).traces == 8
    assert numbers(store) == [8, 9, *range(10, 20)]


def test_age_and_number_together_count_no_run_twice(store):
    fill(store, 20)
    rules = Rules(before=moment(10), keep=5)
    assert sweep(store, rules, dry_run=True).traces == 15
    assert sweep(store, rules).traces == 15


def test_a_few_at_a_time(store):
    fill(store, 20)
    rules = Rules(before=moment(15))
    assert [sweep(store, rules, most=6).traces for _ in range(4)] == [6, 6, 3, 0]
    assert numbers(store) == [*range(15, 20)]


def test_what_was_learned_stays(store):
    fill(store, 5)
    sweep(store, Rules(keep=0))
    assert store.history("pipeline", None).profile().runs == 5


def test_the_oldest(store):
    assert oldest(store, TraceQuery(), 3) == []
    fill(store, 40)
    store.save(small_trace(99, created_at=datetime(1999, 12, 31, tzinfo=timezone.utc)))
    assert [int(row.id, 16) for row in oldest(store, TraceQuery(), 3)][:1] == [99]
    store.delete([small_trace(99).id])
    found = [int(row.id, 16) for row in oldest(store, TraceQuery(), 7)]
    assert found == [*range(len(found))]
    assert 1 <= len(found) <= 7


@pytest.mark.parametrize("url", ["sqlite:///{}/traces.db", "file://{}/archive"], ids=["sqlite", "file"])
def test_by_size(url, tmp_path):
    with open_store(url.format(tmp_path)) as store:
        steps = (ran("n", {"x": [f"{n}" * 40 for n in range(200)]}),)
        store.save_many([small_trace(number, steps=steps, summary=f"{number}") for number in range(400)])
        size = store.used_bytes()
        rehearsed = sweep(store, Rules(max_bytes=size // 2), dry_run=True)
        assert len(numbers(store)) == 400
        swept = sweep(store, Rules(max_bytes=size // 2))
        assert swept.bytes_after <= size // 2 < swept.bytes_before
        assert abs(swept.traces - rehearsed.traces) <= 100
        assert numbers(store) == [*range(swept.traces, 400)]  # the oldest went
        store.vacuum()
        assert numbers(store) == [*range(swept.traces, 400)]


def test_retention_looks_now_and_then_and_takes_a_few(tmp_path):
    clock = CounterClock(CREATED_AT + timedelta(days=10), step_ms=0)
    with open_store("memory:") as store:
        fill(store, 250)
        retention = Retention(RetentionSettings(days=1.0), clock)
        left = []
        for _ in range(41):
            retention.saved(store)
            left.append(len(numbers(store)))
        assert left[0] == 150
        assert left[19] == 150
        assert left[20] == 50
        assert left[40] == 0


def test_retention_that_fails_harms_nobody():
    store = open_store("memory:")
    store.close()
    Retention(RetentionSettings(max_size=1, days=1.0)).saved(store)


def test_without_retention_the_store_is_not_asked():
    class Store:
        def __getattr__(self, name):
            raise AssertionError(name)

    Retention(RetentionSettings()).saved(Store())


def test_a_watched_pipeline_forgets_its_old_runs(tmp_path):
    from argus.session import ArgusSession

    (tmp_path / "argus.yaml").write_text(
        f"storage: {{url: 'sqlite:///{tmp_path}/traces.db', retention: {{days: 1}}}}\n"
    )
    with open_store(f"sqlite:///{tmp_path}/traces.db") as store:
        store.save(small_trace(1, created_at=datetime(2020, 1, 1, tzinfo=timezone.utc)))
        with ArgusSession(config=tmp_path / "argus.yaml", pipeline_name="new") as session, session.node("only"):
            pass
        assert [row.pipeline_name for row in store.rows()] == ["new"]
