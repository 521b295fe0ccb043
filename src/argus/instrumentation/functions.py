"""Records calls of plain Python callables: functions, coroutines, generators, async generators."""

from __future__ import annotations

import contextlib
import functools
import inspect
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, TypeVar, cast

from argus._internal.guard import Guard
from argus.instrumentation.current import told_by
from argus.model.values import ROOT_FIELD
from argus.recording.run import UNSET, OpenStep, Run

if TYPE_CHECKING:
    import asyncio

    from argus.model.trace import Outcome

__all__ = ["Call", "current_step", "record_calls"]

F = TypeVar("F", bound=Callable[..., Any])

_inside: ContextVar[tuple[Run, OpenStep] | None] = ContextVar("argus_inside", default=None)
"""The step whose code is running here; a call made inside becomes its child."""

_guard = Guard("functions")


@told_by
def _running() -> tuple[tuple[Run, OpenStep], ...]:
    inside = _inside.get()
    return () if inside is None else (inside,)


def current_step() -> tuple[str, str] | None:
    """The trace and the step whose code is running here, by their ids; None outside of any."""
    inside = _inside.get()
    return None if inside is None else (inside[0].id, inside[1].id)


class Call:
    """One execution of a node that is plain Python: begin, enter and leave its code, end.

    Every method is safe: a fault of ours leaves the call unrecorded and nothing else.

    Args:
        run: What records it; None leaves the call unrecorded.
        node_name: The node.
        arguments: What the node was given, by name.
    """

    def __init__(self, run: Run | None, node_name: str, arguments: Mapping[str, object]) -> None:
        self._run = run
        self._step: OpenStep | None = None
        self._token: Token[tuple[Run, OpenStep] | None] | None = None
        self._began_ns = time.perf_counter_ns()
        self._cpu_ns: int | None = 0
        self._entered_cpu_ns = 0
        self._thread = 0
        if run is not None:
            with _guard:
                inside = _inside.get()
                parent = inside[1] if inside is not None and inside[0] is run else None
                self._step = run.start_step(node_name, given=_as_state(arguments), parent=parent)

    def enter(self) -> None:
        """The node's code begins or goes on, in this context and thread."""
        if self._run is not None and self._step is not None:
            self._token = _inside.set((self._run, self._step))
            self._thread = threading.get_ident()
            self._entered_cpu_ns = time.thread_time_ns()

    def leave(self) -> None:
        """The node's code pauses or is over; normally in the same context and thread as :meth:`enter`."""
        if self._token is None:
            return
        if self._cpu_ns is not None:
            here = threading.get_ident() == self._thread
            self._cpu_ns = self._cpu_ns + time.thread_time_ns() - self._entered_cpu_ns if here else None
        with contextlib.suppress(ValueError):  # a block that was entered in another task: that one keeps its context
            _inside.reset(self._token)
        self._token = None

    def keep(self, value: object) -> object:
        """The recorded form of a value that the host may change before the call ends.

        Args:
            value: A chunk.
        """
        return self._run.capture(value) if self._run is not None else None

    def end(self, returned: object = UNSET, error: BaseException | None = None, *, cpu_known: bool = True) -> None:
        """The node is over.

        Args:
            returned: What it returned.
            error: What it raised.
            cpu_known: Whether all of its CPU time passed between :meth:`enter` and :meth:`leave`.
        """
        if self._run is None or self._step is None:
            return
        with _guard:
            update = returned if isinstance(returned, Mapping) else None
            self._run.finish_step(
                self._step,
                outcome=_outcome(error),
                returned=returned,
                update=cast("Mapping[str, object] | None", update),
                error=error,
                wall_ns=time.perf_counter_ns() - self._began_ns,
                cpu_ns=self._cpu_ns if cpu_known else None,
            )


def record_calls(node_name: str, function: F, current_run: Callable[[], Run | None]) -> F:
    """The function, each call of which is recorded as a step while a run is open.

    Args:
        node_name: The node's name.
        function: A function, coroutine function, generator function, async generator function or other callable.
        current_run: Says which run a call belongs to; None leaves it unrecorded.

    Returns:
        A wrapper of the same kind with the same signature.
    """
    bind = _binder(function)

    def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        with _guard:
            run = current_run()
            if run is not None:
                return Call(run, node_name, bind(args, kwargs))
        return Call(None, node_name, {})

    target = function if inspect.isroutine(function) else getattr(function, "func", type(function).__call__)
    if inspect.isasyncgenfunction(target):
        wrapper: Callable[..., Any] = _around_async_generator(function, call)
    elif inspect.iscoroutinefunction(target):
        wrapper = _around_coroutine(function, call)
    elif inspect.isgeneratorfunction(target):
        wrapper = _around_generator(function, call)
    else:
        wrapper = _around_function(function, call)
    return cast("F", functools.update_wrapper(wrapper, function))


