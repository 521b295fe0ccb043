"""The SQLite store beyond the contract: the promised SQL, sizes, files, other versions, faults, forks."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from argus._internal import private_files
from argus.errors import ConfigError, SchemaMismatch, StorageError, StoreCorrupt, StoreUnavailable, TraceNotFound
from argus.storage.base import TraceQuery
from argus.storage.sqlite import SqliteStore
from argus.storage.sqlite.errors import _MEANINGS, translate
from argus.storage.sqlite.schema import APPLICATION_ID, migrations
from argus.testing.builders import CREATED_AT, build_graph, build_trace, ran
from argus.testing.full_trace import HOSTILE, full_trace, hostile_trace

PROMISED = {
    "traces": "id created_at pipeline_name status duration_ms node_count detection_count metadata",
    "trace_steps": "id trace_id step_number node_name input_state output_state duration_ms timestamp metadata",
    "detections": "id trace_id step_id layer severity message details created_at",
    "forensics": "id trace_id root_cause_step detection_ids explanation causal_chain created_at",
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".argus" / "traces.db"


@pytest.fixture
def store(path):
    store = SqliteStore(path, busy_timeout_ms=50)
    yield store
    store.close()


@pytest.fixture
def client(store):
    """Somebody else's SQLite client."""
    connection = sqlite3.connect(store.path)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def growing_trace(trace_id="growing", steps=200):
    messages, state, done = [], {"question": "why"}, []
    for number in range(steps):
        messages = [*messages, {"role": "user", "content": f"{number:04}" + os.urandom(998).hex()}]
        after = {"question": "why", "messages": messages}
        done.append(ran("talk", {"messages": messages[-1:]}, input_state=state, state_after=after))
        state = after
    return build_trace(*done, trace_id=trace_id)


