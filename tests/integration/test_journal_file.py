"""The journal file itself: torn tails, other processes, forks, full disks, and when it goes away."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from argus.config.settings import JournalSettings, Settings
from argus.errors import SchemaMismatch, StorageError
from argus.model.codec import encode_trace
from argus.recording import journal as journal_module
from argus.recording.assemble import assemble
from argus.recording.journal import MAGIC
from argus.recording.recorder import Recorder
from argus.recording.recovery import discard, orphans, read_journal
from argus.testing.builders import build_graph

GRAPH = build_graph(["a", "b"])


def recorder(folder, **journal):
    return Recorder(settings=Settings(journal=JournalSettings(**journal)), journal_folder=folder)


def play(run, steps=3, close=True):
    state = {"rows": [], "text": "start"}
    for number in range(steps):
        step = run.start_step("a", superstep=number, read_state=lambda state=state: state)
        update = {"rows": [{"n": number, "long": "x" * 300}], "text": f"text {number}"}
        run.finish_step(step, outcome="ok", update=update)
        state = {"rows": [*state["rows"], *update["rows"]], "text": update["text"]}
    if close:
        run.close("completed", output=state)
    return run


def written(path):
    """The file without the disk's blocks that were taken ahead."""
    return path.read_bytes().rstrip(b"\0")


def files(folder):
    return sorted(path for path in folder.iterdir() if path.suffix == ".journal")


@pytest.mark.parametrize("fsync", ["off", "step", "run"])
def test_memory_and_journal_tell_the_same(fsync, tmp_path):
    run = play(recorder(tmp_path, fsync=fsync).open_run(graph=GRAPH, value={"q": 1}, metadata={"m": [1]}))
    (read,) = read_journal(run.journal.path)
    assert encode_trace(read) == encode_trace(assemble(run))
    assert read.graph == GRAPH


def test_a_graph_that_grows_until_the_end_is_kept(tmp_path):
    run = recorder(tmp_path).open_run(graph=build_graph(["a"]))
    run.graph = GRAPH
    play(run)
    assert read_journal(run.journal.path)[0].graph == GRAPH


def test_a_torn_tail_costs_the_torn_frame_only(tmp_path):
    run = play(recorder(tmp_path).open_run(graph=None, value={"q": 1}), steps=2)
    whole = written(run.journal.path)
    torn = tmp_path / "torn.journal"
    steps_read = []
    for length in range(len(whole) + 1):
        torn.write_bytes(whole[:length])
        traces = read_journal(torn)
        assert len(traces) <= 1
        steps_read.append(len(traces[0].steps) if traces else -1)
    assert steps_read == sorted(steps_read)
    assert steps_read[-1] == 2
    assert read_journal(torn)[0].status == "ok"


def test_damage_ends_the_reading_and_is_not_believed(tmp_path):
    run = play(recorder(tmp_path).open_run(graph=None))
    data = bytearray(written(run.journal.path))
    damaged = tmp_path / "damaged.journal"
    for place in range(len(MAGIC), len(data), 7):
        data[place] ^= 0xFF
        damaged.write_bytes(data)
        assert all(trace.id == run.id for trace in read_journal(damaged))
        data[place] ^= 0xFF


def test_a_file_of_another_version_is_refused(tmp_path):
    path = tmp_path / "future.journal"
    path.write_bytes(b"ARGUSJ9\n")
    with pytest.raises(SchemaMismatch):
        read_journal(path)


def test_folded_runs_are_forgotten_and_the_file_goes(tmp_path):
    ours = recorder(tmp_path)
    one, two = play(ours.open_run(graph=GRAPH)), play(ours.open_run(graph=GRAPH), close=False)
    path = one.journal.path
    one.folded()
    assert [trace.id for trace in read_journal(path)] == [two.id]
    two.close("completed")
    two.folded()
    assert read_journal(path) == []
    three = play(ours.open_run(graph=GRAPH))
    (read,) = read_journal(path)
    assert (read.id, read.graph) == (three.id, GRAPH)
    ours.close()
    assert path.exists()
    three.folded()
    assert files(tmp_path) == []


def test_frames_of_runs_that_were_forgotten_never_come_back(tmp_path):
    ours = recorder(tmp_path)
    long, short = play(ours.open_run(graph=None), steps=9), play(ours.open_run(graph=None), steps=2)
    path = long.journal.path
    long.folded()
    short.folded()
    for steps in (0, 1, 2, 9):  # of the same lengths as those that still stand behind them in the file
        again = play(ours.open_run(graph=None), steps=steps, close=False)
        (read,) = read_journal(path)
        assert (read.id, len(read.steps), read.status) == (again.id, steps, "incomplete")
        again.close("completed")
        again.folded()
        assert read_journal(path) == []


def test_a_file_that_became_long_becomes_short_again(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "_KEPT", 1000)
    run = play(recorder(tmp_path).open_run(graph=None), steps=20)
    path = run.journal.path
    assert path.stat().st_size > 1000
    run.folded()
    assert path.stat().st_size < 100
    assert read_journal(path) == []