_Begin = Callable[[tuple[Any, ...], dict[str, Any]], Call]


def _around_function(function: Callable[..., Any], begin: _Begin) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        call = begin(args, kwargs)
        call.enter()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            call.leave()
            call.end(error=error)
            raise
        call.leave()
        if inspect.iscoroutine(result):
            return _finished_when_awaited(result, call)
        if hasattr(
            type(result), "_asyncio_future_blocking"
        ):  # a task or future stays the very object: the host may cancel or compare it
            result.add_done_callback(functools.partial(_finished_when_done, call))
            return result
        call.end(result)
        return result

    return wrapper


async def _finished_when_awaited(result: Awaitable[Any], call: Call) -> Any:
    try:
        value = await result
    except BaseException as error:
        call.end(error=error, cpu_known=False)
        raise
    call.end(value, cpu_known=False)
    return value


def _finished_when_done(call: Call, future: asyncio.Future[Any]) -> None:
    with _guard:
        error: BaseException | None = getattr(future, "_exception", None)
        if future.cancelled():
            from asyncio import CancelledError  # loaded already: there is a future

            call.end(error=CancelledError(), cpu_known=False)
        elif error is not None:  # asking for it publicly would silence asyncio's warning that nobody did
            call.end(error=error, cpu_known=False)
        else:
            call.end(future.result(), cpu_known=False)


def _around_coroutine(function: Callable[..., Any], begin: _Begin) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        call = begin(args, kwargs)
        call.enter()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            call.leave()
            call.end(error=error, cpu_known=False)  # the thread ran other tasks while this one waited
            raise
        call.leave()
        call.end(result, cpu_known=False)
        return result

    return wrapper


def _around_generator(function: Callable[..., Any], begin: _Begin) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        call = begin(args, kwargs)
        chunks: list[object] = []
        try:
            inner = function(*args, **kwargs)
            resume: Callable[[], Any] = inner.__next__
            while True:
                call.enter()
                try:
                    chunk = resume()
                finally:
                    call.leave()
                chunks.append(call.keep(chunk))
                try:
                    sent = yield chunk
                except GeneratorExit:
                    inner.close()
                    raise
                except BaseException as thrown:  # noqa: BLE001 - handed on to the inner generator
                    resume = functools.partial(inner.throw, thrown)
                else:
                    resume = inner.__next__ if sent is None else functools.partial(inner.send, sent)
        except StopIteration as stop:
            call.end(_joined(chunks))
            return stop.value
        except BaseException as error:
            call.end(_joined(chunks), error)
            raise

    return wrapper


def _around_async_generator(function: Callable[..., Any], begin: _Begin) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        call = begin(args, kwargs)
        chunks: list[object] = []
        try:
            inner = function(*args, **kwargs)
            resume: Callable[[], Awaitable[Any]] = inner.__anext__
            while True:
                call.enter()
                try:
                    chunk = await resume()
                finally:
                    call.leave()
                chunks.append(call.keep(chunk))
                try:
                    sent = yield chunk
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as thrown:  # noqa: BLE001 - handed on to the inner generator
                    resume = functools.partial(inner.athrow, thrown)
                else:
                    resume = inner.__anext__ if sent is None else functools.partial(inner.asend, sent)
        except StopAsyncIteration:
            call.end(_joined(chunks), cpu_known=False)
        except BaseException as error:
            call.end(_joined(chunks), error, cpu_known=False)
            raise

    return wrapper


def _outcome(error: BaseException | None) -> Outcome:
    if error is None:
        return "ok"
    # GeneratorExit: the consumer stopped early; CancelledError is no Exception either, nor is KeyboardInterrupt
    return "error" if isinstance(error, Exception) else "cancelled"


def _joined(chunks: list[object]) -> object:
    if chunks and all(isinstance(chunk, str) for chunk in chunks):
        return "".join(cast("list[str]", chunks))
    return chunks


def _as_state(arguments: Mapping[str, object]) -> object:
    """Arguments by name; a node that takes one mapping was given that mapping as its state."""
    if len(arguments) == 1:
        (only,) = arguments.values()
        if isinstance(only, Mapping):
            return only
    return arguments


def _binder(function: Callable[..., Any]) -> Callable[[tuple[Any, ...], dict[str, Any]], dict[str, object]]:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some builtins have none
        signature = None

    def bind(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, object]:
        if signature is not None:
            try:
                bound = signature.bind(*args, **kwargs).arguments
            except TypeError:  # the host's own mistake; the call itself will raise it
                bound = None
            if bound is not None:
                bound.pop("self", None)
                return dict(bound)
        return {**({ROOT_FIELD: list(args)} if args else {}), **kwargs}

    return bind