class TestPlainSql:
    @pytest.mark.parametrize("relation", PROMISED)
    def test_the_promised_relations_have_the_promised_columns(self, client, relation):
        client.execute(f"SELECT {', '.join(PROMISED[relation].split())} FROM {relation}").fetchall()

    def test_they_hold_what_the_trace_holds(self, store, client):
        trace = full_trace()
        store.save(trace)
        row = client.execute("SELECT * FROM traces").fetchone()
        assert row["id"] == trace.id
        assert row["created_at"] == "2026-01-01T12:00:00.123456Z"
        assert (row["pipeline_name"], row["status"], row["duration_ms"]) == ("support desk", "failed", 1234.5678)
        assert (row["node_count"], row["detection_count"]) == (2, 1)
        assert json.loads(row["metadata"]) == trace.metadata
        steps = client.execute("SELECT * FROM trace_steps ORDER BY step_number").fetchall()
        assert len(steps) == len(trace.steps)
        for row, step in zip(steps, trace.steps, strict=True):
            assert (row["id"], row["trace_id"], row["step_number"]) == (step.id, trace.id, step.step_number)
            assert (row["node_name"], row["duration_ms"]) == (step.node_name, step.duration_ms)
            assert row["timestamp"] == step.timestamp.isoformat(timespec="microseconds").replace("+00:00", "Z")
            for column in ("input_state", "output_state", "state_after", "metadata"):
                assert json.loads(row[column]) == getattr(step, column)
            assert (row["outcome"], row["attempt"], row["parent_id"]) == (step.outcome, step.attempt, step.parent_id)
            assert row["cpu_ms"] == step.cpu_ms
            assert (row["error"] is None) == (step.error is None)
        found = client.execute("SELECT * FROM detections WHERE code <> ''").fetchone()
        assert (found["id"], found["step_id"], found["layer"]) == (f"{trace.id}-d1", trace.steps[1].id, "structural")
        assert (found["severity"], found["message"]) == ("critical", "`docs` was never written")
        assert json.loads(found["details"]) == {"field": "docs", "seen": 0}
        assert found["created_at"] == "2026-01-01T12:00:00.123456Z"
        story = client.execute("SELECT * FROM forensics").fetchone()
        assert (story["trace_id"], story["root_cause_step"]) == (trace.id, trace.steps[0].id)
        assert json.loads(story["detection_ids"]) == [f"{trace.id}-d1"]
        assert [link["role"] for link in json.loads(story["causal_chain"])] == ["cause", "symptom"]

    def test_calls_are_a_view_too(self, store, client):
        store.save(full_trace())
        rows = client.execute("SELECT * FROM trace_calls WHERE kind <> 'http' ORDER BY kind, name").fetchall()
        calls = [(row["kind"], row["name"], row["given"], row["gave"]) for row in rows]
        assert calls == [
            ("llm", None, None, None),
            ("llm", "gpt-4o", '[{"role":"user","content":"why"}]', '{"content":"because"}'),
            ("tool", "bare", None, None),
            ("tool", "search", '{"q":"why","k":3}', '["one","two"]'),
        ]
        assert json.loads(rows[3]["facts"])["duration_ms"] == 3.5

    def test_http_exchanges_stand_beside_the_calls(self, store, client):
        store.save(full_trace())
        rows = client.execute("SELECT * FROM trace_calls WHERE kind = 'http'").fetchall()
        told = [(row["name"], row["given"], row["gave"], json.loads(row["facts"])["number"]) for row in rows]
        assert sorted(told, key=lambda one: one[3]) == [
            ("POST http://h.io/chat", '"{\\"q\\":\\"why\\"}"', '"AAE="', 1),
            ("POST http://h.io/chat", '"{\\"q\\":\\"why\\"}"', None, 2),
            ("GET http://h.io/chat", None, None, 3),
            ("POST http://h.io/chat", None, None, 4),
        ]

    def test_states_put_together_from_parts_are_whole(self, store, client):
        items = [{"text": f"{number} " + "x" * 100} for number in range(40)]
        tree = {f"branch{number}": {"leaves": ["y" * 300] * 3} for number in range(10)}
        states = [{"items": items[:30], "tree": tree}, {"items": items[5:], "tree": {**tree, "branch3": 1}}, {}]
        trace = build_trace(*(ran("n", state, input_state=state, state_after=state) for state in states))
        trace = msgspec.structs.replace(
            trace, steps=(*trace.steps[:2], msgspec.structs.replace(trace.steps[2], input_state={}, state_after={}))
        )
        store.save(trace)
        kinds = {row[0] for row in client.execute("SELECT kind FROM trace_values")}
        assert kinds == {0, 1, 2, 3}
        for row, step in zip(client.execute("SELECT * FROM trace_steps"), trace.steps, strict=True):
            for column in ("input_state", "output_state", "state_after"):
                assert json.loads(row[column]) == getattr(step, column)

    def test_hostile_text_is_valid_json_in_valid_utf8(self, store, client):
        store.save(hostile_trace())
        (row, _) = client.execute("SELECT * FROM trace_steps").fetchall()
        assert len(json.loads(row["input_state"])) == 1
        update = json.loads(row["output_state"])
        assert update["\0"] == 1
        assert len(update) == 6

    def test_own_step_ids_are_shown(self, store, client):
        trace = build_trace(ran("a"), ran("b"))
        steps = tuple(msgspec.structs.replace(step, id=new) for step, new in zip(trace.steps, ("x", ""), strict=True))
        store.save(msgspec.structs.replace(trace, steps=steps))
        ids = [row["id"] for row in client.execute("SELECT id FROM trace_steps ORDER BY step_number")]
        assert ids == ["x", "\x1a"]
        assert store.get(trace.id).steps == steps

    def test_one_step_is_found_by_index_and_costs_little(self, store, client):
        store.save_many([growing_trace("one"), growing_trace("two", steps=5)])
        where = "FROM trace_steps WHERE trace_id = 'one' AND step_number = 200"
        plan = [row["detail"] for row in client.execute(f"EXPLAIN QUERY PLAN SELECT * {where}")]
        assert not [
            line for line in plan if line.startswith("SCAN") and "VIRTUAL" not in line and "CONSTANT" not in line
        ]
        state = json.loads(client.execute(f"SELECT state_after {where}").fetchone()[0])
        assert [message["content"][:4] for message in state["messages"]] == [f"{number:04}" for number in range(200)]


