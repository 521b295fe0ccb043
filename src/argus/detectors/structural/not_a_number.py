"""A calculation that ended in NaN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.wording import may_be_empty
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue, is_mark

__all__ = ["NotANumber"]

_DEEPEST: Final = 3
_WIDEST: Final = 1_000


class NotANumber(BaseDetector):
    """A step wrote NaN as its result although nothing that it was given is NaN.

    Finds:
        NaN as a field's value or as a value of its record.

    Why it matters:
        NaN raises nothing and compares false with everything: thresholds fail quietly, sorting breaks, and every sum
        that it enters becomes NaN too. JSON cannot hold it.

    How it decides:
        The step was not given NaN, no later step replaced the value, and a later step reads the field or the caller
        gets it: warning, confidence 0.8.
        Silent: NaN within lists, where it stands for gaps in data; infinities, which are honest limits; fields whose
        name stands for something that is rightly empty.

    When it is wrong:
        When NaN stands for "unknown" by agreement. Write None for it, or silence the field with an ``ignore`` entry for
        ``STR410``.

    Settings:
        ``detection.structural.check_empty``.

    References:
        IEEE 754-2019, section 6.2: operations with NaN.
    """

    code = "STR410"
    name = "not_a_number"
    layer = "structural"
    fault = "value of a field"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds results that are NaN.

        Args:
            trace: The run.
            context: ``structural.check_empty`` is used.
        """
        if not context.settings.structural.check_empty:
            return []
        index = RunIndex.of(trace, context)
        return [
            self._finding(step, field, path)
            for step in trace.steps
            if step.outcome in ("ok", "cached") and index.is_leaf(step)
            for field, path in _own(step)
            if not may_be_empty(field) and _matters(step, field, index)
        ]

    def _finding(self, step: TraceStep, field: str, path: str) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` wrote NaN into `{path}`, and nothing that it was given is NaN",
            step_id=step.id,
            field=field,
            confidence=0.8,
            evidence=(Evidence(step_id=step.id, field=path, note="no number", value="NaN"),),
        )


def _own(step: TraceStep) -> Iterator[tuple[str, str]]:
    """Fields with a NaN of the step's own making, each with the path of the first one."""
    found = [(field, path) for field, value in step.output_state.items() if (path := _place(value, field)) is not None]
    if found and not _holds(step.input_state, _DEEPEST + 1):
        yield from found


def _place(value: JsonValue, path: str, deepest: int = _DEEPEST) -> str | None:
    if is_mark(value):
        return path if isinstance(value, dict) and value.get("value") == "nan" else None
    if not isinstance(value, dict) or not deepest:
        return None
    inner = (_place(item, f"{path}.{key}", deepest - 1) for key, item in [*value.items()][:_WIDEST])
    return next((one for one in inner if one is not None), None)


def _holds(value: JsonValue, deepest: int) -> bool:
    """Whether there is a NaN in a value, lists included."""
    if is_mark(value):
        return isinstance(value, dict) and value.get("value") == "nan"
    if not deepest or not isinstance(value, dict | list):
        return False
    items = [*(value.values() if isinstance(value, dict) else value)][:_WIDEST]
    return any(_holds(item, deepest - 1) for item in items)


def _matters(step: TraceStep, field: str, index: RunIndex) -> bool:
    last = index.last_write(step, field)
    if last is not None and last is not step and index.moment(last) > index.moment(step):
        return _place(last.output_state.get(field), field) is not None
    return next(index.readers_after(step, field), None) is not None or index.reaches_caller(step, field)
