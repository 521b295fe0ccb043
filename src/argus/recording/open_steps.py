"""Steps that are running, and what changed in place while they ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from argus._internal.ids import step_id
from argus.capture.delta import Held, Tracker
from argus.recording.frames import StateChange

__all__ = ["UNSET", "InPlace", "OpenStep", "Scope", "Unset", "changed_in_place"]


class Unset:
    """The class of :data:`UNSET`."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()
"""Stands for a value that was not given, where None is a value."""


class Scope:
    """What is known of the graph call that steps run in.

    Attributes:
        name: Its namespace.
        version: Of its state; 0 before the state was first read.
        superstep: The one whose state was read last; UNSET before.
        checked: The tick when its state was last looked at.
        open_steps: Steps that are running.
        crowded: The tick when a step last began beside another.
    """

    __slots__ = ("checked", "crowded", "name", "open_steps", "superstep", "version")

    def __init__(self, name: str) -> None:
        self.name = name
        self.version = 0
        self.superstep: object = UNSET
        self.checked = 0
        self.open_steps = 0
        self.crowded = -1


class OpenStep:
    """A step that has started; to those who record, all but number, node and id is opaque.

    Attributes:
        number: 1-based, in order of start.
        node_name: The node.
        scope: The graph call it runs in, once it has begun.
        given: Its explicit input, as recorded.
        fields: The part of the state it was given; None means all.
        began: The tick when it began.
        clean: The tick when the state was last looked at before that.
        alone: Whether no other step of the scope was running then.
        sent: Its place among the ``Send`` of its superstep, from 0, or None.
    """

    __slots__ = ("_run_id", "alone", "began", "clean", "fields", "given", "node_name", "number", "scope", "sent")

    def __init__(self, run_id: str, number: int, node_name: str) -> None:
        self.number = number
        self.node_name = node_name
        self._run_id = run_id
        self.scope: Scope | None = None
        self.given: Held | None = None
        self.sent: int | None = None

    def begin(self, place: Scope, fields: Sequence[str] | None, tick: int) -> None:
        """The step begins.

        Args:
            place: The graph call it runs in.
            fields: The part of the state it is given.
            tick: The time.
        """
        self.scope = place
        self.fields = fields
        self.began = tick
        self.clean = place.checked
        self.alone = place.open_steps == 0
        if not self.alone:
            place.crowded = tick
        place.open_steps += 1

    @property
    def id(self) -> str:
        """The step's id."""
        return step_id(self._run_id, self.number)


class InPlace(NamedTuple):
    """What changed in place up to the end of a step.

    Attributes:
        mutated: Fields that the step changed.
        together: Fields that it or a step beside it changed.
        earlier: Fields found changed that may have been changed before the step began.
        state: The state that this makes, if it is another.
    """

    mutated: Sequence[str]
    together: Sequence[str]
    earlier: Sequence[str]
    state: StateChange | None


_NOTHING: Final = InPlace((), (), (), None)


def changed_in_place(tracker: Tracker, step: OpenStep, *, deep: bool) -> InPlace:
    """What changed in place up to the end of a step; called once for each.

    Args:
        tracker: Holds what was recorded.
        step: The step that ends.
        deep: Whether the content of every field is compared.
    """
    place = step.scope
    if place is None:
        return _NOTHING
    place.open_steps -= 1
    held = step.given or tracker.states.get(place.name)
    if held is None or (held.fixed and not held.large):  # numbers and strings: nothing that could change in place
        if step.given is None and place.open_steps == 0:
            place.checked = tracker.tick
        return _NOTHING
    state = None
    if step.given is not None:
        found, _ = tracker.mutated(step.given, deep=deep)
        since = step.began
    else:
        found, fresh = tracker.mutated_state(place.name, step.fields, deep=deep)
        since = step.clean
        if fresh.json or fresh.parts:
            place.version += 1
            state = StateChange(place.version, fresh, [])
        if place.open_steps == 0:
            place.checked = tracker.tick
    if not found:
        return InPlace((), (), (), state) if state is not None else _NOTHING
    earlier = [change.field for change in found if change.since < since]
    now = [change.field for change in found if change.since >= since]
    alone = step.alone and place.crowded < step.began
    return InPlace(now, (), earlier, state) if alone else InPlace((), now, earlier, state)