class TestSize:
    def test_a_growing_list_of_messages_stays_small(self, store):
        before = store.size_bytes()
        store.save(growing_trace())
        assert store.size_bytes() - before < 1_000_000  # 200 messages of 2 KB; each step's states in full are 80 MB

    def test_values_that_steps_share_are_shared_again(self, store):
        store.save(growing_trace(steps=50))
        steps = store.get("growing").steps
        assert steps[10].state_after is steps[11].input_state
        assert steps[10].state_after["messages"][3] is steps[49].state_after["messages"][3]
        assert steps[10].output_state["messages"][0] is steps[49].state_after["messages"][10]

    def test_a_graph_is_stored_once(self, store, client):
        graph = build_graph(["a", "b"])
        store.save_many([build_trace(ran("a"), graph=graph, trace_id=f"{number}") for number in range(5)])
        other = build_graph(["a", "b"], name="renamed")
        store.save(build_trace(ran("a"), graph=other, trace_id="other"))
        assert client.execute("SELECT count(*) FROM graphs").fetchone()[0] == 2
        assert store.get("3").graph == graph
        assert store.get("other").graph == other

    def test_deleting_gives_the_space_back(self, store):
        store.save_many([growing_trace(f"{number}") for number in range(5)])
        full = store.size_bytes()
        store.delete([f"{number}" for number in range(5)])
        assert store.size_bytes() < full / 10
        store.close()  # only now the file is as small as its contents
        assert store.path.stat().st_size < full * 0.6

    @pytest.mark.parametrize(
        "query",
        [
            TraceQuery(),
            TraceQuery(pipeline="p"),
            TraceQuery(statuses=("failed",)),
            TraceQuery(since=CREATED_AT, until=CREATED_AT + timedelta(days=1)),
            TraceQuery(codes=("STR401",), severities=("critical",), node="n"),
        ],
    )
    def test_listings_find_their_way_by_index(self, store, client, query):
        statements = []
        with store._connections.reading() as connection:
            connection.set_trace_callback(statements.append)
        store.list(query)
        listing = next(statement for statement in statements if "INDEXED BY" in statement)
        plan = [row["detail"] for row in client.execute(f"EXPLAIN QUERY PLAN {listing}")]
        assert plan
        assert not [line for line in plan if "TEMP B-TREE FOR ORDER" in line]
        assert not [line for line in plan if line.startswith("SCAN") and "INDEX" not in line]


