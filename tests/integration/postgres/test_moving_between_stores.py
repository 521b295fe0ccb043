"""Traces from store to store and through files, exactly."""

import pytest
from msgspec.structs import replace

from argus.errors import StorageError
from argus.storage.locate import open_store
from argus.storage.memory import MemoryStore
from argus.storage.moving import all_traces, save_all
from argus.storage.trace_file import read_traces, write_traces
from argus.testing.full_trace import full_trace, hostile_trace, small_trace

TRACES = [full_trace(), hostile_trace(), *(small_trace(number) for number in range(150))]


def by_id(store):
    return {trace.id: trace for trace in all_traces(store)}


@pytest.fixture
def sqlite(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    store.save_many(TRACES)
    yield store
    store.close()


def test_to_postgresql_and_back(sqlite, url, tmp_path):
    shared = open_store(url)
    back = open_store(f"sqlite:///{tmp_path}/b.db")
    steps = []
    there = save_all(all_traces(sqlite), shared, steps.append)
    again = save_all(all_traces(shared), back)
    assert there == again == steps[-1]
    assert there.traces == len(TRACES)
    assert by_id(back) == by_id(shared) == {trace.id: trace for trace in TRACES}
    learned = shared.history("pipeline", None).profile().runs
    assert learned > 100
    assert save_all(all_traces(sqlite), shared) == there  # twice changes nothing
    assert len(by_id(shared)) == len(TRACES)
    assert shared.history("pipeline", None).profile().runs == learned
    shared.close()
    back.close()


def test_through_a_file_and_back_is_the_same_to_the_byte(sqlite, url, tmp_path):
    shared = open_store(url)
    written = write_traces(tmp_path / "first.jsonl", all_traces(sqlite))
    assert save_all(read_traces(tmp_path / "first.jsonl"), shared) == written
    write_traces(tmp_path / "second.jsonl", all_traces(shared))
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()
    assert (tmp_path / "first.jsonl").stat().st_mode & 0o077 == 0
    shared.close()


def test_a_file_that_was_cut_changed_or_is_another_is_refused(sqlite, tmp_path):
    path = tmp_path / "file.jsonl"
    write_traces(path, all_traces(sqlite))
    lines = path.read_bytes().splitlines(keepends=True)
    for changed, says in (
        (lines[:-1], "cut short after 152 traces"),
        (lines[:5], "cut short after 4"),
        ([*lines[:4], *lines[5:]], "checksum does not fit"),
        ([lines[0], lines[1][:50]], "line 2 is no trace"),
        (lines[1:], "no file that `argus export` wrote"),
        ([b'{"argus_traces":9}\n', *lines[1:]], "upgrade ARGUS"),
        ([], "no file that"),
        ([b"\xff\x00\n"], "no file that"),
    ):
        path.write_bytes(b"".join(changed))
        with pytest.raises(StorageError, match=says):
            list(read_traces(path))
    with pytest.raises(StorageError, match="cannot be read"):
        list(read_traces(tmp_path / "missing"))
    with pytest.raises(StorageError, match="cannot be written"):
        write_traces(tmp_path / "missing" / "file", [])


def test_a_store_that_changes_what_it_is_given_is_found_out(sqlite):
    class Forgets(MemoryStore):
        def get(self, trace_id):
            return replace(super().get(trace_id), summary="")

    with pytest.raises(StorageError, match="came back from memory: changed"):
        save_all(all_traces(sqlite), Forgets())
