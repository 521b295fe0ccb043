"""Replays, and what happens while runs go on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from argus.model.record import Record
from argus.model.values import JsonValue

__all__ = ["LiveEvent", "NewReplay", "Replay", "ReplayStep"]


class NewReplay(Record, frozen=True, kw_only=True):
    """A replay to start.

    Attributes:
        trace_id: The run to replay.
        from_step: The first step that runs for real; the cause when None.
        patch: What to change in the state before that step, by field; None changes nothing.
        prove: Whether to repair the named cause and see whether the failure goes away.
    """

    trace_id: str
    from_step: int | None = None
    patch: dict[str, JsonValue] | None = None
    prove: bool = False


class ReplayStep(Record, frozen=True, kw_only=True):
    """A step of a replay that has ended.

    Attributes:
        step_number: Its number.
        node: Its node.
        outcome: How it ended.
        duration_ms: Wall time.
    """

    step_number: int
    node: str
    outcome: str
    duration_ms: float


class Replay(Record, frozen=True, kw_only=True):
    """A replay.

    Attributes:
        job: Its id.
        trace_id: The run that is replayed.
        status: ``running``, ``done``, ``failed`` or ``cancelled``.
        from_step: The first step that runs for real, or None when the engine chose it.
        command: The same as a command line.
        steps: Steps that have ended, as far as they can be followed.
        verdict: ``resolved``, ``not_resolved`` or ``different``; None until it is known.
        new_trace_id: The run that the replay became, or None until it is known.
        result: All that the engine told.
        error: Why it failed, or None.
        started_at: When it was started.
        ended_at: When it ended, or None.
    """

    job: str
    trace_id: str
    status: Literal["running", "done", "failed", "cancelled"]
    from_step: int | None
    command: str
    steps: tuple[ReplayStep, ...] = ()
    verdict: Literal["resolved", "not_resolved", "different"] | None = None
    new_trace_id: str | None = None
    result: dict[str, JsonValue] | None = None
    error: str | None = None
    started_at: datetime
    ended_at: datetime | None = None


class LiveEvent(Record, frozen=True, kw_only=True):
    """The data of one server-sent event; its name is the event's, its id counts up.

    Attributes:
        kind: ``run_started``, ``step_started``, ``step_finished``, ``run_finished`` (its findings are not known yet) or
            ``store_changed`` (a run has arrived in the store, or runs have gone).
        trace_id: The run; None when the store as a whole is meant.
        pipeline: Its pipeline, or None.
        at: When.
        step_number: The step, or None.
        node: Its node, or None.
        outcome: How the step or run ended, or None.
        error: The exception of the step, or None.
        duration_ms: Wall time of the step or run, or None.
        attempt: Which attempt the step is, or None.
        depth: How many steps the step runs inside, or None.
        status: The stored run's status, or None.
    """

    kind: Literal["run_started", "step_started", "step_finished", "run_finished", "store_changed"]
    trace_id: str | None
    pipeline: str | None
    at: datetime
    step_number: int | None = None
    node: str | None = None
    outcome: str | None = None
    error: str | None = None
    duration_ms: float | None = None
    attempt: int | None = None
    depth: int | None = None
    status: str | None = None