class TestFiles:
    def test_file_and_folder_are_private(self, store):
        store.save(full_trace())
        assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
        for name in ("traces.db", "traces.db-wal", "traces.db-shm"):
            assert stat.S_IMODE((store.path.parent / name).stat().st_mode) == 0o600
        assert (store.path.parent / ".gitignore").read_text() == "*\n"

    def test_a_folder_of_the_user_is_left_as_it_is(self, tmp_path):
        tmp_path.chmod(0o755)
        SqliteStore(tmp_path / "traces.db").close()
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
        assert not (tmp_path / ".gitignore").exists()

    def test_an_argus_folder_of_the_user_gets_its_gitignore(self, path):
        path.parent.mkdir()
        SqliteStore(path).close()
        assert (path.parent / ".gitignore").read_text() == "*\n"

    @pytest.mark.parametrize("name", ["traces.db", "traces.db-wal", "traces.db-shm", "traces.db-journal"])
    def test_links_are_not_followed(self, path, tmp_path, name):
        victim = tmp_path / "victim"
        victim.write_text("precious")
        path.parent.mkdir()
        (path.parent / name).symlink_to(victim)
        with pytest.raises(StoreUnavailable, match=name):
            SqliteStore(path)
        assert victim.read_text() == "precious"

    def test_a_linked_folder_is_not_followed(self, path, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        path.parent.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(StoreUnavailable):
            SqliteStore(path)
        assert list((tmp_path / "elsewhere").iterdir()) == []

    def test_a_file_of_another_user_is_refused(self, tmp_path, monkeypatch):
        SqliteStore(tmp_path / "traces.db").close()
        monkeypatch.setattr(private_files.os, "getuid", lambda: os.geteuid() + 1)
        with pytest.raises(StoreUnavailable, match="another user"):
            SqliteStore(tmp_path / "traces.db")

    def test_a_store_whose_folder_was_deleted_makes_it_anew(self, store):
        store.save(full_trace("old"))
        for file in store.path.parent.iterdir():
            file.unlink()
        store.path.parent.rmdir()
        store.save(full_trace("new"))
        assert [row.id for row in store.list().rows] == ["new"]
        assert [row.id for row in SqliteStore(store.path).list().rows] == ["new"]

    def test_odd_names_are_taken_literally(self, tmp_path):
        for name in ("with space.db", "per%20cent?x=1#y.db", "file:memory.db", "é.db"):
            store = SqliteStore.open(f"sqlite:///{tmp_path / name}")
            assert store.url == f"sqlite:///{tmp_path / name}"
            store.close()
            assert (tmp_path / name).exists()

    @pytest.mark.parametrize(
        "url", ["sqlite:", "sqlite://", "sqlite:///", "sqlite://host/x", "sqlite:///:memory:", "x:///y"]
    )
    def test_urls_that_name_no_file_are_refused(self, url):
        with pytest.raises(ConfigError):
            SqliteStore.open(url)


class TestVersions:
    def test_migrations_are_numbered_without_gaps(self):
        assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))

    def test_a_newer_store_is_refused_and_left_alone(self, path, store):
        store.close()
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 999")
        connection.close()
        with pytest.raises(SchemaMismatch, match=r"layout 999.*upgrade"):
            SqliteStore(path)

    def test_a_database_of_another_program_is_refused_and_left_alone(self, tmp_path):
        connection = sqlite3.connect(tmp_path / "app.db")
        connection.execute("CREATE TABLE customers (name)")
        connection.commit()
        with pytest.raises(StoreCorrupt, match="another program"):
            SqliteStore(tmp_path / "app.db")
        assert [row[0] for row in connection.execute("SELECT name FROM sqlite_master")] == ["customers"]
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
        connection.close()

    def test_an_interrupted_migration_leaves_nothing(self, tmp_path, monkeypatch):
        from argus.storage.sqlite import schema

        broken = (*migrations(), schema.Migration(len(migrations()) + 1, ("CREATE TABLE half (x)", "nonsense")))
        monkeypatch.setattr(schema, "migrations", lambda: broken)
        with pytest.raises(StorageError):
            SqliteStore(tmp_path / "traces.db")
        monkeypatch.undo()
        store = SqliteStore(tmp_path / "traces.db")
        store.save(full_trace())
        store.close()

    def test_many_may_open_a_new_store_at_once(self, path):
        stores, failures = [], []

        def open_and_save(number):
            try:
                stores.append(SqliteStore(path))
                stores[-1].save(full_trace(str(number)))
            except StorageError as error:
                failures.append(error)

        threads = [threading.Thread(target=open_and_save, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(stores[0].list().rows) == 8
        for store in stores:
            store.close()

    def test_processes_may_open_a_new_store_at_once(self, path):
        code = f"from argus.storage.sqlite import SqliteStore; SqliteStore({str(path)!r}).close()"
        opening = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
        assert [process.wait(60) for process in opening] == [0, 0, 0, 0]


class TestFaults:
    def test_every_meaning_is_told(self, tmp_path):
        for part, kind, meaning in _MEANINGS:
            error = translate(sqlite3.OperationalError(part.upper()), tmp_path / "t.db")
            assert type(error) is kind
            assert str(tmp_path / "t.db") in str(error)
            assert meaning in str(error)
        assert type(translate(sqlite3.IntegrityError("NOT NULL failed"), tmp_path)) is StorageError

    def test_a_locked_store_is_unavailable(self, store):
        with store._connections.writing(), pytest.raises(StoreUnavailable, match="locked") as caught:
            SqliteStore(store.path, busy_timeout_ms=20).save(full_trace())
        assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
        store.save(full_trace())

    def test_readers_do_not_wait_for_writers(self, store):
        store.save(full_trace())
        with store._connections.writing():
            assert store.get(full_trace().id) == full_trace()

    def test_a_full_disk_is_unavailable_and_leaves_nothing(self, store):
        store.save(full_trace())
        with store._connections.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(StoreUnavailable, match="disk"):
            store.save_many([full_trace("small"), growing_trace()])
        assert [row.id for row in store.list().rows] == [full_trace().id]
        store.save(full_trace("small"))

    def test_a_readonly_store_is_unavailable(self, store):
        with store._connections.reading() as connection:
            connection.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreUnavailable, match="permissions"):
            store.save(full_trace())

    def test_text_instead_of_a_database_is_corrupt(self, tmp_path):
        (tmp_path / "traces.db").write_text("no database at all\n" * 100)
        with pytest.raises(StoreCorrupt, match="no SQLite file"):
            SqliteStore(tmp_path / "traces.db")

    def test_a_damaged_store_is_corrupt(self, store):
        store.save_many([growing_trace(), full_trace()])
        store.close()
        content = bytearray(store.path.read_bytes())
        for start in range(4096 * 3, len(content), 4096):
            content[start : start + 64] = b"\xff" * 64
        store.path.write_bytes(content)
        with pytest.raises(StoreCorrupt, match="damaged"):
            SqliteStore(store.path).get("growing")

    def test_a_missing_table_is_corrupt(self, store, client):
        client.execute("DROP TABLE steps")
        with pytest.raises(StoreCorrupt):
            store.save(full_trace())

    def test_a_folder_that_cannot_be_made_is_unavailable(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreUnavailable):
            SqliteStore(tmp_path / "file" / "sub" / "traces.db")

    def test_a_folder_instead_of_a_file_is_unavailable(self, tmp_path):
        with pytest.raises(StoreUnavailable, match="not a plain file"):
            SqliteStore(tmp_path)

    def test_numbers_that_do_not_fit_a_column_are_a_storage_error(self, store):
        with pytest.raises(StorageError):
            store.save(build_trace(ran("a", attempt=2**70)))
        assert store.list().rows == ()

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE trace_values SET body = '{'",
            "UPDATE trace_values SET kind = 1, body = '[[900,901]]'",
            "UPDATE steps SET input_refs = '{\"x\":99}'",
            "UPDATE traces SET created_at = 'yesterday'",
            "UPDATE detections SET evidence = '[{\"x\":1}]'",
            "UPDATE graphs SET spec = '[]'",
        ],
    )
    def test_contents_that_were_tampered_with_are_corrupt(self, store, client, change):
        trace = full_trace()
        store.save(trace)
        client.execute(change)
        client.commit()
        with pytest.raises(StoreCorrupt, match="did not write"):
            store.get(trace.id)

    def test_a_trace_that_is_not_whole_is_a_storage_error(self, store):
        for broken in ({"steps": ("no step",)}, {"created_at": "yesterday"}, {"summary": None}):
            with pytest.raises(StorageError, match="cannot be stored"):
                store.save(msgspec.structs.replace(full_trace(), **broken))
        assert store.list().rows == ()

    def test_a_hostile_view_runs_no_code(self, store, client):
        """A file from elsewhere may carry views; functions with side effects are refused inside them."""
        client.execute("DROP VIEW value_json")
        client.execute("CREATE VIEW value_json AS SELECT load_extension('evil') AS number, 1 AS json")
        client.commit()
        with pytest.raises(StorageError), store._connections.reading() as connection:
            connection.execute("SELECT * FROM value_json").fetchall()

    def test_an_exception_inside_a_transaction_undoes_it(self, store):
        def write_and_fail():
            with store._connections.writing() as connection:
                connection.execute("INSERT INTO graphs VALUES (1, 'a', 'b', 'c')")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            write_and_fail()
        with store._connections.reading() as connection:
            assert connection.execute("SELECT count(*) FROM graphs").fetchone()[0] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_parent_and_child_of_a_fork_both_write(path):
    code = f"""
import os
from argus.storage.sqlite import SqliteStore
from argus.testing.full_trace import full_trace
store = SqliteStore({str(path)!r})
store.save(full_trace("before"))
child = os.fork()
store.save(full_trace("child" if child == 0 else "parent"))
assert store.get("before") == full_trace("before")
if child == 0:
    store.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
store.save(full_trace("after"))
assert store.find_prefix("") == ("after", "before", "child", "parent")
store.close()
"""
    subprocess.run([sys.executable, "-W", "ignore::DeprecationWarning", "-c", code], check=True, timeout=60)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()


def test_a_store_that_nobody_closed_is_closed_at_exit(path):
    code = f"""
from argus.storage.sqlite import SqliteStore
from argus.testing.full_trace import full_trace
store = SqliteStore({str(path)!r})
store.save(full_trace())
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
    assert not Path(f"{path}-wal").exists()


def test_opening_marks_the_file_as_ours(store, client):
    assert client.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert client.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_an_unknown_id_tells_the_id(store):
    with pytest.raises(TraceNotFound, match="abc"):
        store.get("abc")
    with pytest.raises(TraceNotFound):
        store.get(HOSTILE)


def test_a_metric_that_is_never_told_is_not_searched_to_the_beginning(store):
    store.save_many([build_trace(*[ran("a")] * 900, trace_id=str(number)) for number in range(5)])
    steps = []
    with store._connections.reading() as connection:
        connection.set_progress_handler(lambda: steps.append(1), 1000)
    assert store.history("pipeline", None).samples("token_count", "a") == ()
    assert len(store.history("pipeline", None).samples("execution_time", "a")) == 200
    assert len(steps) < 100  # thousands of virtual machine instructions
