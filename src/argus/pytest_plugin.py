"""The pytest plugin: ``pytest --argus`` fails a test whose graph failed without an exception.

Loaded whenever pytest starts, so nothing but pytest is imported until a test asks for more.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from argus.analysis.observer import Observer
    from argus.model.gate import Gate
    from argus.model.trace import Trace
    from argus.testing.watching import GraphWatch

__all__ = ["argus_trace", "argus_watch"]

G = TypeVar("G")

_observer = pytest.StashKey["Observer"]()
_watch = pytest.StashKey["GraphWatch"]()
_fails = pytest.StashKey[bool]()

_MARK = (
    "argus(ignore=(), fail_on='warning'): which findings do not count in this test (codes, globs of codes, or mappings "
    "with code, node, field, reason), and the mildest severity that fails it"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("argus", "failures of agent pipelines that raise no exception")
    group.addoption("--argus", action="store_true", help="watch every LangGraph graph; findings fail the test")
    group.addoption(
        "--argus-fail-on", choices=["warning", "critical"], default="warning", help="the mildest severity that fails"
    )
    group.addoption(
        "--argus-store", metavar="FOLDER", help="keep the runs, in a store of each worker's own below this folder"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declares the mark, and says at once when ``--argus`` cannot work."""
    config.addinivalue_line("markers", _MARK)
    if config.getoption("--argus"):
        from importlib.util import find_spec

        if find_spec("langgraph") is None:
            raise pytest.UsageError('--argus needs LangGraph: pip install "arguslabs[langgraph]"')


def pytest_unconfigure(config: pytest.Config) -> None:
    """Closes the store."""
    observer = config.stash.get(_observer, None)
    if observer is not None:
        observer.close()


@pytest.hookimpl(wrapper=True, trylast=True)  # behind the other plugins' wrappers, which must not miss a wrong mark
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Begins to watch before the test's fixtures run."""
    if item.config.getoption("--argus"):
        watch = _watch_of(item)
        watch.watch_everything()
        item.stash[_fails] = True
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judges what ran when the test has ended; a test that failed by itself gets the findings as a section."""
    try:
        result = yield
    except (Exception, pytest.fail.Exception):
        gate = _gate_of(item)
        if gate is not None and not gate.passed:
            item.add_report_section("call", "argus", _told(item, gate))
        raise
    gate = _gate_of(item)
    if gate is not None and not gate.passed:
        pytest.fail(_told(item, gate), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Ends the watching."""
    try:
        return (yield)
    finally:
        watch = item.stash.get(_watch, None)
        if watch is not None:
            watch.end()
            del item.stash[_watch]  # its runs are not needed any more


@pytest.fixture
def argus_watch(request: pytest.FixtureRequest) -> Callable[[G], G]:
    """Call it with a graph to have that graph watched; findings fail the test, with or without ``--argus``."""
    watch = _watch_of(request.node)
    request.node.stash[_fails] = True
    return watch.watch


@pytest.fixture
def argus_trace(request: pytest.FixtureRequest) -> Callable[[], Trace]:
    """Call it for the trace of the last graph that ran in this test, findings and blame included; fails nothing."""
    watch = _watch_of(request.node)
    watch.watch_everything()
    return watch.trace


def _watch_of(item: Any) -> GraphWatch:
    """The item's watch, made now if there is none."""
    watch: GraphWatch | None = item.stash.get(_watch, None)
    if watch is None:
        from argus.testing.watching import GraphWatch

        ignore, fail_on = _marked(item)
        watch = item.stash[_watch] = GraphWatch(_observer_of(item.config), ignore, fail_on)
    return watch


def _observer_of(config: pytest.Config) -> Observer:
    """This process's observer, made now if there is none."""
    observer = config.stash.get(_observer, None)
    if observer is None:
        from argus.errors import ArgusError
        from argus.testing.watching import observer_for_tests

        try:
            observer = config.stash[_observer] = observer_for_tests(config.rootpath, _store(config))
        except ArgusError as error:
            raise pytest.UsageError(f"argus: {error}") from error
    return observer


def _store(config: pytest.Config) -> Path | None:
    folder = config.getoption("--argus-store")
    if folder is None:
        return None
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    path = Path(config.invocation_params.dir, folder, worker)
    path.mkdir(parents=True, exist_ok=True)
    return path / "traces.db"


def _marked(item: pytest.Item) -> tuple[list[Any], Any]:
    """What the marks say: all that is ignored, and the nearest severity."""
    from argus.config.settings import IgnoreRule

    ignore: list[IgnoreRule] = []
    fail_on = None
    for mark in item.iter_markers("argus"):
        if mark.args or set(mark.kwargs) - {"ignore", "fail_on"}:
            pytest.fail(f"@pytest.mark.argus takes ignore=[…] and fail_on=…, not {mark.args or mark.kwargs}", False)
        given = mark.kwargs.get("fail_on")
        if given not in (None, "warning", "critical"):
            pytest.fail(f"@pytest.mark.argus: fail_on is 'warning' or 'critical', not {given!r}", False)
        fail_on = fail_on or given
        entries = mark.kwargs.get("ignore", ())
        ignore += [_rule(entry) for entry in ([entries] if isinstance(entries, str | Mapping) else entries)]
    return ignore, fail_on or item.config.getoption("--argus-fail-on")


def _rule(entry: Any) -> Any:
    from argus.config.settings import IgnoreRule

    parts = {"code": entry} if isinstance(entry, str) else entry
    if not isinstance(parts, Mapping) or set(parts) - {"code", "node", "field", "reason"}:
        pytest.fail(f"@pytest.mark.argus: ignore holds codes or mappings with code, node, field, not {entry!r}", False)
    return IgnoreRule(**{"reason": "ignored by the test's mark", **parts})


def _gate_of(item: pytest.Item) -> Gate | None:
    watch = item.stash.get(_watch, None)
    if watch is None or not item.stash.get(_fails, False):
        return None
    gate = watch.gate()
    if watch.not_stored is not None:
        warnings.warn(pytest.PytestWarning(f"argus: a run was not stored: {watch.not_stored}"), stacklevel=1)
    return gate


def _told(item: pytest.Item, gate: Gate) -> str:
    from argus.reports.gate.plain import plain_text

    return plain_text(gate, item.config.rootpath, _store(item.config))
