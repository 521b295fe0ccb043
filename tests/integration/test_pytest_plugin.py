"""``pytest --argus`` in projects of its own: real pytest, real graphs, in one process and in parallel workers."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import textwrap
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from argus.reports.gate.plain import plain_text
from argus.storage.locate import open_store
from argus.testing.watching import GraphWatch, observer_for_tests

pytest_plugins = ["pytester"]

GRAPHS = """
from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    question: str
    documents: list[str]
    answer: str


def build(key="documents", name="handbook"):
    def search(state: State) -> dict:
        return {key: ["All about " + state["question"]]}

    def answer(state: State) -> dict:
        return {"answer": " ".join(state.get("documents", []))}

    graph = StateGraph(State)
    graph.add_node("search", search)
    graph.add_node("answer", answer)
    graph.add_edge(START, "search")
    graph.add_edge("search", "answer")
    graph.add_edge("answer", END)
    return graph.compile(name=name)


healthy, faulty = build(), build("docs")
ASK = {"question": "leave"}
"""
OPTIONS = ["-p", "argus.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:randomly"]


@pytest.fixture(scope="module")
def _everything_is_loaded() -> None:
    """Pytester forgets the modules that a run inside this process loads; half of a package loaded twice is no test."""
    names: dict[str, Any] = {}
    exec(GRAPHS, names)
    watch = GraphWatch(observer_for_tests(Path("nowhere")))
    watch.watch(names["faulty"]).invoke(names["ASK"])
    assert not watch.gate().passed
    assert plain_text(watch.gate(), Path.cwd())
    watch.end()


@pytest.fixture
def project(_everything_is_loaded: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    pytester.makepyfile(graphs=GRAPHS)
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.syspathinsert()
    return pytester


def run(project: pytest.Pytester, *words: str, test: str) -> pytest.RunResult:
    project.makepyfile(test_it="import pytest\nfrom graphs import ASK, build, faulty, healthy\n\n" + test)
    return project.runpytest_inprocess(*OPTIONS, *words)


SILENT = """
def test_silent():
    assert faulty.invoke(ASK)["question"] == "leave"


def test_healthy():
    assert healthy.invoke(ASK)["answer"]
"""


def test_a_silent_failure_fails_its_test_and_no_other(project: pytest.Pytester) -> None:
    done = run(project, "--argus", test=SILENT)
    done.assert_outcomes(failed=1, passed=1)
    done.stdout.fnmatch_lines(
        [
            "*test_silent*",
            "ARGUS: Failed: 2 findings in 1 run",
            "critical STR402 at search  graphs.py:*",
            "  `search` returned `docs`*",
            "warning STR403 at answer  graphs.py:*",
            "`search` returned `docs` instead of `documents`*",
        ]
    )
    assert "pytest_plugin.py" not in done.stdout.str()
    assert not (project.path / ".argus").exists()


def test_without_the_option_nothing_is_watched(project: pytest.Pytester) -> None:
    run(project, test=SILENT).assert_outcomes(passed=2)


def test_a_test_that_fails_by_itself_keeps_its_own_report(project: pytest.Pytester) -> None:
    done = run(
        project, "--argus", test="def test_it():\n    assert faulty.invoke(ASK)['answer'] == 'All about leave'\n"
    )
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*AssertionError*", "*Captured argus call*", "ARGUS: Failed: 2 findings*"])


def test_a_raising_graph_that_the_test_expects_is_still_a_finding(project: pytest.Pytester) -> None:
    test = """
    from langgraph.graph import StateGraph

    def breaks(state: dict) -> dict:
        raise LookupError("no such customer")

    def test_it():
        graph = StateGraph(dict)
        graph.add_node("breaks", breaks)
        graph.set_entry_point("breaks")
        with pytest.raises(LookupError):
            graph.compile().invoke({"a": 1})

    @pytest.mark.argus(ignore=["BEH301"])
    def test_ignored():
        test_it()
    """
    run(project, "--argus", test=textwrap.dedent(test)).assert_outcomes(failed=1, passed=1)


MARKED = """
@pytest.mark.argus(ignore=["STR40*"])
def test_codes():
    faulty.invoke(ASK)


