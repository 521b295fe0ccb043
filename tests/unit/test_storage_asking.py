"""Questions in SQL: answered, refused when they would change anything, ended when they take too long."""

import sqlite3

import pytest

from argus.errors import NotAvailable, StorageError
from argus.storage.locate import open_store
from argus.testing.full_trace import full_trace, small_trace


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/traces.db") as store:
        store.save_many([full_trace(), *(small_trace(number) for number in range(3))])
        yield store


def test_the_promised_relations_answer(store):
    answer = store.ask("SELECT pipeline_name, count(*) AS runs FROM traces GROUP BY 1 ORDER BY 2")
    assert answer.columns == ("pipeline_name", "runs")
    assert answer.rows[-1] == ("pipeline", 3)
    assert not answer.has_more
    steps = store.ask(
        "SELECT node_name, json_extract(output_state, '$.answer') FROM trace_steps WHERE node_name = 'ask'"
    )
    assert ("ask", "because 1") in steps.rows
    for relation in ("trace_calls", "detections", "forensics"):
        assert store.ask(f"SELECT * FROM {relation}").rows


def test_rows_beyond_the_limit_are_told(store):
    answer = store.ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", most=5)
    assert answer.rows == [(1,), (2,), (3,), (4,), (5,)]
    assert answer.has_more


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM traces",
        "INSERT INTO graphs VALUES (1, '', '', '')",
        "UPDATE traces SET status = 'ok'",
        "DROP TABLE traces",
        "CREATE TABLE mine (x)",
        "CREATE TEMP TABLE mine (x)",
        "PRAGMA user_version = 99",
        "PRAGMA query_only = OFF",
        "ATTACH DATABASE '/tmp/other.db' AS other",
        "VACUUM INTO '/tmp/copy.db'",
        "SELECT load_extension('evil')",
        "BEGIN IMMEDIATE",
        "SELECT 1; DELETE FROM traces",
        "SELECT nothing FROM traces",
        "SELEKT 1",
        "",
    ],
)
def test_nothing_else_is_allowed(store, statement, tmp_path):
    with pytest.raises(StorageError):
        store.ask(statement)
    assert len([*store.rows()]) == 4
    with sqlite3.connect(tmp_path / "traces.db") as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] != 99
    connection.close()


def test_a_question_without_end_is_ended(store):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(StorageError, match=r"took longer than 0\.05 s"):
        store.ask(endless, timeout_s=0.05)


def test_stores_without_a_database_say_so(tmp_path):
    for url in ("memory:", f"file://{tmp_path}/archive"):
        with (
            open_store(url) as store,
            pytest.raises(NotAvailable, match="has no database that answers SQL; copy it into one first: argus copy"),
        ):
            store.ask("SELECT 1")


def test_reading_row_by_row_and_trace_by_trace(store):
    assert [row.id for row in store.rows()] == [trace.id for trace in store.stream()]
    assert store.steps(full_trace().id) == full_trace().steps
    assert [row.id for row in store.search(full_trace().pipeline_name.upper()).rows] == [full_trace().id]
