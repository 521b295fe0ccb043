"""``ArgusSession``: watches any Python pipeline, node by node."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from argus._internal.forks import renew_after_fork
from argus._internal.guard import Guard
from argus.analysis.at_exit import flush_at_exit
from argus.analysis.notice import notice, tell
from argus.analysis.observer import Observer
from argus.analysis.service import Service
from argus.analysis.worker import worker
from argus.errors import ConfigError, DetectionError, WatcherStateError
from argus.instrumentation.functions import Call, record_calls
from argus.instrumentation.sketch import sketch_graph, sketch_node
from argus.recording.run import UNSET

if TYPE_CHECKING:
    from argus.config.settings import Settings
    from argus.model.graph import GraphSpec, NodeSpec
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
    after :meth:`finalize`, and in a child process forked inside a run, the wrapped callables run unrecorded. Thread-
    and task-safe.

    Args:
        background: For servers and other long-lived processes: a block that ends is analysed later, as with
            :func:`argus.attach`, and only the last trace is kept here. False analyses when the block ends.
        **options: The same as :class:`~argus.watcher.ArgusWatcher` takes.

    Raises:
        ConfigError: An option is wrong.
    """

    def __init__(self, *, background: bool = False, **options: Any) -> None:
        try:
            self._observer = Observer(**options)
        except TypeError as error:
            raise ConfigError(f"ArgusSession: {error}; it takes the options of ArgusWatcher") from error
        if background and self.settings.watcher.strict:
            raise ConfigError("ArgusSession: strict raises when a block ends, background analyses later: choose one")
        self._name = self.settings.watcher.pipeline_name or "session"
        self._nodes: dict[str, NodeSpec] = {}
        self._edges: dict[str, tuple[str, ...]] | None = None
        self._graph: GraphSpec | None = None
        self._traces: list[Trace] = []
        self._service = Service(self._observer, self._take_last) if background else None
        if background:
            flush_at_exit(self.settings)
        self._finalized = False
        self._open: list[Run] = []
        self._in_child = False
        self.after_fork()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Runs that are open are the parent's, and so is what their code does in the child."""
        self._lock = threading.RLock()
        self._in_child = self._in_child or bool(self._open)
        self._open = []
        self._blocks: ContextVar[tuple[Run | None, ...]] = ContextVar("argus_session_blocks", default=())

    @property
    def settings(self) -> Settings:
        """The effective options."""
        return self._observer.settings

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The traces of all finished runs, in order of their end; with ``background`` only the last one."""
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
            self._edges, self._graph = checked, None

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
            pending = list(self._open)
        for run in pending:
            self._end(run, None)
        if self._service is not None:
            worker().flush()
            self._service.stop()
        else:
            self._observer.close()
        atexit.unregister(self._finalize_at_exit)
        self._raise_if_strict(list(self.traces))
        if not self.traces:
            raise WatcherStateError("nothing was recorded: run a wrapped node before finalize()")
        return self.trace

    def __enter__(self) -> ArgusSession:
        if self._finalized:
            raise WatcherStateError("this session is finalized; make a new ArgusSession")
        run = None
        with Guard("session.begin"):
            run = self._begin()
        self._blocks.set((*self._blocks.get(), run))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run = self._left_block()
        ended = self._end(run, error) if run is not None else []
        if error is None:
            self._raise_if_strict(ended)

    async def __aenter__(self) -> ArgusSession:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run = self._left_block()
        ended = await _beside_the_loop(lambda: self._end(run, error)) if run is not None else []
        if error is None:
            self._raise_if_strict(ended)

    def _left_block(self) -> Run | None:
        """The run of the block that ends here."""
        blocks = self._blocks.get()
        if blocks:
            self._blocks.set(blocks[:-1])
            return blocks[-1]
        with self._lock:  # entered in another context, as fixtures and lifespans do: the block entered last
            return self._open[-1] if self._open else None

    def _declare(self, name: str, function: Callable[..., Any] | None) -> None:
        with self._lock:
            if name not in self._nodes:
                self._nodes[name] = sketch_node(name, function)
                self._graph = None

    def _sketch(self) -> GraphSpec:
        with self._lock:
            if self._graph is None:
                self._graph = sketch_graph(self._name, self._nodes, self._edges)
            return self._graph

    def _run(self) -> Run | None:
        """The run that a call made here belongs to."""
        blocks = self._blocks.get()
        if blocks and blocks[-1] is not None and not blocks[-1].closed:
            return blocks[-1]
        with self._lock:
            if self._open:  # a thread that did not inherit the context: told apart only if one run is open
                return self._open[0] if len(self._open) == 1 else None
            if self._finalized or self._traces or self._in_child or self._service is not None:
                return None
            return self._begin()

    def _begin(self) -> Run:
        with self._lock:
            if self._finalized:
                raise WatcherStateError("this session is finalized; make a new ArgusSession")
            opener = self._service or self._observer
            run = opener.open_run(graph=self._sketch(), value=UNSET, metadata={})
            assert run is not None  # only a service that was stopped opens none, and finalize() says so above
            self._open.append(run)
            if self._service is None:
                atexit.unregister(self._finalize_at_exit)
                atexit.register(self._finalize_at_exit)
        return run

    def _end(self, run: Run, error: BaseException | None) -> list[Trace]:
        with self._lock:
            if run not in self._open:
                return []
            self._open.remove(run)
            run.graph = self._sketch()  # nodes may have been met since
        with Guard("session.end"):
            run.close(_outcome(error), error=error)
            if self._service is not None:
                self._service.run_closed(run)
                return []
            trace = self._observer.finish(run)
            with self._lock:
                self._traces.append(trace)
                if not self._open:
                    atexit.unregister(self._finalize_at_exit)
            return [trace]
        return []

    def _take_last(self, trace: Trace) -> None:
        with self._lock:
            self._traces = [trace]
        if not self.settings.watcher.quiet:
            tell(notice(trace))

    def _raise_if_strict(self, traces: list[Trace]) -> None:
        unclean = [trace for trace in traces if not trace.is_clean] if self.settings.watcher.strict else []
        if unclean:
            raise DetectionError(unclean[-1].summary, unclean[-1])

    def _finalize_at_exit(self) -> None:
        with Guard("session.exit"):
            ended = [trace for run in list(self._open) for trace in self._end(run, None)]
            if not self.settings.watcher.quiet:
                tell("".join(notice(trace) for trace in ended))


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


async def _beside_the_loop(work: Callable[[], list[Trace]]) -> list[Trace]:
    """Analyses on another thread, so that the tasks of the loop go on; here where there is no asyncio."""
    import asyncio

    try:
        done = asyncio.get_running_loop().run_in_executor(None, work)
    except RuntimeError:  # another kind of loop, or one that is shutting down
        return work()
    return await done


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "completed"
    return "error" if isinstance(error, Exception) else "cancelled"
