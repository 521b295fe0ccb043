"""``argus.replay``: runs a recorded run again from one of its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from argus.analysis.observer import Observer
from argus.capture.encode import Encoder
from argus.capture.redact import Redactor
from argus.errors import NotAvailable, ReplayError, TraceNotFound
from argus.replay.changes import graph_changes
from argus.replay.choosing import chosen_step
from argus.replay.patch import changed_state
from argus.replay.player import Ended, Player, Start, Update
from argus.replay.reads import reads_from
from argus.replay.record import RunRecord
from argus.replay.result import Change, ReplayedStep, ReplayResult
from argus.replay.splicing import spliced
from argus.replay.verdict import Judged, judged
from argus.views.comparison import compare

if TYPE_CHECKING:
    from argus.config.settings import Settings
    from argus.detectors.base import BaseDetector, Validator
    from argus.instrumentation.langgraph.rerun import Rerun
    from argus.model.graph import FieldSpec, GraphSpec
    from argus.model.trace import Trace, TraceStep
    from argus.recording.run import Run
    from argus.storage.base import BaseStore

__all__ = ["Replay", "replay"]

_MOST_CALLS: Final = 100


def replay(
    trace: Trace | str,
    app: Any,
    *,
    from_step: int | None = None,
    from_node: str | None = None,
    patch: Mapping[str, Any] | None = None,
    set: Mapping[str, Any] | None = None,
    live: bool = False,
    store: bool = True,
    asynchronous: bool | None = None,
    run_config: Mapping[str, Any] | None = None,
    context: object = None,
    validators: Mapping[str, Validator] | None = None,
    detectors: list[BaseDetector | type[BaseDetector]] | None = None,
    storage: BaseStore | str | Path | None = None,
    config: str | Path | Settings | None = None,
    progress: Callable[[ReplayedStep], None] | None = None,
) -> ReplayResult:
    """Runs a recorded run again from one of its steps.

    What began before the chosen step is served from the record, and so is what ran beside it; the chosen step and all
    that follows run for real, in a copy of the graph whose checkpoints are kept in memory. The recorded run stays as it
    is.

    Args:
        trace: The run, or its id, the beginning of one, ``last`` or ``last~2``.
        app: A ``StateGraph``, a compiled graph, or a function without arguments that returns one.
        from_step: The number of the step to start from, from 1; without a choice it is the one that is blamed, else 1.
        from_node: The node to start from; ``name#2`` for its second visit.
        patch: A JSON merge patch on the state entering that step: dicts are merged, None removes a key.
        set: Values by field or dotted path, put into that state.
        live: Whether an HTTP request that has no recorded answer goes to the network; else it ends the replay. Has no
            effect on runs that were recorded without ``record_http``.
        store: Whether the new run is stored.
        asynchronous: Whether the graph is awaited; None finds out.
        run_config: LangGraph's configuration for the run, over what is known from the record.
        context: LangGraph's context for the run.
        validators: As for :class:`argus.ArgusWatcher`.
        detectors: As for :class:`argus.ArgusWatcher`.
        storage: Where runs are looked up, where history comes from, and where the new run goes.
        config: As for :class:`argus.ArgusWatcher`.
        progress: Called for each step that has ended, in whatever thread it ran.

    Returns:
        The verdict, the new run, and what ran and what was served.

    Raises:
        ReplayError: The step, patch or application is not usable, or a recorded value that is needed is not there.
        ReplayDiverged: The graph left the recorded way before the chosen step.
        TapeMiss: A request has no recorded answer.
        TraceNotFound: There is no such run.
    """
    replaying = Replay(
        trace,
        app,
        live=live,
        asynchronous=asynchronous,
        run_config=run_config,
        context=context,
        validators=validators,
        detectors=detectors,
        storage=storage,
        config=config,
        progress=progress,
    )
    try:
        step = chosen_step(replaying.recorded, from_step, from_node)
        result = replaying.from_step(step, patch, set)
        if store:
            result = replace(result, trace=replaying.observer.finalizer.store(result.trace))
    finally:
        replaying.close()
    return result


class Replay:
    """A recorded run and the application that it is run again on, for one or several replays.

    Args:
        trace: As for :func:`replay`.
        app: As for :func:`replay`.
        live: As for :func:`replay`.
        asynchronous: As for :func:`replay`.
        run_config: As for :func:`replay`.
        context: As for :func:`replay`.
        progress: As for :func:`replay`.
        observer: Ready to be used; else one is made from the options, and closed by :meth:`close`.
        **options: For :class:`argus.analysis.observer.Observer`.

    Attributes:
        recorded: The recorded run.
        record: The same, looked up by place.
        observer: Records and analyses.
        spec: The graph as it is loaded.

    Raises:
        ReplayError: The application or the run cannot be used.
    """

    def __init__(
        self,
        trace: Trace | str,
        app: Any,
        *,
        live: bool = False,
        asynchronous: bool | None = None,
        run_config: Mapping[str, Any] | None = None,
        context: object = None,
        progress: Callable[[ReplayedStep], None] | None = None,
        observer: Observer | None = None,
        **options: Any,
    ) -> None:
        self._owns_observer = observer is None
        self._live = live
        self._run_config = dict(run_config or {})
        self._context = context
        self._progress = progress
        self.observer = observer or Observer(**options)
        try:
            self.recorded = self._found(trace) if isinstance(trace, str) else trace
            self.record = RunRecord(self.recorded)
            _require_states(self.recorded)
            if any(step.http_exchanges for step in self.recorded.steps):
                self.observer.recorder.record_http()  # the new run can be run again as well
            self._app = app
            self.spec: GraphSpec = self._fresh().spec()
            self._asynchronous = self._fresh().needs_async() if asynchronous is None else asynchronous
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes what was opened here."""
        if self._owns_observer:
            self.observer.close()

    def from_step(
        self, step: TraceStep, patch: Mapping[str, Any] | None = None, values: Mapping[str, Any] | None = None
    ) -> ReplayResult:
        """Runs again from a step, which runs itself.

        Args:
            step: A step of the recorded run.
            patch: A merge patch on the state entering it.
            values: Values by path, put into that state.
        """
        entering, whole = self._entering(step)
        changes: tuple[Change, ...] = ()
        given = None
        if patch or values:
            state = step.input_state if _was_sent(step) else entering
            changed, changes = changed_state(state, patch, values, self._fields(step), closed=not _was_sent(step))
            if _was_sent(step):
                given = changed
            else:
                entering = changed
        return self._replayed(Start(step=step, entering=entering, whole=whole, given=given), changes)

    def with_update(
        self,
        step: TraceStep,
        update: Update,
        beside: Mapping[int | None, Update] | None = None,
        later: Sequence[Mapping[int | None, Update]] = (),
        tasks: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]] = (),
    ) -> ReplayResult:
        """Runs again from what follows a step, which is made to write something else.

        Args:
            step: A step of the recorded run.
            update: What it writes.
            beside: What tasks of its node beside it write, by their place among the ``Send``.
            later: What the node writes at later visits.
            tasks: For a task of the functional API: what else it is given, and what it then answers.
        """
        entering, whole = self._entering(step)
        before = step.output_state
        changes = tuple(
            Change(path=name, before=before.get(name), after=update.fields.get(name))
            for name in dict.fromkeys((*before, *update.fields))
            if (name in before) != (name in update.fields) or before.get(name) != update.fields.get(name)
        )
        start = Start(
            step=step,
            entering=entering,
            whole=whole,
            update=update,
            beside=beside or {},
            later=later,
            tasks=[(dict(given), dict(answer)) for given, answer in tasks],
        )
        return self._replayed(start, changes)

    # before

    def _found(self, reference: str) -> Trace:
        from argus.storage.locate import resolve

        store = self.observer.open_store()
        return store.get(resolve(store, reference))

    def _fresh(self) -> Rerun:
        try:
            from argus.instrumentation.langgraph.probe import missing_parts
            from argus.instrumentation.langgraph.rerun import Rerun
        except ImportError as missing:
            raise NotAvailable(
                'replaying needs LangGraph, which is not installed: pip install "arguslabs[langgraph]"'
            ) from missing
        gone = missing_parts()
        if gone:
            raise NotAvailable(
                f"the installed langgraph is not known well enough to replay on ({'; '.join(gone)}); "
                "look for a newer version of arguslabs"
            )
        return Rerun(self._app)

    def _entering(self, step: TraceStep) -> tuple[dict[str, Any], bool]:
        call = self.record.call_of(step)
        return call.entering(call.place_of(step))

    def _fields(self, step: TraceStep) -> tuple[FieldSpec, ...]:
        graph = self.recorded.graph_of(step)
        declared = graph.state if graph is not None else ()
        node = graph.node(step.node_name) if graph is not None else None
        extra = node.input if node is not None and node.input is not None else ()
        return (*declared, *(field for field in extra if all(field.name != one.name for one in declared)))

    def _predecessors(self) -> list[Trace]:
        """The runs that have to be gone through before a resumed one, the first one first."""
        chain: list[Trace] = []
        earlier = self.recorded.metadata.get("resumes")
        while isinstance(earlier, str) and len(chain) < _MOST_CALLS:
            try:
                found = self.observer.open_store().get(earlier)
            except TraceNotFound as missing:
                raise ReplayError(
                    f"the run was resumed from the run {earlier}, which is not in the store, so that its beginning is "
                    "not known; replay it where that run is stored"
                ) from missing
            _require_states(found)
            chain.insert(0, found)
            earlier = found.metadata.get("resumes")
        return chain

    # during

    def _replayed(self, start: Start, changes: tuple[Change, ...]) -> ReplayResult:
        rerun = self._fresh()
        warnings = list(graph_changes(self.recorded.graph, self.spec))
        earlier = self._predecessors()
        if earlier:
            rerun.with_checkpoints()
        for one in earlier:
            player = Player(RunRecord(one), None, interrupts=_interrupts(one), shown=self._shown)
            sink = _Sink(self.observer, player, one)
            self._run(rerun, one, sink)
            sink.forget()
            if player.failure is not None:
                raise player.failure
        chain = self.record.ancestry(start.step)
        needs = reads_from(self.spec, chain, tip_runs=start.update is None)
        player = Player(self.record, start, needs=needs, told=self._told, shown=self._shown)
        sink = _Sink(self.observer, player, self.recorded)
        with self._answers(start) as serving:
            error = self._run(rerun, self.recorded, sink)
        if player.failure is not None:
            sink.forget()
            raise player.failure
        if not sink.runs:
            raise ReplayError(f"the graph ran nothing: {error!r}" if error else "the graph ran nothing")
        warnings += _told_of_network(serving)
        return self._result(start, sink.trace(), player, changes, warnings)

    def _run(self, rerun: Rerun, trace: Trace, sink: _Sink) -> BaseException | None:
        thread = trace.metadata.get("thread_id")
        base: dict[str, Any] = {"configurable": {"thread_id": thread if isinstance(thread, str) else "replay"}}
        limit = _recursion_limit(trace)
        if limit is not None:
            base["recursion_limit"] = limit
        given = self._run_config
        config = {**base, **given, "configurable": {**base["configurable"], **given.get("configurable", {})}}
        return rerun.run(trace.input, sink, config=config, context=self._context, asynchronous=self._asynchronous)

    def _answers(self, start: Start) -> AbstractContextManager[Any]:
        """What answers HTTP requests: the tape of the run, if it has one."""
        if not any(step.http_exchanges for step in self.recorded.steps):
            return nullcontext()
        from argus.instrumentation.http.serving import serve
        from argus.recording.tape.hiding import Hider
        from argus.recording.tape.tape import Tape

        hider = Hider(Redactor(self.observer.settings.security, None))
        around = {step.id for step in self.record.ancestry(start.step)}
        first = start.step.step_number
        again = [step.id for step in self.recorded.steps if step.step_number >= first or step.id in around]
        return serve(Tape.of(self.recorded, hider, steps=again), live=self._live)

    def _shown(self, value: object) -> dict[str, Any]:
        """Values as they are recorded."""
        return {name: msgspec.json.decode(data) for name, data in self._encoder.fields(value).items()}

    @cached_property
    def _encoder(self) -> Encoder:
        settings = self.observer.settings
        return Encoder.of(settings, Redactor(settings.security, None))

    def _told(self, ended: Ended) -> None:
        if self._progress is None:
            return
        recorded = ended.plan.step
        action = ended.plan.action
        self._progress(
            ReplayedStep(
                step_id="",
                step_number=ended.number,
                node_name=ended.node,
                source="served" if action == "serve" else "entered" if action == "enter" else "ran",
                recorded=recorded.step_number if recorded is not None else None,
                outcome=ended.outcome,
                duration_ms=round(ended.duration_ms, 3),
            )
        )

    # after

    def _result(
        self, start: Start, run: Trace, player: Player, changes: tuple[Change, ...], warnings: list[str]
    ) -> ReplayResult:
        whole, steps = spliced(run, self.record, player.ended_tasks, player.answered)
        facts = {
            "from_step": start.step.step_number,
            "from_node": start.step.node_name,
            "changed": [change.path for change in changes],
            "ran": [step.step_number for step in steps if step.source != "served"],
        }
        whole = replace(whole, metadata={**whole.metadata, "replay": facts})
        trace = self.observer.finalizer.analyse(whole)
        served = frozenset(step.step_id for step in steps if step.source == "served")
        found = Judged(self.recorded, start.step.step_number, trace, served)
        comparison = compare(_without_made_up(self.recorded), _without_made_up(trace))
        verdict, sentence = judged(found, comparison)
        return ReplayResult(
            verdict=verdict,
            sentence=sentence,
            trace=trace,
            replay_of=self.recorded.id,
            from_step=start.step.step_number,
            from_node=start.step.node_name,
            changes=changes,
            steps=steps,
            remaining=found.remaining,
            gone=found.gone,
            comparison=comparison,
            warnings=tuple(warnings),
        )


