"""A value on demand, and what is told of a field."""

from __future__ import annotations

from typing import Literal

from argus.dataflow.life_records import FieldLife
from argus.model.record import Record
from argus.model.values import JsonValue
from argus.views.shown import CutShort

__all__ = ["FieldLineage", "LineagePoint", "Partial", "RecordedValue", "TextDocument"]


class Partial(Record, frozen=True, kw_only=True):
    """What an answer leaves out to stay small; ``full=true`` gives it all.

    Attributes:
        kept: Characters of JSON that are given.
        total: Characters of JSON of the whole value.
    """

    kept: int
    total: int


class RecordedValue(Record, frozen=True, kw_only=True):
    """A recorded value.

    Attributes:
        trace_id: The run.
        step_number: The step.
        side: Where it was looked for.
        path: Where it stands there; empty for all of it.
        value: The value; what ``partial`` leaves out stands as ``{"$argus": "more", "count": n}`` at the end of lists,
            the same under the key ``…`` at the end of dicts, and as
            ``{"$argus": "text", "length": n, "text": beginning}`` for texts.
        type: What kind of value it is.
        size: How large it is.
        characters: Characters of JSON of the whole value.
        cut: What was cut when it was recorded, or None.
        redacted: Whether something in it was redacted when it was recorded.
        partial: What this answer leaves out, or None when it is whole.
    """

    trace_id: str
    step_number: int
    side: str
    path: str
    value: JsonValue
    type: str
    size: str
    characters: int
    cut: CutShort | None = None
    redacted: bool = False
    partial: Partial | None = None


class LineagePoint(Record, frozen=True, kw_only=True):
    """Something that happened to the field, on an axis of steps.

    Attributes:
        step_number: The step.
        node: Its node.
        kind: ``write``, ``read``, or ``expected`` for a write that did not come.
    """

    step_number: int
    node: str
    kind: Literal["write", "read", "expected"]


class FieldLineage(Record, frozen=True, kw_only=True):
    """The life of a field in a run.

    Attributes:
        field: The field or dotted path.
        known: Whether the run knows it.
        near: Fields with similar names, when it does not.
        steps: Steps of the run, the length of the axis.
        points: What happened to it, in order of step.
        life: All versions, who wrote each from what, and who read it; values are cut to previews.
    """

    field: str
    known: bool
    near: tuple[str, ...]
    steps: int
    points: tuple[LineagePoint, ...]
    life: FieldLife


class TextDocument(Record, frozen=True, kw_only=True):
    """A text to copy.

    Attributes:
        text: Markdown.
    """

    text: str