@pytest.mark.argus(ignore=[{"code": "STR402", "node": "search", "reason": "we know"}, {"node": "answer"}])
def test_mappings():
    faulty.invoke(ASK)


@pytest.mark.argus(ignore=["STR402"], fail_on="critical")
def test_mild():
    faulty.invoke(ASK)


@pytest.mark.argus(ignore=[{"code": "STR402", "node": "elsewhere"}, {"node": "answer"}])
def test_other_node():
    faulty.invoke(ASK)


@pytest.mark.argus(ignore=["STR402"])
class TestClass:
    @pytest.mark.argus(ignore="STR403")
    def test_both(self):
        faulty.invoke(ASK)

    def test_one(self):
        faulty.invoke(ASK)
"""


def test_marks(project: pytest.Pytester) -> None:
    done = run(project, "--argus", "--strict-markers", "-rA", test=MARKED)
    done.assert_outcomes(passed=4, failed=2)
    done.stdout.fnmatch_lines_random(["FAILED *test_other_node*", "FAILED *test_one*"])


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("fail_on='grave'", "fail_on is 'warning' or 'critical', not 'grave'"),
        ("ignored=['x']", "takes ignore=* and fail_on=*, not *ignored*"),
        ("'STR402'", "takes ignore=* and fail_on=*STR402*"),
        ("ignore=[{'kode': 'x'}]", "ignore holds codes or mappings*kode*"),
        ("ignore=[7]", "ignore holds codes or mappings*7"),
    ],
)
def test_a_wrong_mark_is_said(mark: str, said: str, project: pytest.Pytester) -> None:
    done = run(project, "--argus", test=f"@pytest.mark.argus({mark})\ndef test_it():\n    pass\n")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([f"*@pytest.mark.argus*{said.lstrip()}*"])


FIXTURES = """
def test_trace(argus_trace):
    faulty.invoke(ASK)
    assert argus_trace().status == "failed"
    healthy.invoke(ASK)
    trace = argus_trace()
    assert trace.is_clean
    assert [step.node_name for step in trace.steps] == ["search", "answer"]


def test_trace_of_nothing(argus_trace):
    from argus import WatcherStateError

    with pytest.raises(WatcherStateError, match="has run"):
        argus_trace()


def test_watch(argus_watch):
    other = build("docs")
    app = argus_watch(build("docs"))
    other.invoke(ASK)


def test_watch_finds(argus_watch):
    app = argus_watch(build("docs"))
    app.invoke(ASK)


def test_watch_and_trace(argus_watch, argus_trace):
    argus_watch(healthy).invoke(ASK)
    assert argus_trace().pipeline_name == "handbook"


def test_ended():
    faulty.invoke(ASK)
"""


def test_fixtures_without_the_option(project: pytest.Pytester) -> None:
    done = run(project, "-rA", test=FIXTURES)
    done.assert_outcomes(passed=5, failed=1)
    done.stdout.fnmatch_lines(["FAILED *test_watch_finds*"])


def test_fixtures_with_the_option(project: pytest.Pytester) -> None:
    done = run(project, "--argus", "-rA", test=FIXTURES)
    done.assert_outcomes(passed=2, failed=4)


ASYNC = """
async def test_asyncio():
    await faulty.ainvoke(ASK)


async def test_asyncio_healthy(argus_trace):
    async for _ in healthy.astream(ASK):
        pass
    assert argus_trace().is_clean


@pytest.fixture
def anyio_backend():
    return "asyncio"


class TestAnyio:
    pytestmark = pytest.mark.anyio

    async def test_anyio(self, anyio_backend):
        await faulty.ainvoke(ASK)

    async def test_anyio_healthy(self, anyio_backend):
        await healthy.ainvoke(ASK)
"""


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_async_tests(mode: str, project: pytest.Pytester) -> None:
    test = (
        ASYNC
        if mode == "auto"
        else ASYNC.replace("async def test_asyncio", "@pytest.mark.asyncio\nasync def test_asyncio")
    )
    done = run(project, "--argus", "-rA", "-o", f"asyncio_mode={mode}", test=test)
    done.assert_outcomes(passed=2, failed=2)
    done.stdout.fnmatch_lines_random(["FAILED *test_asyncio*", "FAILED *test_anyio*"])


def test_setup_is_watched_and_teardown_is_not(project: pytest.Pytester) -> None:
    test = """
