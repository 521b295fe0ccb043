"""``ArgusSession``: watches any Python pipeline, node by node."""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from argus._internal.guard import Guard
from argus.analysis.notice import notice
from argus.analysis.observer import Observer
from argus.errors import ConfigError, DetectionError, WatcherStateError
from argus.instrumentation.functions import Call, record_calls
from argus.instrumentation.sketch import sketch_graph, sketch_node
from argus.recording.run import UNSET

if TYPE_CHECKING:
    from argus.config.settings import Settings
    from argus.model.graph import NodeSpec
    from argus.model.trace import Trace
    from argus.recording.run import Run

__all__ = ["ArgusSession", "Node"]

F = TypeVar("F", bound=Callable[..., Any])


class ArgusSession:
    """Watches a pipeline of plain Python callables; each ``with`` block is one run, and one trace.

    ::

        session = ArgusSession(pipeline_name="nightly")

        @session.node("load")
        def load(path): ...

        with session:
            clean(load("orders.csv"))
        session.trace.status

    Without a ``with`` block the first recorded call begins a run that :meth:`finalize` ends. Blocks may run at the same
    time in several threads and tasks; a thread started inside a block belongs to the only open run. Outside of any run,
    after :meth:`finalize`, the wrapped callables run unrecorded. Thread- and task-safe.

    Args:
        **options: The same as :class:`~argus.watcher.ArgusWatcher` takes.

    Raises:
        ConfigError: An option is wrong.
    """

    def __init__(self, **options: Any) -> None:
        try:
            self._observer = Observer(**options)
        except TypeError as error:
            raise ConfigError(f"ArgusSession: {error}; it takes the options of ArgusWatcher") from error
        self._name = self.settings.watcher.pipeline_name or "session"
        self._lock = threading.RLock()
        self._nodes: dict[str, NodeSpec] = {}
        self._edges: dict[str, tuple[str, ...]] | None = None
        self._open: list[Run] = []
        self._traces: list[Trace] = []
        self._finalized = False
        self._blocks: ContextVar[tuple[Run, ...]] = ContextVar("argus_session_blocks", default=())

    @property
    def settings(self) -> Settings:
        """The effective options."""
        return self._observer.settings

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The traces of all finished runs, in order of their end."""
        with self._lock:
            return tuple(self._traces)

    @property
    def trace(self) -> Trace:
        """The trace that was finished last.

        Raises:
            WatcherStateError: No run has ended yet.
        """
        with self._lock:
            if not self._traces:
                raise WatcherStateError("no run has ended yet: leave the `with` block or call finalize() first")
            return self._traces[-1]

    def node(self, name: str, given: Mapping[str, object] | None = None) -> Node:
        """A node, as a decorator of its function or as a context manager around its code.

        Args:
            name: The node's name.
            given: As a context manager: what the node was given, by field.
        """
        return Node(self, name, given or {})

    def wrap(self, name: str, function: F) -> F:
        """The function, each call of which is recorded as a step; the original stays as it is.

        Args:
            name: The node's name.
            function: A function, coroutine function, generator, async generator or other callable.

        Raises:
            ConfigError: It cannot be called.
        """
        if not callable(function):
            raise ConfigError(f"cannot wrap {name!r}: a {type(function).__name__} is not callable")
        self._declare(name, function)
        return record_calls(name, function, self._run)

    def set_edges(self, edges: Mapping[str, Iterable[str]]) -> None:
        """Declares which nodes may follow which, so that skipped and unexpected steps can be told.

        Args:
            edges: Node to its successors; a node without any ends the pipeline.

        Raises:
            ConfigError: It is not a mapping from node to a list of nodes.
        """
        checked: dict[str, tuple[str, ...]] = {}
        for source, targets in dict(edges).items():
            if isinstance(targets, str):
                raise ConfigError(f"set_edges: the successors of {source!r} must be a list; write [{targets!r}]")
            checked[source] = tuple(targets)
        with self._lock:
            self._edges = checked

    def finalize(self) -> Trace:
        """Ends every open run, analyses and stores it; afterwards nothing is recorded.

        Returns:
            The last trace; :attr:`traces` has all.

        Raises:
            WatcherStateError: Nothing was recorded.
            DetectionError: The session is strict and a trace is not clean; raised after storing.
        """
        with self._lock:
            self._finalized = True
            for run in list(self._open):
                self._end(run, None)
            atexit.unregister(self._finalize_at_exit)
            self._observer.close()
            if not self._traces:
                raise WatcherStateError("nothing was recorded: run a wrapped node before finalize()")
        self._raise_if_strict(self._traces)
        return self._traces[-1]

    def __enter__(self) -> ArgusSession:
        run = self._begin()
        self._blocks.set((*self._blocks.get(), run))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        blocks = self._blocks.get()
        self._blocks.set(blocks[:-1])
        ended = self._end(blocks[-1], error)
        if error is None:
            self._raise_if_strict(ended)

    async def __aenter__(self) -> ArgusSession:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def _declare(self, name: str, function: Callable[..., Any] | None) -> None:
        with self._lock:
            if name not in self._nodes:
                self._nodes[name] = sketch_node(name, function)

    def _run(self) -> Run | None:
        """The run that a call made here belongs to."""
        blocks = self._blocks.get()
        if blocks and not blocks[-1].closed:
            return blocks[-1]
        with self._lock:
            if self._open:  # a thread that did not inherit the context: told apart only if one run is open
                return self._open[0] if len(self._open) == 1 else None
            if self._finalized or self._traces:
                return None
        return self._begin()

    def _begin(self) -> Run:
        with self._lock:
            if self._finalized:
                raise WatcherStateError("this session is finalized; make a new ArgusSession")
            run = self._observer.open_run(graph=sketch_graph(self._name, self._nodes, self._edges), value=UNSET)
            self._open.append(run)
        atexit.register(self._finalize_at_exit)
        return run

    def _end(self, run: Run, error: BaseException | None) -> list[Trace]:
        with self._lock:
            if run not in self._open:
                return []
            self._open.remove(run)
            run.graph = sketch_graph(self._name, self._nodes, self._edges)  # nodes may have been met since
        with Guard("session.end"):
            run.close(_outcome(error), error=error)
            trace = self._observer.finish(run)
            with self._lock:
                self._traces.append(trace)
            return [trace]
        return []

    def _raise_if_strict(self, traces: list[Trace]) -> None:
        unclean = [trace for trace in traces if not trace.is_clean] if self.settings.watcher.strict else []
        if unclean:
            raise DetectionError(unclean[-1].summary, unclean[-1])

    def _finalize_at_exit(self) -> None:
        with Guard("session.exit"):
            pending = list(self._open)
            ended = [trace for run in pending for trace in self._end(run, None)]
            if not self.settings.watcher.quiet:
                sys.stderr.write("".join(notice(trace) for trace in ended))


class Node:
    """One node of a session: decorates its function, or stands around its code in a ``with`` block.

    In a block, ``node.output`` takes what the node produced; a mapping is taken field by field.

    Attributes:
        output: What the node produced.
    """

    def __init__(self, session: ArgusSession, name: str, given: Mapping[str, object]) -> None:
        self._session = session
        self._name = name
        self._given = given
        self._calls: list[Call] = []
        self.output: object = UNSET

    def __call__(self, function: F) -> F:
        """The function, each call of which is recorded as this node; see :meth:`ArgusSession.wrap`."""
        return self._session.wrap(self._name, function)

    def __enter__(self) -> Node:
        self._session._declare(self._name, None)
        run = None
        with Guard("session.node"):
            run = self._session._run()
        call = Call(run, self._name, self._given)
        self._calls.append(call)
        call.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        call = self._calls.pop()
        call.leave()
        call.end(self.output, error)

    async def __aenter__(self) -> Node:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        call = self._calls.pop()
        call.leave()
        call.end(self.output, error, cpu_known=False)


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "completed"
    return "error" if isinstance(error, Exception) else "cancelled"
