"""Whether an empty value is how a pipeline is meant to work: used up, filled later, owned up to, made from nothing."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from argus.detectors.blanks import is_blank
from argus.detectors.made import is_meant_to_be_empty
from argus.detectors.run_index import Reader, RunIndex
from argus.detectors.wording import explains, may_be_empty, owns_up, texts_in
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Aftermath", "is_cleared", "is_filled_later", "is_starved"]

_STUMBLES = ("IndexError", "ZeroDivisionError", "StatisticsError", "StopIteration", "JSONDecodeError")
_STUMBLES_OVER_NONE = ("TypeError", "AttributeError")


class Aftermath:
    """What the rest of a run made of an empty value."""

    def __init__(self, index: RunIndex) -> None:
        self.index = index

    def harmed(self, step: TraceStep, field: str, value: JsonValue) -> Reader | None:
        """The reader that failed because the field was empty."""
        for reader in self.index.readers_after(step, field):
            error = reader.step.error
            if error is None:
                continue
            kind = error.type.rpartition(".")[2]
            over_none = value is None and kind in _STUMBLES_OVER_NONE and "NoneType" in error.message
            if over_none or kind in _STUMBLES or (kind == "ValueError" and "empty" in error.message.lower()):
                return reader
        return None

    def is_accounted_for(self, step: TraceStep, value: JsonValue) -> bool:
        """Whether the update itself, or a later step, says that there is nothing."""
        if any(explains(name, beside) for name, beside in step.output_state.items()):
            return True
        beside = [text for one in step.output_state.values() for text in texts_in(one)]
        if owns_up(beside) or self._last_owning_up > step.step_number:
            return True
        return not isinstance(value, str) and self._last_zero > step.step_number

    def is_all(self, step: TraceStep) -> bool:
        """Whether a step returned nothing but empty values."""
        return all(is_blank(one) for one in step.output_state.values())

    def should_speak(self, step: TraceStep, field: str) -> bool:
        """Whether a text is all that a step had to say, and its source does not provide for its being empty."""
        fields = self.index.fields(step)
        others = [name for name, one in step.output_state.items() if name != field and not is_blank(one)]
        spec = fields.get(field)
        declared = spec is None or (spec.type.kind == "str" and not spec.nullable)
        gathered = all((own := fields.get(name)) is not None and own.reducer is not None for name in others)
        return declared and gathered and not is_meant_to_be_empty(step, field, self.index)

    def branches_on(self, step: TraceStep, field: str) -> bool:
        """Whether a branch behind the step may have looked at the field."""
        reads = self.index.branch_reads(step)
        return reads is None or any(read.path.partition(".")[0] == field for read in reads)

    @cached_property
    def _last_owning_up(self) -> int:
        """The number of the last step that says in words that nothing was found; 0 without one."""
        return self._last(lambda state: owns_up(text for one in state.values() for text in texts_in(one)))

    @cached_property
    def _last_zero(self) -> int:
        """The number of the last step that counts to zero; 0 without one."""
        return self._last(lambda state: any(_counts_zero(one) for one in state.values()))

    def _last(self, says: Any) -> int:
        return next((one.step_number for one in reversed(self.index.trace.steps) if says(one.output_state)), 0)


def _counts_zero(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(_is_zero(one) for one in value.values())
    return _is_zero(value)


def _is_zero(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0


def is_cleared(step: TraceStep, field: str, index: RunIndex) -> bool:
    """Whether a step emptied a value that it had used up.

    Args:
        step: The step.
        field: The field that is empty after it.
        index: The run.
    """
    if is_blank(step.input_state.get(field)):
        return False
    reads = {read.path.partition(".")[0] for read in index.reads(step)}
    return field in reads or not all(is_blank(one) for one in step.output_state.values())


def is_filled_later(step: TraceStep, field: str, index: RunIndex) -> bool:
    """Whether a later step put something into a field that a step left empty.

    Args:
        step: The step.
        field: The field.
        index: The run.
    """
    last = index.last_write(step, field)
    return last is not None and index.moment(last) > index.moment(step) and not is_blank(last.output_state.get(field))


def is_starved(step: TraceStep, field: str, value: JsonValue, index: RunIndex) -> bool:
    """Whether the step had nothing to work on, so that the fault, if any, lies before it.

    A text can be written from any of its sources, a list is as empty as the list it is made from.
    """
    node, declared = index.node(step), index.fields(step)
    sources = [name for name in step.input_state if name != field]
    if node is not None and node.reads and node.reads_complete:
        read = {one.path.partition(".")[0] for one in node.reads}
        sources = [name for name in sources if name in read and name in declared and not may_be_empty(name)]
    blank = [is_blank(step.input_state[name]) for name in sources]
    if isinstance(value, str) or node is None or not node.reads:
        return bool(blank) and all(blank)
    return any(blank)