class _Sink:
    """Records what a replay runs."""

    def __init__(self, observer: Observer, player: Player, recorded: Trace) -> None:
        self.replayer = player
        self.runs: list[Run] = []
        self._observer = observer
        self._recorded = recorded

    def open_run(self, *, graph: GraphSpec | None, value: object, metadata: Mapping[str, object]) -> Run | None:
        """The run begins; only the first call is a replay's.

        Args:
            graph: What is about to run.
            value: The input.
            metadata: Facts about the call.
        """
        if self.runs:
            return None
        told = {**metadata, "replay_of": self._recorded.id}
        if "resumes" in self._recorded.metadata:
            told["resumes"] = self._recorded.metadata["resumes"]
        run = self._observer.open_run(graph=graph, value=value, metadata=told)
        self.runs.append(run)
        return run

    def run_closed(self, run: Run) -> None:
        """Nothing to do: the replay knows when it is over.

        Args:
            run: Closed.
        """

    def trace(self) -> Trace:
        """The run as recorded, not analysed."""
        from argus.recording.assemble import assemble

        run = self.runs[0]
        if not run.closed:
            run.close("abandoned")
        trace = assemble(run)
        run.folded()
        return trace

    def forget(self) -> None:
        """Lets go of what was recorded."""
        for run in self.runs:
            if not run.closed:
                run.close("abandoned")
            run.folded()


