"""Several writers, a long log, the index and what is swept away; a service whose store is away for a while."""

import multiprocessing
import os
import subprocess
import sys
import textwrap
from datetime import timedelta

import pytest

from argus.storage.base import TraceQuery
from argus.storage.locate import open_store
from argus.storage.object_store import ObjectStore
from argus.storage.object_store.address import address_of
from argus.testing.builders import CREATED_AT
from argus.testing.full_trace import small_trace


def ids(store, **conditions):
    found, cursor = [], None
    while True:
        page = store.list(TraceQuery(**conditions), limit=1000, cursor=cursor)
        found += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return found


def write(url, worker, count):
    store = ObjectStore(address_of(url), long_log=3, look_every=2, grace_s=5)
    for number in range(worker * count, worker * count + count):
        store.save_many([small_trace(number), small_trace(9_999, summary=f"{worker}")])  # one id that all fight over
    store.close()


def test_four_processes_that_all_work_out_the_index(tmp_path):
    url = f"file://{tmp_path}/runs"
    start = multiprocessing.get_context("spawn").Process
    workers = [start(target=write, args=(url, worker, 12)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(90)
    assert [worker.exitcode for worker in workers] == [0] * 4
    store = open_store(url)
    expected = [small_trace(number).id for number in (9_999, *reversed(range(48)))]
    assert ids(store) == expected
    store.vacuum()
    assert ids(store) == expected
    assert store.get(small_trace(9_999).id).summary in "0123"
    store.close()


def test_an_index_of_many_leaves(tmp_path):
    store = ObjectStore(address_of(f"file://{tmp_path}/runs"), long_log=1, look_every=1, leaf_runs=100, grace_s=0)
    numbers = [*range(0, 300, 2), *range(299, 0, -2)]  # forwards, then backwards in between
    for first in range(0, len(numbers), 50):
        store.save_many([small_trace(number, trace_id=f"{number:05}") for number in numbers[first : first + 50]])
    assert ids(store) == [f"{number:05}" for number in reversed(range(300))]
    leaves = [*(tmp_path / "runs" / "index").iterdir()]
    assert 3 <= len(leaves) <= 16
    since, until = (small_trace(number).created_at for number in (170, 190))
    assert ids(store, since=since, until=until) == [f"{number:05}" for number in reversed(range(170, 190))]
    assert store.delete([f"{number:05}" for number in range(100, 300)]) == 200
    assert ids(store) == [f"{number:05}" for number in reversed(range(100))]
    assert store.get("00042") == small_trace(42, trace_id="00042")
    store.close()


def test_a_listing_reads_only_what_it_shows(tmp_path, monkeypatch):
    store = ObjectStore(address_of(f"file://{tmp_path}/runs"), long_log=1, look_every=1, leaf_runs=100)
    for day in range(4):
        at = CREATED_AT + timedelta(days=day)
        store.save_many(
            [small_trace(n, trace_id=f"{day}{n:04}", created_at=at + timedelta(seconds=n)) for n in range(100)]
        )
    fresh = open_store(store.url)
    read = []
    plain = fresh._objects.get
    monkeypatch.setattr(fresh._objects, "get", lambda name: read.append(name) or plain(name))
    assert len(fresh.list(limit=50).rows) == 50
    assert len([name for name in read if name.startswith("index/")]) == 1
    read.clear()
    day = TraceQuery(since=CREATED_AT + timedelta(days=1), until=CREATED_AT + timedelta(days=2))
    assert len(fresh.list(day, limit=1000).rows) == 100
    assert len([name for name in read if name.startswith("index/")]) <= 2
    assert not [name for name in read if name.startswith("traces/")]
    fresh.close()
    store.close()


def test_what_a_writer_left_half_done_when_it_was_killed_is_not_seen(tmp_path):
    program = textwrap.dedent(
        f"""
        import os
        from argus.storage.object_store import ObjectStore
        from argus.testing.full_trace import small_trace

        store = ObjectStore.open("file://{tmp_path}/runs")
        store.save(small_trace(1))
        store._log.append = lambda record: os.kill(os.getpid(), 9)
        store.save(small_trace(2))
        """
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == -9
    store = open_store(f"file://{tmp_path}/runs")
    assert ids(store) == [small_trace(1).id]
    assert store.find_prefix("0") == (small_trace(1).id,)
    store.save(small_trace(2))
    assert ids(store) == [small_trace(2).id, small_trace(1).id]
    assert store.get(small_trace(2).id) == small_trace(2)
    store.close()


SERVICE = textwrap.dedent(
    """
    import sys
    import argus

    def shout(state):
        return {"text": state["text"].upper()}

    from langgraph.graph import START, StateGraph
    from typing import TypedDict

    class State(TypedDict, total=False):
        text: str

    graph = StateGraph(State)
    graph.add_node("only", shout)
    graph.add_edge(START, "only")
    app = argus.attach(graph.compile(name="service"))
    for line in sys.stdin:
        app.invoke({"text": line.strip()})
        print("ran", flush=True)
        if line.startswith("wait"):
            argus.flush(20)
            print("flushed", flush=True)
    """
)


def test_runs_wait_in_the_journal_while_the_server_is_away(s3, proxy, tmp_path):
    pytest.importorskip("langgraph")
    bucket = s3.bucket()
    direct = ObjectStore.open(s3.url(bucket))
    (tmp_path / "service.py").write_text(SERVICE)
    (tmp_path / "argus.yaml").write_text(f"storage: {{url: '{s3.url(bucket, port=proxy.server_port)}'}}\n")
    with (
        (tmp_path / "errors").open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "service.py"],
            cwd=tmp_path, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
        ) as service,
    ):  # fmt: skip

        def run(text, answers):
            service.stdin.write(f"{text}\n")
            service.stdin.flush()
            assert [service.stdout.readline() for _ in range(answers)] == ["ran\n", "flushed\n"][:answers]

        run("wait: before", 2)
        assert len(ids(direct)) == 1
        proxy.fail("unavailable")
        for number in range(3):
            run(f"meanwhile {number}", 1)
        run("wait: nothing can be stored", 2)
        assert len(ids(direct)) == 1
        proxy.fail("")
        service.stdin.close()
        assert service.wait(60) == 0, (tmp_path / "errors").read_text()
    if len(ids(direct)) != 5:  # what the process did not get done is taken in by the next command
        subprocess.run(
            [sys.executable, "-m", "argus", "trace", "--last"], cwd=tmp_path, capture_output=True, check=True
        )
    outputs = {direct.get(trace_id).steps[0].output_state["text"] for trace_id in ids(direct)}
    meanwhile = {f"MEANWHILE {number}" for number in range(3)}
    assert outputs == {"WAIT: BEFORE", "WAIT: NOTHING CAN BE STORED", *meanwhile}
    assert "they are kept, and storing is tried again" in (tmp_path / "errors").read_text()
    direct.close()
