"""What a replay comes to."""

from __future__ import annotations

from typing import Literal, TypeAlias

from argus.model.detection import Detection
from argus.model.record import Record
from argus.model.trace import Trace
from argus.model.values import JsonValue
from argus.views.comparison import Comparison

__all__ = ["Change", "ReplayResult", "ReplayedStep", "Verdict"]

Verdict: TypeAlias = Literal["resolved", "not_resolved", "different"]
"""``resolved``: nothing of what was found wrong at or after the chosen step is left, and nothing new is wrong;
``not_resolved``: some of it is left; ``different``: none of it is left, but something else is wrong now, or the
recorded run had nothing wrong there and its replay ends otherwise."""


class Change(Record, frozen=True, kw_only=True):
    """A value that was changed before the replay went on.

    Attributes:
        path: The field, or the dotted path into it.
        before: The recorded value; None when there was none.
        after: The value in its place; None when it was removed.
    """

    path: str
    before: JsonValue = None
    after: JsonValue = None


class ReplayedStep(Record, frozen=True, kw_only=True):
    """A step of the new run, and where it comes from.

    Attributes:
        step_id: Its id.
        step_number: Its number in the new run.
        node_name: Its node.
        source: ``ran``; ``served`` from the record; ``entered``: it ran because the chosen step lies inside it.
        recorded: The number of its counterpart in the recorded run, or None.
        outcome: How it ended.
        duration_ms: Wall time; of a served step, as recorded.
        from_tape: HTTP answers that it got from the tape.
    """

    step_id: str
    step_number: int
    node_name: str
    source: Literal["ran", "served", "entered"]
    recorded: int | None = None
    outcome: str = "ok"
    duration_ms: float = 0.0
    from_tape: int = 0


class ReplayResult(Record, frozen=True, kw_only=True):
    """What a replay comes to.

    Attributes:
        verdict: Whether what was wrong is gone.
        sentence: The same in words.
        trace: The new run; its ``metadata.replay_of`` is the id of the recorded one.
        replay_of: The id of the recorded run.
        from_step: The number of the chosen step in the recorded run.
        from_node: Its node.
        changes: What was changed in the state entering it.
        steps: The steps of the new run, each with where it comes from.
        remaining: Findings of severity warning or worse in what ran, in the new run.
        gone: Findings of the recorded run, at or after the chosen step, that the new run does not have.
        comparison: The two runs side by side, the recorded one first.
        warnings: What must be known to read this, such as that the graph has changed; one sentence each.
    """

    verdict: Verdict
    sentence: str
    trace: Trace
    replay_of: str
    from_step: int
    from_node: str
    changes: tuple[Change, ...] = ()
    steps: tuple[ReplayedStep, ...] = ()
    remaining: tuple[Detection, ...] = ()
    gone: tuple[Detection, ...] = ()
    comparison: Comparison
    warnings: tuple[str, ...] = ()

    @property
    def ran(self) -> tuple[ReplayedStep, ...]:
        """The steps whose code really ran."""
        return tuple(step for step in self.steps if step.source != "served")

    @property
    def served(self) -> tuple[ReplayedStep, ...]:
        """The steps that came from the record."""
        return tuple(step for step in self.steps if step.source == "served")
