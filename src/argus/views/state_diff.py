"""What each step changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from argus.model.record import Record
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue, State
from argus.views.paths import top_level
from argus.views.values import measure, preview

__all__ = ["FieldChange", "StepChanges", "changes", "of_field"]

ChangeMark = Literal["+", "~", "-", "!", "∅"]
"""New, changed, gone, dropped by the framework, expected but not written."""

_ORDER = "!∅~+-"


class FieldChange(Record, frozen=True, kw_only=True):
    """One field that a step changed, or should have.

    Attributes:
        mark: ``+`` new, ``~`` changed, ``-`` gone, ``!`` returned but dropped, ``∅`` expected but not written.
        field: The field.
        before: Its value before the step, when it had one.
        after: Its value after the step; for a dropped field what the step returned.
        note: What to know about it, in a few words; empty when the values say it all.
    """

    mark: ChangeMark
    field: str
    before: JsonValue = None
    after: JsonValue = None
    note: str = ""

    def text(self, limit: int = 80) -> str:
        """The change in one harmless line, without mark and field.

        Args:
            limit: Characters shown of each value.
        """
        if self.mark == "+":
            shown = preview(self.after, limit)
        elif self.mark == "~":
            shown = f"{preview(self.before, limit)} → {preview(self.after, limit)}"
        elif self.mark == "-":
            shown = preview(self.before, limit)
        elif self.mark == "!":
            shown = preview(self.after, limit)
        else:
            shown = "" if self.before is None else f"stays {preview(self.before, limit)}"
        return f"{shown}  ({self.note})" if shown and self.note else shown or self.note


class StepChanges(Record, frozen=True, kw_only=True):
    """What one step changed.

    Attributes:
        step_id: The step.
        step_number: Its number.
        node_name: Its node.
        changed: Faults first, then changed, new and gone fields, by name.
        unchanged: How many fields stayed as they were.
    """

    step_id: str
    step_number: int
    node_name: str
    changed: tuple[FieldChange, ...] = ()
    unchanged: int = 0


def of_field(seen: StepChanges, path: str) -> StepChanges:
    """Only what a step changed of one field.

    Args:
        seen: All that it changed.
        path: The field, or a path inside it.
    """
    mine = tuple(
        one for one in seen.changed if path == one.field or path.startswith((f"{one.field}.", f"{one.field}["))
    )
    return replace(seen, changed=mine, unchanged=0)


def changes(trace: Trace, step: TraceStep) -> StepChanges:
    """What a step changed in the state.

    Without a recorded state after the step, what the step returned stands for it.

    Args:
        trace: The run.
        step: One of its steps.
    """
    before = step.input_state
    after = step.state_after or {**before, **step.output_state}
    dropped = _names(step, "dropped")
    found = [FieldChange(mark="!", field=name, after=step.output_state.get(name), note="dropped") for name in dropped]
    found += [
        FieldChange(mark="∅", field=name, before=before.get(name), note="expected, not written")
        for name in _expected(trace, step)
        if name not in step.output_state
    ]
    told = {change.field for change in found}
    unchanged = 0
    for name in {**before, **after}:
        if name in told:
            continue
        change = _compare(name, before, after)
        if change is None:
            unchanged += 1
        else:
            found.append(change)
    found.sort(key=lambda change: (_ORDER.index(change.mark), change.field))
    return StepChanges(
        step_id=step.id,
        step_number=step.step_number,
        node_name=step.node_name,
        changed=tuple(found),
        unchanged=unchanged,
    )


def _compare(name: str, before: State, after: State) -> FieldChange | None:
    if name not in before:
        return FieldChange(mark="+", field=name, after=after[name])
    if name not in after:
        return FieldChange(mark="-", field=name, before=before[name])
    old, new = before[name], after[name]
    if old is new or _equal(old, new):
        return None
    return FieldChange(mark="~", field=name, before=old, after=new, note=_growth(old, new))


def _equal(old: JsonValue, new: JsonValue) -> bool:
    if type(old) is not type(new):  # 1, 1.0 and true are equal to Python, not to a reader
        return False
    try:
        return bool(old == new)
    except RecursionError:  # nested deeper than Python compares
        return False


def _growth(old: JsonValue, new: JsonValue) -> str:
    """How a list or mapping grew or shrank; empty for anything else."""
    lists = isinstance(old, list) and isinstance(new, list)
    if lists or (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return f"{measure(old)} → {measure(new)}" if len(old) != len(new) else ""
    return ""


def _expected(trace: Trace, step: TraceStep) -> list[str]:
    """The fields that the blame says this step failed to hand on."""
    links = trace.forensics.causal_chain if trace.forensics else ()
    fields = [link.field for link in links if link.step_id == step.id and link.field and link.role == "cause"]
    return list(dict.fromkeys(top_level(field) for field in fields))


def _names(step: TraceStep, key: str) -> list[str]:
    names = step.metadata.get(key)
    return [name for name in names if isinstance(name, str)] if isinstance(names, list | tuple) else []