def _require_states(trace: Trace) -> None:
    if trace.metadata.get("states") == "not persisted":
        raise ReplayError(
            f"the run {trace.id} was recorded without states (`persist_state` was off), so it cannot be replayed; "
            "record one with `persist_state` on"
        )


def _was_sent(step: TraceStep) -> bool:
    return step.metadata.get("kind") == "push"


def _interrupts(trace: Trace) -> Any:
    shown = trace.output.get("__interrupt__") if isinstance(trace.output, dict) else None
    return shown[0].get("value") if isinstance(shown, list) and shown and isinstance(shown[0], dict) else None


def _without_made_up(trace: Trace) -> Trace:
    """The run without the ids of its interrupts, which are made anew in every run."""
    output = trace.output
    if not isinstance(output, dict) or not isinstance(output.get("__interrupt__"), list):
        return trace
    shown = [one.get("value") if isinstance(one, dict) else one for one in output["__interrupt__"]]
    return replace(trace, output={**output, "__interrupt__": shown})


def _recursion_limit(trace: Trace) -> int | None:
    """As many supersteps as were recorded where the run ended because of their number, else more than enough."""
    numbers = {step.metadata.get("superstep") for step in trace.steps if step.parent_id is None}
    if trace.error is not None and trace.error.type.endswith("GraphRecursionError"):
        return max(1, len(numbers))
    return 25 + 2 * len(numbers)


def _told_of_network(serving: Any) -> list[str]:
    passed = getattr(serving, "passed", ())
    if not passed:
        return []
    return [f"{len(passed)} HTTP requests had no recorded answer and went to the network, the first to {passed[0]}."]
