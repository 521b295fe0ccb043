"""The boundary of a call: every way to run a graph passes through ``stream`` or ``astream``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.calls import begin_call, end_call, note_sight
from argus.instrumentation.langgraph.chunks import ChunkReader
from argus.instrumentation.langgraph.running import TaskFrame, here, leave
from argus.instrumentation.langgraph.watches import Watch, everywhere

__all__ = ["disguised", "observed_class", "relay", "relay_async"]

_guard = Guard("langgraph.boundary")


def observed_class(base: Any, watch: Watch) -> Any:
    """A graph's class with the boundary in front, which looks like the original.

    Args:
        base: The graph's own class.
        watch: The watch on the graph.
    """

    class Observed(base):  # type: ignore[misc]  # a direct subclass, or an instance could not change to it
        argus_watch = watch

        def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[Any]:
            """Streams the graph."""
            source: Callable[..., Iterator[Any]] = super().stream
            if not _wanted(watch, config):
                return source(input, config, **kwargs)
            return relay(watch, self, source, input, config, kwargs)

        def astream(self, input: Any, config: Any = None, **kwargs: Any) -> AsyncIterator[Any]:
            """Streams the graph."""
            source: Callable[..., AsyncIterator[Any]] = super().astream
            if not _wanted(watch, config):
                return source(input, config, **kwargs)
            return relay_async(watch, self, source, input, config, kwargs)

    return disguised(Observed, base)


def disguised(cls: Any, base: Any) -> Any:
    """A class that bears another's name, for everyone who prints it.

    Args:
        cls: The class.
        base: The class that it stands in for.
    """
    cls.__name__, cls.__qualname__, cls.__module__, cls.__doc__ = (
        base.__name__, base.__qualname__, base.__module__, base.__doc__,
    )  # fmt: skip
    return cls


def _wanted(watch: Watch, config: Any) -> bool:
    return (
        bool(watch.sinks or everywhere) or type(here.get()) is TaskFrame or "__pregel_task_id" in _configurable(config)
    )


def _configurable(config: Any) -> Mapping[str, Any]:
    return (config.get("configurable") or {}) if isinstance(config, Mapping) else {}


def _reader(graph: Any, options: Mapping[str, Any], config: Any) -> ChunkReader | None:
    """What reads the chunks of a call; None when there is nothing to read in them."""
    with _guard:
        mode = options.get("stream_mode")
        if mode is None:
            mode = "values" if "__pregel_task_id" in _configurable(config) else graph.stream_mode
        reader = ChunkReader(mode, bool(options.get("subgraphs")), options.get("version", "v1"))
        return reader if reader.useful else None
    return None


def relay(
    watch: Watch, graph: Any, source: Callable[..., Iterator[Any]], value: Any, config: Any, options: dict[str, Any]
) -> Iterator[Any]:
    """Hands on the chunks of a call, and records it.

    Args:
        watch: The watch on the graph.
        graph: The graph.
        source: Its own ``stream``.
        value: What the caller passed in.
        config: The caller's configuration.
        options: What else the caller passed.
    """
    call = begin_call(watch, graph, value, config)
    if call is None:
        yield from source(value, config, **options)
        return
    reader = _reader(graph, options, config)
    chunks: Any = source(value, config, **options)
    thrown: BaseException | None = None
    try:
        while True:
            token = here.set(call)
            try:
                chunk = next(chunks) if thrown is None else chunks.throw(thrown)
            except StopIteration:
                break
            finally:
                here.reset(token)
            if reader is not None:
                sight = reader.read(chunk)
                if sight is not None:
                    note_sight(call, sight)
            thrown = None
            try:
                yield chunk
            except GeneratorExit:
                token = here.set(call)
                try:
                    chunks.close()
                finally:
                    here.reset(token)
                raise
            except BaseException as error:  # noqa: BLE001 - the caller's, thrown in where it belongs
                thrown = error
    except BaseException as error:
        end_call(call, graph, options, reader, error)
        raise
    end_call(call, graph, options, reader, None)


async def relay_async(
    watch: Watch,
    graph: Any,
    source: Callable[..., AsyncIterator[Any]],
    value: Any,
    config: Any,
    options: dict[str, Any],
) -> AsyncIterator[Any]:
    """Hands on the chunks of a call, and records it.

    Args:
        watch: The watch on the graph.
        graph: The graph.
        source: Its own ``astream``.
        value: What the caller passed in.
        config: The caller's configuration.
        options: What else the caller passed.
    """
    call = begin_call(watch, graph, value, config)
    reader = _reader(graph, options, config) if call is not None else None
    chunks: Any = source(value, config, **options)
    thrown: BaseException | None = None
    try:
        while True:
            token = here.set(call)
            try:
                chunk = await (chunks.__anext__() if thrown is None else chunks.athrow(thrown))
            except StopAsyncIteration:
                break
            finally:
                leave(token)
            if call is not None and reader is not None:
                sight = reader.read(chunk)
                if sight is not None:
                    note_sight(call, sight)
            thrown = None
            try:
                yield chunk
            except GeneratorExit:
                token = here.set(call)
                try:
                    if not getattr(chunks, "ag_running", False):  # an event loop that ends closes it by itself
                        await chunks.aclose()
                finally:
                    leave(token)
                raise
            except BaseException as error:  # noqa: BLE001 - the caller's, thrown in where it belongs
                thrown = error
    except BaseException as error:
        if call is not None:
            end_call(call, graph, options, reader, error)
        raise
    if call is not None:
        end_call(call, graph, options, reader, None)
