"""The command line and a watched service on PostgreSQL; runs wait in the journal while the server is away."""

import subprocess
import sys
import textwrap
import time

import pytest

from argus.storage.locate import open_store
from argus.testing.full_trace import full_trace, small_trace

SERVICE = textwrap.dedent(
    """
    import sys
    from typing import TypedDict
    from langgraph.graph import START, StateGraph
    import argus

    class State(TypedDict, total=False):
        text: str

    graph = StateGraph(State)
    graph.add_node("only", lambda state: {"text": state["text"].upper()})
    graph.add_edge(START, "only")
    app = argus.attach(graph.compile(name="service"))
    for line in sys.stdin:
        app.invoke({"text": line.strip()})
        print("ran", flush=True)
    """
)


@pytest.fixture
def argus(tmp_path):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "argus", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )

    return run


def test_the_command_line_reads_it(argus, url):
    store = open_store(url)
    store.save_many([full_trace(), small_trace(1)])
    store.close()
    listed = argus("--store", url, "trace", "--list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert full_trace().id[:8] in listed.stdout
    shown = argus("--store", url, "trace", full_trace().id)
    assert shown.returncode == 0, shown.stderr
    healthy = argus("--store", url, "doctor")
    assert healthy.returncode == 0, healthy.stdout
    assert "postgresql://" in healthy.stdout


def test_the_command_line_says_what_is_wrong(argus):
    away = "postgresql://me:sesame@127.0.0.1:1/x"
    for arguments in (("trace", "--list"), ("doctor",)):
        done = argus("--store", away, *arguments)
        said = " ".join((done.stdout + done.stderr).split())
        assert done.returncode != 0
        assert "postgresql://me:***@127.0.0.1:1/x" in said
        assert "check that the server runs" in said
        assert "sesame" not in said
        assert "Traceback" not in said


def test_runs_wait_in_the_journal_while_the_server_is_away(own_server, tmp_path):
    url = own_server.url()
    open_store(url).close()
    (tmp_path / "service.py").write_text(SERVICE)
    (tmp_path / "argus.yaml").write_text(f"storage: {{url: '{url}'}}\n")
    with (
        (tmp_path / "errors").open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "service.py"],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as service,
    ):

        def run(text):
            service.stdin.write(f"{text}\n")
            service.stdin.flush()
            assert service.stdout.readline() == "ran\n"

        run("before")
        wait_for(url, 1)
        own_server.kill()
        for number in range(5):
            run(f"meanwhile {number}")
        time.sleep(0.5)
        own_server.start()
        run("after")
        service.stdin.close()
        assert service.wait(40) == 0, (tmp_path / "errors").read_text()
    subprocess.run([sys.executable, "-m", "argus", "trace", "--last"], cwd=tmp_path, capture_output=True, check=True)
    store = wait_for(url, 7)
    outputs = {store.get(row.id).steps[0].output_state["text"] for row in store.list().rows}
    assert outputs == {"BEFORE", "AFTER", *(f"MEANWHILE {number}" for number in range(5))}
    store.close()


def wait_for(url, count):
    store = open_store(url)
    deadline = time.monotonic() + 30
    while len(store.list().rows) != count:
        assert time.monotonic() < deadline, f"{len(store.list().rows)} of {count}"
        time.sleep(0.1)
    return store
