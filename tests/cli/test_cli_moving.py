"""argus copy, export and import."""

import json

from argus.storage.locate import open_store
from argus.testing.full_trace import full_trace, hostile_trace, small_trace

TRACES = [full_trace(), hostile_trace(), small_trace(1)]


def filled(path):
    store = open_store(f"sqlite:///{path}")
    store.save_many(TRACES)
    store.close()


def held(path):
    store = open_store(f"sqlite:///{path}")
    try:
        return {row.id: store.get(row.id) for row in store.list().rows}
    finally:
        store.close()


def test_copy_says_what_was_copied(call, tmp_path):
    filled(tmp_path / "a.db")
    shown = call("copy", "a.db", "b.db")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("3 runs copied from a.db to b.db, checksum ")
    assert held(tmp_path / "b.db") == {trace.id: trace for trace in TRACES}


def test_export_and_import_give_the_same_runs(call, tmp_path):
    filled(tmp_path / "a.db")
    exported = call("--store", "a.db", "export", "--output", "runs.jsonl", "--json")
    assert exported.code == 0
    imported = call("--store", "new/b.db", "import", "runs.jsonl", "--json")
    assert imported.code == 0, imported.err
    facts, again = json.loads(exported.out), json.loads(imported.out)
    assert (facts["traces"], facts["checksum"]) == (3, again["checksum"])
    assert held(tmp_path / "new" / "b.db") == {trace.id: trace for trace in TRACES}


def test_what_cannot_be_moved_is_explained(call, tmp_path):
    missing = call("copy", "nowhere.db", "b.db")
    assert missing.code == 2
    assert "there is no store at nowhere.db" in missing.err
    assert not (tmp_path / "nowhere.db").exists()
    (tmp_path / "other.jsonl").write_text("{}\n")
    other = call("import", "other.jsonl")
    assert other.code == 2
    assert "no file that `argus export` wrote" in other.err


def test_passwords_never_show(call):
    shown = call("copy", "postgresql://me:sesame@127.0.0.1:1/x", "b.db")
    assert shown.code == 2
    assert "postgresql://me:***@127.0.0.1:1/x" in " ".join(shown.err.split())
    assert "sesame" not in shown.out + shown.err
