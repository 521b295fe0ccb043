"""The beginning and the end of a call of a graph, told to whoever records it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from langgraph.errors import GraphBubbleUp
from langgraph.types import Command

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.chunks import ChunkReader, Sight
from argus.instrumentation.langgraph.running import GraphCall, Recording, TaskFrame, here, open_tasks
from argus.instrumentation.langgraph.watches import Watch
from argus.model.ports import Replayer
from argus.recording.run import UNSET

__all__ = ["begin_call", "end_call", "note_sight"]

_TASK_ID: Final = "__pregel_task_id"

_guard_begin = Guard("langgraph.begin_call")
_guard_end = Guard("langgraph.end_call")
_guard_chunk = Guard("langgraph.chunk")


def begin_call(watch: Watch, graph: Any, value: Any, config: Any) -> GraphCall | None:
    """A graph is called.

    Args:
        watch: The watch on it.
        graph: The graph.
        value: What the caller passed in.
        config: The caller's configuration.

    Returns:
        The call to end, or None when nobody records it.
    """
    with _guard_begin:
        outer = _outer_task(config)
        recordings = _inherited(outer)
        recordings += _opened(watch, graph, value, config, recordings)
        if recordings:
            call = GraphCall(tuple(recordings), outer.child_scope() if outer is not None else "")
            for recording in recordings:
                player = getattr(recording.sink, "replayer", None)
                if player is not None:
                    _replay(call, player, outer, graph)
            return call
    return None


def _replay(call: GraphCall, player: Replayer, outer: TaskFrame | None, graph: Any) -> None:
    from argus.instrumentation.langgraph.serving import CallReplay

    call.replay = CallReplay(player, player.enters(outer.plan if outer is not None else None), graph)


def _outer_task(config: Any) -> TaskFrame | None:
    frame = here.get()
    if type(frame) is not TaskFrame and isinstance(config, Mapping):
        frame = open_tasks.get((config.get("configurable") or {}).get(_TASK_ID, ""))
    return frame if type(frame) is TaskFrame and frame.call.live else None


def _inherited(outer: TaskFrame | None) -> list[Recording]:
    if outer is None:
        return []
    return [
        Recording(recording.run, recording.sink, parent=step, top=False)
        for recording, step in zip(outer.call.recordings, outer.steps, strict=True)
        if not recording.run.closed
    ]


def _opened(watch: Watch, graph: Any, value: Any, config: Any, inherited: list[Recording]) -> list[Recording]:
    wanted = [sink for sink in watch.wanted_by() if not any(recording.sink is sink for recording in inherited)]
    if not wanted:
        return []
    thread_id = _thread_id(graph, config)
    tags = [tag for tag in (config.get("tags") or ()) if isinstance(tag, str)] if isinstance(config, Mapping) else []
    resuming = value is None or isinstance(value, Command)
    opened = []
    for sink in wanted:
        metadata: dict[str, object] = {"tags": tags} if tags else {}
        if thread_id is not None:
            metadata["thread_id"] = thread_id
            predecessor = watch.last_runs.get(sink, thread_id) if resuming else None
            if predecessor is not None:
                metadata["resumes"] = predecessor
        run = sink.open_run(graph=watch.spec(graph), value=value, metadata=metadata)
        if run is not None:
            opened.append(Recording(run, sink, parent=None, top=True))
            if thread_id is not None:
                watch.last_runs.put(sink, thread_id, run.id)
    return opened


def _thread_id(graph: Any, config: Any) -> str | None:
    for one in (config, graph.config):
        found = (one.get("configurable") or {}).get("thread_id") if isinstance(one, Mapping) else None
        if found is not None:
            return str(found)
    return None


def note_sight(call: GraphCall, sight: Sight) -> None:
    """Notes what a chunk told.

    Args:
        call: The call that streamed it.
        sight: What it told.
    """
    with _guard_chunk:
        if sight.interrupts is not None:
            call.interrupted = True
            known = {id(one) for one in call.interrupts}
            call.interrupts.extend(one for one in sight.interrupts if id(one) not in known)
        if sight.cached:
            for node, update in sight.cached.items():
                _note_cached(call, node, update)


def _note_cached(call: GraphCall, node: str, update: Any) -> None:
    superstep = call.superstep_of_cached(node)
    fields = update if isinstance(update, Mapping) else {} if update is None else {"__root__": update}
    for recording in call.recordings:
        step = recording.run.start_step(
            node, scope=call.scope, superstep=superstep, read_state=call.read_state, parent=recording.parent
        )
        recording.run.finish_step(step, outcome="cached", update=fields, writes=list(fields), returned=update)


def end_call(
    call: GraphCall, graph: Any, options: Mapping[str, Any], reader: ChunkReader | None, error: BaseException | None
) -> None:
    """A call of a graph ends.

    Args:
        call: From :func:`begin_call`.
        graph: The graph.
        options: What else the caller passed.
        reader: Has read its chunks, if there was anything to read.
        error: The exception that ends it: ``GeneratorExit`` when the consumer went away; None when it is complete.
    """
    with _guard_end:
        call.live = False
        seen = reader.last_values if reader is not None else UNSET
        outcome = _outcome(call, error)
        values = call.read_state()
        if values:
            for recording in call.recordings:
                recording.run.note_state(call.scope, call.superstep, values)
        output = _output(call, graph, options, seen) if outcome in ("completed", "interrupted") else UNSET
        for recording in call.recordings:
            if recording.top:
                recording.run.close(outcome, output=output, error=error if outcome == "error" else None)
                with _guard_end:
                    recording.sink.run_closed(recording.run)
    with _guard_end:
        call.end()


def _outcome(call: GraphCall, error: BaseException | None) -> str:
    if error is None:
        return "interrupted" if call.interrupted or call.due() else "completed"
    if isinstance(error, GeneratorExit):
        return "abandoned"
    if isinstance(error, GraphBubbleUp):
        return "interrupted"
    return "error" if isinstance(error, Exception) and not isinstance(error, asyncio.CancelledError) else "cancelled"


def _output(call: GraphCall, graph: Any, options: Mapping[str, Any], seen: Any) -> Any:
    keys = options.get("output_keys")
    output = _channel_output(call, graph.output_channels if keys is None else keys)
    if output is UNSET:
        output = seen
    if call.interrupts:
        shown = [{"value": getattr(one, "value", one), "id": getattr(one, "id", None)} for one in call.interrupts]
        output = {**output, "__interrupt__": shown} if isinstance(output, Mapping) else {"__interrupt__": shown}
    return output


def _channel_output(call: GraphCall, keys: Any) -> Any:
    channels = call.channels
    if channels is None:
        return UNSET
    if isinstance(keys, str):
        channel = channels.get(keys)
        return channel.get() if channel is not None and channel.is_available() else None
    return {key: channels[key].get() for key in keys if key in channels and channels[key].is_available()}
