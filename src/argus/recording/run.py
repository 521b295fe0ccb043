"""One top-level call being recorded."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from argus._internal.clock import Clock
from argus._internal.guard import Guard
from argus.capture.delta import Held, Tracker
from argus.capture.encode import Encoder, fields_of
from argus.capture.fault import fault
from argus.capture.shapes import type_name
from argus.capture.sharing import Captured
from argus.model.graph import GraphSpec
from argus.model.trace import ErrorInfo, Outcome
from argus.model.values import ROOT_FIELD
from argus.recording.frames import (
    Close,
    FieldParts,
    Finish,
    Frame,
    Llm,
    Note,
    Open,
    Start,
    State,
    StateChange,
    Tool,
    encode_frame,
    without_values,
)  # fmt: skip
from argus.recording.open_steps import UNSET, OpenStep, Scope, Unset, changed_in_place

if TYPE_CHECKING:
    from argus.recording.journal import RunJournal
    from argus.recording.tape.run_tape import RunTape

__all__ = ["UNSET", "OpenStep", "Run"]

_LONGEST_WAIT_S: Final = 2.0
_NEVER_CHANGE: Final = frozenset({str, int, bool, float, bytes, type(None)})


class Run:
    """One top-level call being recorded.

    Thread-safe. No method raises for any value it is given, and every one may be called after :meth:`close`, which is
    then counted and ignored. Values are captured inside the call. A method that cannot get at the run within two
    seconds, because the host's own code holds it up (a ``__repr__`` that waits for a lock), gives up and counts a loss.

    Args:
        run_id: The trace's id.
        pipeline_name: The pipeline.
        graph: What runs, or None when unknown; may be replaced until the run is closed.
        value: What the caller passed in.
        metadata: Put into the trace.
        encoder: Turns values into JSON.
        clock: Where the time comes from.
        journal: The crash-safe file, or None.
        journal_values: Whether values go into the journal too.

    Attributes:
        id: The trace's id.
        pipeline_name: The pipeline.
        graph: What runs.
        closed: Whether :meth:`close` was called.
        created_at: When the run began, aware UTC.
        frames: What was recorded so far; see :mod:`argus.recording.frames`.
        losses: What could not be recorded, counted by kind.
        tape: Records HTTP exchanges, or None.
    """

    def __init__(
        self, *, run_id: str, pipeline_name: str, graph: GraphSpec | None, value: object,
        metadata: Mapping[str, object], encoder: Encoder, clock: Clock, journal: RunJournal | None = None,
        journal_values: bool = True,
    ) -> None:  # fmt: skip
        self.id = run_id
        self.pipeline_name = pipeline_name
        self.graph = graph
        self.closed = False
        self.created_at: datetime = clock.now()
        self.frames: list[bytes] = []
        self.losses: dict[str, int] = {}
        self.tape: RunTape | None = None
        self._encoder = encoder
        self._now = clock.monotonic
        self._began = self._now()
        self._journal = journal
        self._journal_values = journal_values
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._tracker = Tracker(encoder)
        self._scopes: dict[str, Scope] = {}
        self._open: dict[int, OpenStep] = {}
        self._last_number = 0
        with _GUARD_OPEN:
            self._write(
                Open(
                    run=run_id,
                    pipeline=pipeline_name,
                    created_at=self.created_at.isoformat(),
                    graph=self._graph_key(),
                    metadata=self._metadata(metadata),
                    value=self._whole(value),
                    records=self._tracker.take_fresh(),
                )
            )

    @property
    def open_steps(self) -> list[OpenStep]:
        """The steps that have started and not finished."""
        return list(self._open.values())

    @property
    def inherited(self) -> bool:
        """Whether another process opened the run and this one got it by a fork; the run is the other's to finish."""
        return os.getpid() != self._process

    @property
    def journal(self) -> RunJournal | None:
        """Where the run is written down, or None."""
        return self._journal

    def start_step(
        self, node_name: str, *, scope: str = "", superstep: int | None = None,
        read_state: Callable[[], Mapping[str, object]] | None = None, given: object = UNSET,
        fields: Sequence[str] | None = None, task_id: str | None = None, kind: str = "pull", attempt: int = 1,
        parent: OpenStep | None = None, triggers: Sequence[str] = (), sent: int | None = None,
    ) -> OpenStep:  # fmt: skip
        """A node begins.

        Args:
            node_name: The node.
            scope: The namespace of the graph call that it runs in.
            superstep: Its number; None for pipelines without supersteps.
            read_state: Gives the state at the start of this superstep; called at most once for each.
            given: An explicit input, in place of the state.
            fields: The part of the state that the node is given; None means all.
            task_id: The framework's id of the task.
            kind: ``pull`` (started by an edge) or ``push`` (by a ``Send``).
            attempt: 1 for the first, counted up by retries.
            parent: The step of the outer graph.
            triggers: What started it.
            sent: Its place among the ``Send`` of its superstep, from 0.
        """
        at = self._now() - self._began
        if not self._enter("start_step"):
            return OpenStep(self.id, 0, node_name)
        self._last_number = number = self._last_number + 1
        step = OpenStep(self.id, number, node_name)
        try:
            tracker = self._tracker
            tick = tracker.advance()
            place = self._scopes.get(scope)
            if place is None:
                place = self._scopes[scope] = Scope(scope)
            looks = read_state is not None and (place.superstep != superstep or superstep is None)
            change = None
            if looks and read_state is not None:
                change = self._look(place, read_state(), deep=False)
                place.superstep = superstep
            step.begin(place, fields, tick)
            step.sent = sent
            self._open[number] = step
            input_fields: FieldParts | None = None
            if given is not UNSET:
                step.given = Held()
                input_fields = tracker.fields(scope, given, step.given)
            self._write(
                Start(
                    self.id, number, node_name, at, scope, superstep, place.version or None, looks, change,
                    parent.number if parent is not None else None, attempt, kind, task_id, triggers, input_fields,
                    fields, tracker.take_fresh(), sent,
                )
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - a guard entered would cost as much as a small state
            _GUARD_START.absorb(error)
        finally:
            self._lock.release()
        return step

    def finish_step(
        self, step: OpenStep, *, outcome: Outcome, returned: object = UNSET,
        update: Mapping[str, object] | None = None, writes: Sequence[str] | None = None, dropped: Sequence[str] = (),
        error: BaseException | None = None, wall_ns: int = 0, cpu_ns: int | None = None, goto: Sequence[str] = (),
        branch: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """A node ends.

        Args:
            step: From :meth:`start_step`; finishing it twice is ignored.
            outcome: How.
            returned: What it returned; recorded when there is no ``update``.
            update: Its own update by field.
            writes: Fields that reached the state; None when unknown.
            dropped: Keys returned but not declared.
            error: What it raised.
            wall_ns: Wall time.
            cpu_ns: CPU time, or None when unknown.
            goto: Where a ``Command`` sent the run.
            branch: What its branch chose.
        """
        info = self._fault(error) if error is not None else None
        if not self._enter("finish_step"):
            return
        try:
            if self._open.pop(step.number, None) is not step or step.scope is None:
                self._lose("finish_step")
                return
            tracker = self._tracker
            tracker.advance()
            changes = changed_in_place(tracker, step, deep=info is not None)
            output: FieldParts = (b"", {})
            if update is not None:
                output = tracker.fields(step.scope.name, update)
            elif returned is not UNSET and returned is not None:
                output = tracker.fields(step.scope.name, self._with_captured(returned))
            self._write(
                Finish(
                    self.id, step.number, outcome, wall_ns, cpu_ns, output, writes, dropped, info, goto, branch,
                    changes.mutated, changes.together, changes.earlier, changes.state, tracker.take_fresh(),
                )
            )  # fmt: skip
            if self._journal is not None and self._journal.syncs_steps:
                self._journal.sync()
        except Exception as error_of_ours:  # noqa: BLE001 - a guard entered would cost as much as a small state
            _GUARD_FINISH.absorb(error_of_ours)
        finally:
            self._lock.release()

    def capture(self, value: object) -> object:
        """Records a value now, for a call that ends later.

        Args:
            value: Any object; the host may change it afterwards.

        Returns:
            The value itself if it can never change; else what stands for it in :meth:`record_llm`,
            :meth:`record_tool` and ``returned``, inside lists too.
        """
        if type(value) in _NEVER_CHANGE:
            return value
        if not self._enter("capture"):
            return None
        try:
            with _GUARD_CALL:
                return Captured(self._tracker.value(value))
        finally:
            self._lock.release()
        return None

    def record_llm(
        self, step: OpenStep | None, *, model: str | None = None, messages: object = UNSET, response: object = UNSET,
        usage: tuple[int | None, int | None, int | None] | None = None, finish_reason: str | None = None,
        error: BaseException | None = None, wall_ns: int | None = None,
    ) -> None:  # fmt: skip
        """A language-model call has ended.

        Args:
            step: The step it ran in; without one the call is counted as a loss.
            model: The model's name.
            messages: What was sent, or what :meth:`capture` made of it.
            response: What came back.
            usage: Input, output and total tokens, each None when unknown; None when nothing is known.
            finish_reason: Why the model stopped.
            error: What the call raised.
            wall_ns: Wall time, or None when unknown.
        """
        info = self._fault(error)
        if not self._enter("record_llm", step):
            return
        try:
            with _GUARD_CALL:
                self._write(
                    Llm(
                        self.id, step.number if step is not None else 0, model, self._part(messages, "messages"),
                        self._part(response, "response"), usage, finish_reason, info, wall_ns,
                        self._tracker.take_fresh(),
                    )
                )  # fmt: skip
        finally:
            self._lock.release()

    def record_tool(
        self, step: OpenStep | None, *, name: str, arguments: object = UNSET, result: object = UNSET,
        error: BaseException | None = None, wall_ns: int | None = None, call_id: str | None = None,
    ) -> None:  # fmt: skip
        """A tool call has ended.

        Args:
            step: The step it ran in; without one the call is counted as a loss.
            name: The tool.
            arguments: What it was given, or what :meth:`capture` made of it.
            result: What it returned.
            error: What it raised.
            wall_ns: Wall time, or None when unknown.
            call_id: The model's id for the call.
        """
        info = self._fault(error)
        if not self._enter("record_tool", step):
            return
        try:
            with _GUARD_CALL:
                self._write(
                    Tool(
                        self.id, step.number if step is not None else 0, name, self._part(arguments, "arguments"),
                        self._part(result, "result"), info, wall_ns, call_id, self._tracker.take_fresh(),
                    )
                )  # fmt: skip
        finally:
            self._lock.release()

    def elapsed_ms(self) -> float:
        """Milliseconds since the run began."""
        return (self._now() - self._began) * 1000

    def write(self, frame: Frame) -> None:
        """Writes down what was recorded elsewhere.

        Args:
            frame: Of this run, secrets hidden.
        """
        if not self._enter("write"):
            return
        try:
            with _GUARD_CALL:
                self._write(frame)
        finally:
            self._lock.release()

    def note_state(self, scope: str, superstep: int | None, values: Mapping[str, object]) -> None:
        """The state after the last superstep of a scope; everything in it is compared.

        Args:
            scope: The namespace of the graph call.
            superstep: The last superstep that ran, or None.
            values: The state by field.
        """
        if not self._enter("note_state"):
            return
        try:
            with _GUARD_START:
                self._tracker.advance()
                place = self._scopes.get(scope)
                if place is None:
                    place = self._scopes[scope] = Scope(scope)
                change = self._look(place, values, deep=True)
                place.superstep = UNSET
                self._write(State(self.id, scope, superstep, place.version, change, self._tracker.take_fresh()))
        finally:
            self._lock.release()

    def note(self, **metadata: object) -> None:
        """Adds to the trace's metadata.

        Args:
            **metadata: Any values; a name that is there already is replaced.
        """
        if not self._enter("note"):
            return
        try:
            with _GUARD_NOTE:
                self._write(Note(self.id, self._metadata(metadata)))
        finally:
            self._lock.release()

    def close(self, outcome: str, *, output: object = UNSET, error: BaseException | None = None) -> None:
        """The call ends; nothing of the host's is held any longer.

        Args:
            outcome: ``completed``, ``error``, ``interrupted``, ``cancelled`` or ``abandoned``.
            output: What the caller gets back.
            error: The exception that leaves the graph.
        """
        after = self._now() - self._began
        info = self._fault(error)
        if self.tape is not None and not self.closed:
            self.tape.end()
        if not self._enter("close"):
            return
        try:
            with _GUARD_CLOSE:
                whole = self._whole(output)
                if self._journal is not None and self._journal.lost:
                    self.losses["journal"] = self._journal.lost
                fresh = self._tracker.take_fresh()
                self._write(Close(self.id, outcome, after, whole, info, self._graph_key(), dict(self.losses), fresh))
                if self._journal is not None:
                    self._journal.run_ended()
        finally:
            self.closed = True
            self._tracker = Tracker(self._encoder)
            self._scopes = {}
            self._open = {}
            self._lock.release()

    def folded(self) -> None:
        """The trace is stored elsewhere: the journal may forget the run."""
        if self._journal is not None:
            with _GUARD_CLOSE:
                self._journal.folded()

    def _look(self, place: Scope, live: Mapping[str, object], *, deep: bool) -> StateChange | None:
        changed, gone = self._tracker.state(place.name, live, deep=deep)
        place.checked = self._tracker.tick
        if place.version and not changed.json and not changed.parts and not gone:
            return None
        place.version += 1
        return StateChange(place.version, changed, gone)

    def _enter(self, what: str, step: OpenStep | Unset | None = UNSET) -> bool:
        if step is not None and self._lock.acquire(timeout=_LONGEST_WAIT_S):
            if not self.closed:
                return True
            self._lock.release()
        self._lose(what)
        return False

    def _lose(self, what: str) -> None:
        self.losses[what] = self.losses.get(what, 0) + 1

    def _with_captured(self, returned: object) -> object:
        """A list in which some items were captured ahead, with the others captured too."""
        if type(returned) is not list or Captured not in map(type, returned):
            return returned
        return [item if type(item) is Captured else Captured(self._tracker.value(item)) for item in returned]

    def _graph_key(self) -> int | None:
        return self._journal.graph_key(self.graph) if self._journal is not None and self.graph is not None else None

    def _write(self, frame: Frame) -> None:
        data = encode_frame(frame)
        self.frames.append(data)
        journal = self._journal
        if journal is not None:
            if not self._journal_values:
                data = encode_frame(without_values(frame))
            if not journal.write(data):
                journal.lost += 1

    def _part(self, value: object, path: str) -> bytes | int | None:
        return None if value is UNSET or value is None else self._tracker.value(value, path)

    def _whole(self, value: object) -> FieldParts | bytes | int | None:
        if value is UNSET or value is None:
            return None
        if ROOT_FIELD in (fields := fields_of(value)):
            return self._tracker.value(value)
        return self._tracker.fields("", fields)

    def _fault(self, error: BaseException | None) -> ErrorInfo | None:
        if error is None:
            return None
        try:
            return fault(error, self._encoder.redactor)
        except Exception as own:  # noqa: BLE001 - an exception class may defeat every care taken
            _GUARD_FINISH.record(own)
            return ErrorInfo(type=type_name(type(error)), message="")

    def _metadata(self, metadata: Mapping[str, object]) -> bytes:
        return b"{" + b",".join(
            json.dumps(name).encode() + b":" + part for name, part in self._encoder.fields(dict(metadata)).items()
        ) + b"}"  # fmt: skip


_GUARD_OPEN = Guard("run.open")
_GUARD_START = Guard("run.start_step")
_GUARD_FINISH = Guard("run.finish_step")
_GUARD_CALL = Guard("run.record_call")
_GUARD_NOTE = Guard("run.note")
_GUARD_CLOSE = Guard("run.close")
