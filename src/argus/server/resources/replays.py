"""Replays, and what happens while runs go on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from argus.model.record import Record
from argus.model.values import JsonValue

__all__ = ["LiveEvent", "NewReplay", "Replay", "ReplayNews", "ReplayStep"]


class NewReplay(Record, frozen=True, kw_only=True):
    """A replay to start.

    Attributes:
        trace_id: The run to replay.
        from_step: The first step that runs for real; the cause when None.
        patch: A JSON merge patch on the state that enters that step; None changes nothing.
        prove: Whether to find out which step is to blame: suspects are repaired one after the other, with the patch if
            there is one, and the rest runs again.
    """

    trace_id: Annotated[str, Meta(max_length=200)]
    from_step: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    patch: dict[str, JsonValue] | None = None
    prove: bool = False


class ReplayStep(Record, frozen=True, kw_only=True):
    """A step of a replay that has ended.

    Attributes:
        step_number: Its number.
        node: Its node.
        outcome: How it ended.
        duration_ms: Wall time; of a served step, as recorded.
        source: ``ran`` for real; ``served`` from the record; ``entered``: it ran because the chosen step is inside it.
        recorded: The number of its counterpart in the recorded run, or None.
    """

    step_number: int
    node: str
    outcome: str
    duration_ms: float
    source: Literal["ran", "served", "entered"] = "ran"
    recorded: int | None = None


class Replay(Record, frozen=True, kw_only=True):
    """A replay.

    Attributes:
        job: Its id.
        trace_id: The run that is replayed.
        status: ``running``, ``done``, ``failed`` or ``cancelled``.
        from_step: The first step that runs for real, or None when the engine chose it.
        command: The same as a command line.
        steps: Steps that have ended, as far as they can be followed.
        sentence: What came of it, in words; empty until it is known.
        proving: Whether it finds out which step is to blame.
        proved: Whether that is proved; None until it is known, and for replays that prove nothing.
        verdict: ``resolved``, ``not_resolved`` or ``different``; None until it is known.
        new_trace_id: The run that the replay became, or None until it is known.
        result: All that the engine told but for steps and comparison, or None until it is known.
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
    sentence: str = ""
    proving: bool = False
    proved: bool | None = None
    verdict: Literal["resolved", "not_resolved", "different"] | None = None
    new_trace_id: str | None = None
    result: dict[str, JsonValue] | None = None
    error: str | None = None
    started_at: datetime
    ended_at: datetime | None = None


class ReplayNews(Record, frozen=True, kw_only=True):
    """The data of one server-sent event of a replay.

    Attributes:
        job: The replay's id.
        status: How it stands.
        step: The step that has ended, or None when the replay itself began or ended.
    """

    job: str
    status: Literal["running", "done", "failed", "cancelled"]
    step: ReplayStep | None = None


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
