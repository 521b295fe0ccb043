"""Profiles in SQLite: joined in the transaction that stores the run, by any number of writers, never read twice."""

import sqlite3
import threading

import pytest

from argus.errors import StorageError
from argus.learning.profiling import profile_of_many
from argus.storage.sqlite import SqliteStore
from argus.storage.sqlite.schema import migrations
from argus.testing.builders import ran
from argus.testing.full_trace import small_trace


def priced(number):
    return small_trace(number, steps=(ran("price", {"net": number, "gross": 2 * number}),))


def runs(store):
    return store.history("pipeline", None).profile().runs


@pytest.fixture
def path(tmp_path):
    return tmp_path / "traces.db"


def test_two_handles_see_what_either_learns(path):
    one, other = SqliteStore(path), SqliteStore(path)
    for number in range(0, 10, 2):
        one.save(priced(number))
        other.save(priced(number + 1))
        assert runs(one) == runs(other) == number + 2
    assert one.history("pipeline", None).profile().nodes == profile_of_many(map(priced, range(10))).nodes


def test_writers_side_by_side_lose_no_lesson(path):
    stores = [SqliteStore(path) for _ in range(4)]

    def work(rank):
        for number in range(10):
            stores[rank].save(priced(rank * 10 + number))

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs(stores[0]) == 40


def test_a_run_that_another_process_stores_meanwhile_teaches_once(path, monkeypatch):
    one, other = SqliteStore(path), SqliteStore(path)
    begin = one._connections.writing

    def late():
        other.save(priced(1))  # after this store has looked, before it may write
        return begin()

    monkeypatch.setattr(one._connections, "writing", late)
    one.save_many([priced(1), priced(2)])
    assert runs(one) == 2


def test_a_batch_that_fails_teaches_nothing(path):
    store = SqliteStore(path)
    with pytest.raises(StorageError):
        store.save_many([priced(1), "no trace"])
    assert runs(store) == 0


def test_what_cannot_be_read_begins_anew(path, caplog):
    store = SqliteStore(path)
    store.save_many([priced(1), priced(2)])
    with sqlite3.connect(path) as connection:
        connection.execute('UPDATE profiles SET body = \'{"runs": "many"}\'')
    connection.close()
    assert runs(store) == 0
    assert "learning begins anew" in caplog.text
    store.save(priced(3))
    assert runs(store) == 1


def test_a_file_of_the_first_layout_learns_from_now_on(path, monkeypatch):
    first = migrations()[:1]
    with monkeypatch.context() as older:
        older.setattr("argus.storage.sqlite.schema.migrations", lambda: first)
        SqliteStore(path).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()
    store = SqliteStore(path)
    store.save(priced(1))
    assert runs(store) == 1


def test_a_replaced_file_forgets(path):
    store = SqliteStore(path)
    store.save(priced(1))
    assert runs(store) == 1
    for companion in path.parent.iterdir():
        companion.unlink()
    assert runs(store) == 0
    store.save(priced(2))
    assert runs(store) == 1


def test_a_run_whose_states_are_not_kept_teaches_no_field(path):
    store = SqliteStore(path)
    store.save(small_trace(1, steps=(ran("price", {}),)))
    node = store.history("pipeline", None).profile().node("price")
    assert (node.executions, node.silent, node.fields) == (1, 1, {})


def test_any_client_can_read_it(path):
    store = SqliteStore(path)
    store.save_many([priced(number) for number in range(2, 12)])
    with sqlite3.connect(path) as connection:
        row = connection.execute(
            "SELECT runs, json_extract(body, '$.nodes.price.fields.net.numbers.maximum') FROM profiles"
        ).fetchone()
    connection.close()
    assert row == (10, 11.0)
