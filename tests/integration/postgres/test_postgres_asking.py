"""Questions in SQL and room made on a real server."""

import pytest

from argus.errors import StorageError
from argus.storage.locate import open_store
from argus.storage.retention import Rules, sweep
from argus.testing.builders import ran
from argus.testing.full_trace import full_trace, small_trace


@pytest.fixture
def store(url):
    with open_store(url) as store:
        store.save_many([full_trace(), *(small_trace(number) for number in range(3))])
        yield store


def test_the_promised_relations_answer(store):
    answer = store.ask("SELECT pipeline_name, count(*) AS runs, max(created_at) FROM traces GROUP BY 1 ORDER BY 2;")
    assert answer.columns == ("pipeline_name", "runs", "max")
    assert answer.rows[-1] == ("pipeline", 3, "2026-01-01T12:00:02.000000Z")
    assert ("ask",) in store.ask("SELECT node_name FROM trace_steps").rows
    assert store.ask("SELECT generate_series(1, 10)", most=2) == (("generate_series",), [(1,), (2,)], True)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM traces",
        "SELECT 1; DELETE FROM traces",
        "COMMIT",
        "CREATE TABLE mine (x int)",
        "COPY traces TO '/tmp/traces'",
        "SELECT nothing FROM traces",
        "SELECT setval('trace_numbers', 1)",
        "",
    ],
)
def test_nothing_else_is_allowed(store, statement):
    with pytest.raises(StorageError):
        store.ask(statement)
    assert len([*store.rows()]) == 4


def test_a_question_that_takes_too_long_is_ended(store):
    with pytest.raises(StorageError, match="statement_timeout"):
        store.ask("SELECT pg_sleep(60)", timeout_s=0.05)
    assert store.ask("SELECT 1").rows == [(1,)]


def test_the_oldest_go_until_the_rest_is_small_enough(store):
    steps = (ran("n", {"x": [f"{n}" * 40 for n in range(100)]}),)
    store.delete([full_trace().id, *(small_trace(number).id for number in range(3))])
    store.save_many([small_trace(number, steps=steps, summary=f"{number}") for number in range(100, 400)])
    size = store.used_bytes()
    swept = sweep(store, Rules(max_bytes=size // 2))
    assert swept.bytes_after <= size // 2
    assert 100 <= swept.traces <= 200
    assert sorted(int(row.id, 16) for row in store.rows()) == [*range(100 + swept.traces, 400)]
    store.vacuum()
    assert store.used_bytes() == swept.bytes_after
