"""The tasks of the functional API, which LangGraph runs without a node of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter_ns
from typing import Any, NamedTuple
from uuid import UUID

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.events import StepListener
from argus.instrumentation.langgraph.outcomes import outcome_of
from argus.instrumentation.langgraph.running import TaskFrame
from argus.instrumentation.langgraph.updates import update_of
from argus.model.trace import Outcome
from argus.recording.run import UNSET, OpenStep

__all__ = ["TaskListener"]

_guard = Guard("langgraph.functional")


class TaskListener(StepListener):
    """Records, beside model and tool calls, each ``@task`` as a step inside the ``@entrypoint``'s."""

    ignore_chain = False

    def __init__(self, frame: TaskFrame) -> None:
        super().__init__(frame)
        self._tasks: dict[UUID, _OpenTask] = {}
        self._attempts: dict[str, int] = {}

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, metadata: Any = None, **kwargs: Any
    ) -> None:
        """Something runs; a task when LangGraph says so."""
        with _guard:
            facts = metadata or {}
            path = facts.get("langgraph_path") or ()
            namespace = str(facts.get("langgraph_checkpoint_ns"))
            name = str(facts.get("langgraph_node"))
            if not path or path[-1] is not True or kwargs.get("name") != name:
                return
            with self._open.lock:
                if any(task.namespace == namespace for task in self._tasks.values()):
                    return
                attempt = self._attempts[namespace] = self._attempts.get(namespace, 0) + 1
            call = self._frame.call
            steps = [
                recording.run.start_step(
                    name, scope=self._frame.namespace, given=inputs, kind="push", attempt=attempt, parent=step,
                    triggers=facts.get("langgraph_triggers") or (),
                )
                for recording, step in zip(call.recordings, self._frame.steps, strict=True)
            ]  # fmt: skip
            with self._open.lock:
                self._tasks[run_id] = _OpenTask(namespace, perf_counter_ns(), steps)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Something has run."""
        with _guard:
            self._task_ended(run_id, outputs, None)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Something has failed."""
        with _guard:
            self._task_ended(run_id, UNSET, error)

    def _task_ended(self, run_id: UUID, output: Any, error: BaseException | None) -> None:
        with self._open.lock:
            task = self._tasks.pop(run_id, None)
        if task is None:
            return
        outcome: Outcome = "ok" if error is None else outcome_of(error)
        fields = update_of(output, (), self._frame.node).fields
        for recording, step in zip(self._frame.call.recordings, task.steps, strict=True):
            recording.run.finish_step(
                step, outcome=outcome, returned=output, update=fields, writes=list(fields),
                error=error if outcome == "error" else None, wall_ns=perf_counter_ns() - task.began,
            )  # fmt: skip

    def _steps(self, facts: Mapping[str, Any]) -> Sequence[OpenStep]:
        namespace = (facts.get("metadata") or {}).get("langgraph_checkpoint_ns")
        with self._open.lock:
            for task in self._tasks.values():
                if task.namespace == namespace:
                    return task.steps
        return self._frame.steps


class _OpenTask(NamedTuple):
    namespace: str
    began: int
    steps: Sequence[OpenStep]