@pytest.mark.parametrize("failure", [OSError(95, "not supported"), AttributeError()])
def test_where_blocks_cannot_be_taken_ahead_the_file_grows_by_each_frame(failure, tmp_path, monkeypatch):
    def refuse(*_):
        raise failure

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    run = play(recorder(tmp_path).open_run(graph=None))
    assert run.journal.path.stat().st_size < 10_000
    assert read_journal(run.journal.path)[0].status == "ok"


def test_a_long_file_is_followed_by_a_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "_LARGE", 1000)
    ours = recorder(tmp_path)
    first = play(ours.open_run(graph=None))
    second = play(ours.open_run(graph=None))
    assert first.journal.path != second.journal.path
    first.folded()
    assert files(tmp_path) == [second.journal.path]
    assert [trace.id for trace in read_journal(second.journal.path)] == [second.id]


def test_reading_only_some_runs(tmp_path):
    ours = recorder(tmp_path)
    runs = [play(ours.open_run(graph=None)) for _ in range(3)]
    path = runs[0].journal.path
    assert [trace.id for trace in read_journal(path, runs=[runs[1].id])] == [runs[1].id]


def test_a_living_process_keeps_its_file(tmp_path):
    run = play(recorder(tmp_path).open_run(graph=None))
    assert orphans(tmp_path) == []
    with pytest.raises(StorageError):
        discard(run.journal.path)
    assert run.journal.path.exists()
    assert orphans(tmp_path / "nowhere") == []
    discard(tmp_path / "nothing.journal")


TWO = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_journal_file import recorder, play
ours = recorder(Path(sys.argv[1]))
for _ in range(30):
    play(ours.open_run(graph=None))
print(ours.open_run(graph=None).journal.path, flush=True)
import os; os._exit(0)
"""


def test_two_processes_write_side_by_side(tmp_path):
    here = str(Path(__file__).parent)
    both = [
        subprocess.Popen([sys.executable, "-c", TWO, str(tmp_path), here], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    paths = {process.communicate()[0].strip() for process in both}
    left = orphans(tmp_path)
    assert {str(path) for path in left} == paths
    assert len(left) == 2
    for path in left:
        traces = read_journal(path)
        assert [trace.status for trace in traces] == ["ok"] * 30 + ["incomplete"]
        assert all(len(trace.steps) == 3 for trace in traces[:-1])


def test_a_child_of_a_fork_leaves_the_parents_file_alone(tmp_path):
    ours = recorder(tmp_path)
    shared = ours.open_run(graph=None, value={"who": "parent"})
    play(shared, close=False)
    before = shared.journal.path.read_bytes()
    child = os.fork()
    if child == 0:
        try:
            play(shared, close=False)
            own = play(ours.open_run(graph=None, value={"who": "child"}))
            shared.folded()
            os._exit(0 if own.journal.path != shared.journal.path and shared.inherited and not own.inherited else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert shared.journal.path.read_bytes() == before
    (orphan,) = orphans(tmp_path)
    assert orphan != shared.journal.path
    assert [trace.input for trace in read_journal(orphan)] == [{"who": "child"}]
    shared.close("completed")
    assert read_journal(shared.journal.path)[0].status == "ok"


FULL = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_journal_file import recorder, play, written
from argus.recording.assemble import assemble
from argus.recording.recovery import read_journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ours = recorder(Path(sys.argv[1]))
run = ours.open_run(graph=None)
play(run, close=False)
limit = len(written(run.journal.path)) + 100
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
play(run, close=False)
play(run)
trace = assemble(run)
assert len(trace.steps) == 9, trace
assert trace.metadata["losses"]["journal"] >= 11, trace.metadata
assert len(written(run.journal.path)) <= limit
(read,) = read_journal(run.journal.path)
assert len(read.steps) >= 3 and read.status == "incomplete"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
later = play(ours.open_run(graph=None))
assert later.journal.path != run.journal.path
assert "losses" not in assemble(later).metadata
print("fine")
"""


def test_a_full_disk_is_counted_and_nothing_else(tmp_path):
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), here], capture_output=True, text=True, check=False
    )
    assert done.stdout == "fine\n", done.stderr


def test_a_folder_that_cannot_be_made_leaves_runs_in_memory(tmp_path):
    (tmp_path / "in the way").write_text("a file")
    run = play(recorder(tmp_path / "in the way").open_run(graph=None))
    assert run.journal is None
    assert len(assemble(run).steps) == 3


def test_a_folder_that_is_deleted_meanwhile(tmp_path):
    folder = tmp_path / "journal"
    ours = recorder(folder)
    play(ours.open_run(graph=None))
    shutil.rmtree(folder)
    lost = play(ours.open_run(graph=None))
    assert len(assemble(lost).steps) == 3
    assert [trace.id for trace in read_journal(lost.journal.path)] == [lost.id]
    lost.folded()


def test_links_are_not_followed(tmp_path):
    target = tmp_path / "target.journal"
    play(recorder(tmp_path / "real").open_run(graph=None))
    target.write_bytes(files(tmp_path / "real")[0].read_bytes())
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    (folder / "link.journal").symlink_to(target)
    assert orphans(folder) == []
    with pytest.raises(StorageError):
        read_journal(folder / "link.journal")