@pytest.fixture
def before():
    faulty.invoke(ASK)


@pytest.fixture
def after():
    yield
    faulty.invoke(ASK)


def test_before(before):
    pass


def test_after(after):
    pass
"""
    run(project, "--argus", test=test).assert_outcomes(passed=1, failed=1)


def test_skips_expected_failures_and_unittest(project: pytest.Pytester) -> None:
    test = """
import unittest


def test_skipped():
    pytest.skip("not today")


@pytest.mark.xfail(strict=True, reason="known")
def test_expected():
    faulty.invoke(ASK)


class TestCase(unittest.TestCase):
    def test_silent(self):
        faulty.invoke(ASK)
"""
    run(project, "--argus", test=test).assert_outcomes(skipped=1, xfailed=1, failed=1)


def test_configuration_of_the_project_counts(project: pytest.Pytester) -> None:
    (project.path / "argus.yaml").write_text("detection:\n  structural:\n    enabled: false\n")
    run(project, "--argus", test=SILENT).assert_outcomes(passed=2)
    (project.path / "argus.yaml").write_text("detektion: {}\n")
    done = run(project, "--argus", test=SILENT)
    assert done.ret != 0
    done.stdout.fnmatch_lines(["*detektion*"])


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_keep_to_themselves(workers: int, project: pytest.Pytester) -> None:
    project.makepyfile(test_it="import pytest\nfrom graphs import ASK, build, faulty, healthy\n" + SILENT)
    words = [*OPTIONS, "--argus", "--argus-store", "runs", *(["-n", str(workers)] if workers else [])]
    done = project.runpytest_subprocess(*words)
    done.assert_outcomes(failed=1, passed=1)
    names = {"gw0", "gw1"} if workers else {"main"}
    stores = sorted((project.path / "runs").iterdir())
    assert {store.name for store in stores} <= names
    counts = []
    for folder in stores:
        store = open_store(f"sqlite:///{folder / 'traces.db'}")
        counts.append(len(store.list().rows))
        store.close()
    assert sum(counts) == 2
    done.stdout.re_match_lines([r".*argus trace \w+ --store .*runs/(main|gw\d)/traces\.db"])


def test_loading_the_plugin_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n\n\ndef test_it():\n"
        "    loaded = {name for name in sys.modules if name.startswith('argus')}\n"
        "    assert loaded <= {'argus', 'argus._version', 'argus.pytest_plugin'}, loaded\n"
    )
    words = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), *OPTIONS, str(tmp_path)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_store_that_cannot_be_written_is_said(project: pytest.Pytester) -> None:
    (project.path / "runs" / "main" / "traces.db").mkdir(parents=True)
    done = run(project, "--argus", "--argus-store", "runs", "-W", "default", test=SILENT)
    done.assert_outcomes(failed=1, passed=1)
    done.stdout.fnmatch_lines(["*PytestWarning: argus: a run was not stored: *traces.db*"])


def test_without_langgraph_the_option_says_what_to_install(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "langgraph" else find(name))
    done = run(project, "--argus", test="def test_it():\n    pass\n")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(['*--argus needs LangGraph: pip install "arguslabs?langgraph?"'])


def test_hostile_texts_stay_on_their_lines(project: pytest.Pytester) -> None:
    test = """
    from langgraph.graph import StateGraph

    def breaks(state: dict) -> dict:
        raise ValueError("\\x1b[2J\\n::error::forged \\ud800")

    def test_it():
        graph = StateGraph(dict)
        graph.add_node("breaks", breaks)
        graph.set_entry_point("breaks")
        try:
            graph.compile().invoke({"a": 1})
        except ValueError:
            pass
    """
    done = run(project, "--argus", test=textwrap.dedent(test))
    done.assert_outcomes(failed=1)
    text = done.stdout.str()
    assert "critical BEH301 at breaks" in text
    assert "\x1b[2J" not in text
    assert not [line for line in text.splitlines() if line.startswith("::error")]


def test_the_package_offers_the_plugin() -> None:
    points = {point.name: point.value for point in entry_points(group="pytest11") if "argus" in point.value}
    assert points == {"argus.pytest_plugin": "argus.pytest_plugin"}
