"""``argus watch`` as a process of its own, beside plain ``python``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PIPELINE = """
import sys
from typing import TypedDict
from langgraph.graph import END, START, StateGraph

class State(TypedDict, total=False):
    order: str
    docs: list
    out: str

def find(state):
    return {"dcos": ["x"]} if state["order"] == "broken" else {"docs": ["x"]}

def send(state):
    return {"out": state["docs"][0]}

graph = StateGraph(State)
graph.add_node("find", find)
graph.add_node("send", send)
graph.add_edge(START, "find")
graph.add_edge("find", "send")
graph.add_edge("send", END)
app = graph.compile(name="orders")
"""


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARGUS_", "PYTHON", "COV"))}
    return {**kept, "COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1", **more}


def start(folder: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environment(**more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # whoever runs the tests in the background may have SIGINT ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


RUNNER = """
import sys
from argus.cli.script import run_module, run_script, wait_for_threads
words = sys.argv[1:]
code = run_module(words[1], words[2:]) if words[0] == "-m" else run_script(words[0], words[1:])
wait_for_threads()
sys.exit(code)
"""


def both(folder: Path, *words: str, typed: str = "") -> tuple[tuple[int, str, str], tuple[int, str, str]]:
    """What plain Python answers, and what our way of running a program does."""
    plain = start(folder, *words)
    watched = start(folder, "-c", RUNNER, *words)
    answers = []
    for process in (plain, watched):
        out, err = process.communicate(typed, timeout=100)
        answers.append((process.returncode, out, err))
    return answers[0], answers[1]


def watch(folder: Path, *words: str, **more: str) -> tuple[int, str, str]:
    process = start(folder, "-m", "argus", "watch", *words, **more)
    out, err = process.communicate(timeout=100)
    return process.returncode, out, err


PROGRAMS = {
    "surroundings": """
        import sys, os
        print(sys.argv, sys.path[0], __name__, __file__, __package__, __spec__, __doc__)
        print(sys.stdin.read(), end="")
        print("to stderr", file=sys.stderr)
        import neighbour
        print(neighbour.NAME, sys.modules["__main__"].__dict__ is globals())
    """,
    "exit_number": "import sys; sys.exit(7)",
    "exit_text": "import sys; sys.exit('gone wrong')",
    "exit_none": "import sys; sys.exit()",
    "exit_nested": "def f():\n    raise SystemExit(3)\ntry:\n    f()\nfinally:\n    print('cleaned up')",
    "traceback": "def deep(n):\n    return 1 / n\n\ndef f():\n    deep(0)\n\nf()",
    "chained": "try:\n    {}['x']\nexcept KeyError as error:\n    raise ValueError('second') from error",
    "syntax": "x = (1,\nprint('never')\n",
    "hook": "import sys\nsys.excepthook = lambda kind, error, trace: print('mine', kind.__name__)\nraise OSError('x')",
    "exit_order": """
        import atexit, threading, time
        atexit.register(print, "at exit")
        threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
        print("end of main")
    """,
    "pickle": """
        import pickle
        class Thing:
            pass
        print(type(pickle.loads(pickle.dumps(Thing()))) is Thing)
    """,
    "deprecation": "import warnings\nwarnings.warn('old', DeprecationWarning)",
    "pool": """
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(2)
        print(pool.submit(lambda: 5).result())
    """,
}


def dedent(source: str) -> str:
    import textwrap

    return textwrap.dedent(source).lstrip("\n")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    (folder / "scripts").mkdir()
    (folder / "scripts" / "neighbour.py").write_text("NAME = 'neighbour'\n")
    for name, source in PROGRAMS.items():
        (folder / "scripts" / f"case_{name}.py").write_text(dedent(source))
    package = folder / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(
        "import sys\nprint(sys.argv, sys.path[0], __name__, __package__)\nsys.exit(4)\n"
    )
    (package / "tool.py").write_text("from . import __name__ as outer\nprint(outer, __spec__.name)\n1 / 0\n")
    return folder


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_script_runs_as_it_does_without(name: str, programs: Path) -> None:
    plain, watched = both(programs, f"scripts/case_{name}.py", "--verbose", "-x", "a b", typed="typed\nin\n")
    assert watched == plain


def test_a_module_runs_as_it_does_without(programs: Path) -> None:
    plain, watched = both(programs, "-m", "package", "--strict", "-m", "x")
    assert watched == plain
    assert plain[0] == 4


def test_a_failing_module_shows_no_frame_of_ours(programs: Path) -> None:
    code, out, err = watch(programs, "-m", "package.tool", ARGUS_QUIET="1")
    assert (code, out) == (1, "package package.tool\n")
    assert "ZeroDivisionError" in err
    assert "argus" not in err


def test_an_interrupt_reaches_the_script_and_ends_with_130(tmp_path: Path) -> None:
    (tmp_path / "wait.py").write_text(
        "import time\ntry:\n    print('ready', flush=True)\n    time.sleep(60)\nfinally:\n    print('cleaned up')\n"
    )
    process = start(tmp_path, "-m", "argus", "watch", "wait.py", ARGUS_QUIET="1")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=110)
    assert (process.returncode, out) == (130, "cleaned up\n")
    assert err.rstrip().endswith("KeyboardInterrupt")


def test_findings_are_told_on_stderr_and_stored(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        PIPELINE + "print(app.invoke({'order': 'fine'})['out'])\ntry:\n    app.invoke({'order': 'broken'})\n"
        "except KeyError:\n    print('survived')\n"
    )
    code, out, err = watch(tmp_path, "app.py")
    assert (code, out) == (0, "x\nsurvived\n")
    assert "argus: 1 of 2 runs with findings" in err
    assert "Failed" in err
    assert "argus trace " in err
    listed = subprocess.run(
        [sys.executable, "-m", "argus", "trace", "--list", "--json"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=True,
    )
    rows = json.loads(listed.stdout)["traces"]
    assert [row["status"] for row in rows] == ["failed", "ok"]
    assert watch(tmp_path, "--strict", "app.py", ARGUS_QUIET="1") == (1, out, "")


def test_the_scripts_own_status_wins_over_findings(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        PIPELINE + "try:\n    app.invoke({'order': 'broken'})\nexcept KeyError:\n    sys.exit(9)\n"
    )
    code, out, err = watch(tmp_path, "--strict", "--verbose", "-m", "app")
    assert (code, out) == (9, "")
    assert "Steps" in err


def test_a_clean_run_is_silent_and_keeps_no_states_on_request(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PIPELINE + "print(app.invoke({'order': 'tell-tale-value'})['out'])\n")
    assert watch(tmp_path, "--strict", "--no-persist", "app.py") == (0, "x\n", "")
    files = [file for file in (tmp_path / ".argus").rglob("*") if file.is_file()]
    assert files
    assert not any(b"tell-tale-value" in file.read_bytes() for file in files)


def test_findings_are_shown_while_the_script_still_runs_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        PIPELINE + "try:\n    app.invoke({'order': 'broken'})\nexcept KeyError:\n    pass\nsys.stdin.readline()\n"
    )
    process = start(tmp_path, "-m", "argus", "watch", "--strict", "--verbose", "app.py")
    assert process.stderr is not None
    shown = ""
    while "find" not in shown or "docs" not in shown:
        shown += process.stderr.readline()
    assert process.poll() is None
    _, err = process.communicate("\n", timeout=100)
    assert process.returncode == 1
    assert "1 of 1 run with findings" in " ".join(err.split()) or "1 run with findings" in " ".join(err.split())


def test_runs_of_child_processes_are_stored_too(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        PIPELINE + "import os\napp.invoke({'order': 'fine'})\npid = os.fork()\n"
        "app.invoke({'order': 'fine'})\nos._exit(0) if not pid else os.waitpid(pid, 0)\n"
    )
    code, out, err = watch(tmp_path, "app.py", PYTHONWARNINGS="ignore")
    assert (code, out, err) == (0, "", "")
    words = ["-m", "argus", "trace", "--list", "--json"]
    listed, _ = start(tmp_path, *words).communicate(timeout=100)
    assert [row["status"] for row in json.loads(listed)["traces"]] == ["ok"] * 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.py",), "none.py cannot be read"),
        ((".",), "is a folder"),
        (("-m", "no_such_module_anywhere"), "no module"),
        (("-m", "json.nothing"), "json.nothing"),
        ((), "Name a script"),
        (("--config", "none.yaml", "app.py"), "none.yaml"),
        (("--strct", "app.py"), "--strict"),
    ],
)
def test_what_cannot_be_run_is_said_with_status_2(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    code, out, err = watch(tmp_path, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_script_without_a_graph_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("print('hello')\n")
    code, out, err = watch(tmp_path, "plain.py")
    assert (code, out) == (0, "hello\n")
    assert "no LangGraph graph ran" in err


def test_a_script_that_records_a_session_of_its_own_is_not_told_so(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "from argus import ArgusSession\n"
        "with ArgusSession(storage=False) as session:\n"
        "    print(session.wrap('double', lambda n: 2 * n)(4))\n"
    )
    code, out, err = watch(tmp_path, "own.py")
    assert (code, out, err) == (0, "8\n", "")


def test_a_store_that_cannot_be_written_does_not_touch_the_script(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PIPELINE + "print(app.invoke({'order': 'fine'})['out'])\n")
    (tmp_path / "file").write_text("")
    code, out, err = watch(tmp_path, "--store", "file/traces.db", "app.py")
    assert (code, out) == (2, "x\n")
    assert "not stored" in " ".join(err.split())
