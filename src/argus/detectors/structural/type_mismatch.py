"""A value that is not of the declared type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import is_blank
from argus.detectors.conformity import Conformity, Misfit, kind_word
from argus.detectors.excerpts import excerpt
from argus.detectors.made import is_never_made, made_words
from argus.detectors.run_index import Reader, RunIndex
from argus.model.detection import Detection, Evidence, Severity
from argus.model.graph import FieldSpec
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["TypeMismatch"]

_ADDING = ("operator.add", "add_messages")
"""Reducers that take a value of the field's own type."""

_WRAPPERS = ({"value"}, {"__overwrite__"}, {"value", "type"})
"""The keys of ``Overwrite``, which passes a reducer by."""


@dataclass(frozen=True)
class _Written:
    """A value that a step gave to a declared field."""

    step: TraceStep
    spec: FieldSpec
    value: JsonValue


class TypeMismatch(BaseDetector):
    """A step wrote a value that is not of the type its state declares.

    Finds:
        A text where a number is declared, a dict where a list is, a stranger among the items of a list, a key that a
        nested record requires and lacks, a word outside a ``Literal``.

    Why it matters:
        Python does not check. The step that wrote the value goes on; a later one multiplies a text, or iterates over
        letters, and either fails far from the cause or computes nonsense.

    How it decides:
        Each update is compared with the declared type, through lists, dicts, tuples, unions, TypedDicts, dataclasses
        and models. JSON cannot tell tuples and sets from lists, or dates, decimals and enums from what they are
        recorded as, so those pass; an int passes for a float and a bool for an int; what capture cut, redacted or
        replaced always passes. None in a field is left to ``STR403``.

        Critical: a step that reads the field failed. Warning: a later step or the caller gets it. Info: nobody does,
        the framework had turned it into the right type by the time it was read, the caller had given it in the same
        wrong type, or the difference is one that programs do not notice (``3.0`` for an int, ``1`` for a bool).

        Declared or not, a value is also compared with what the node's source gives to that key, where all its ways to
        do so can be told (a comparison gives a bool, a comprehension a list): another kind means that something between
        the source and the graph has replaced it.

        A field with a reducer of its own is compared after merging, as its update may have any type.

    When it is wrong:
        When the annotation is wrong and the value right. Correct the annotation, or silence it with an ``ignore`` entry
        for ``STR404`` and the field.

    Settings:
        ``detection.structural.check_types``.

    References:
        LangGraph validates only pydantic states, and only what goes into a node.
    """

    code = "STR404"
    name = "type_mismatch"
    layer = "structural"
    fault = "value of a field"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds values of the wrong type.

        Args:
            trace: The run.
            context: ``structural.check_types`` is used.
        """
        if not context.settings.structural.check_types:
            return []
        index = RunIndex.of(trace, context)
        conformity = Conformity()
        findings: list[Detection] = []
        for step in trace.steps:
            if step.outcome in ("ok", "cached", "parent_command") and index.is_leaf(step):
                for written in _written(step, index):
                    misfit = _misfit(written, conformity)
                    if misfit is not None:
                        findings.append(self._finding(written, misfit, index, conformity))
                told = {one.field.partition(".")[0] for one in findings if one.field and one.step_id == step.id}
                findings += (self._not_made(step, name, index) for name in _never_made(step, index) if name not in told)
        return findings

    def _not_made(self, step: TraceStep, field: str, index: RunIndex) -> Detection:
        value = index.results(step)[field]
        what = f"wrote a {kind_word(value)} into `{field}`, to which its source always gives "
        reader = next(index.readers_after(step, field), None)
        failed = reader is not None and reader.step.error is not None and reader.step.id not in index.superseded
        needed = reader is not None or index.reaches_caller(step, field)
        evidence = [Evidence(step_id=step.id, field=field, note="wrote it", value=excerpt(value))]
        if reader is not None:
            evidence.append(Evidence(step_id=reader.step.id, field=field, note="reads it"))
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="critical" if failed else "warning" if needed else "info",
            message=f"`{step.node_name}` {what}{made_words(step, field, index)}",
            step_id=step.id,
            field=field,
            confidence=0.85,
            details={"expected": made_words(step, field, index), "found": kind_word(value)},
            evidence=tuple(evidence),
        )

    def _finding(self, written: _Written, misfit: Misfit, index: RunIndex, conformity: Conformity) -> Detection:
        step, name = written.step, written.spec.name
        path = ".".join((name, *misfit.path))
        severity, reason, reader = _weighed(written, misfit, index, conformity)
        if misfit.absent:
            what = f"wrote `{name}` without `{path}`, which its type requires"
        else:
            what = f"wrote a {kind_word(misfit.found)} into `{path}`, declared as `{misfit.expected}`"
        evidence = [Evidence(step_id=step.id, field=path, note=what, value=excerpt(misfit.found))]
        if reader is not None:
            evidence.append(Evidence(step_id=reader.step.id, field=name, note="reads it"))
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=f"`{step.node_name}` {what}" + (f": {reason}" if reason else ""),
            step_id=step.id,
            field=path,
            confidence=0.7 if misfit.mild else 0.95,
            details={"expected": misfit.expected, "found": "absent" if misfit.absent else kind_word(misfit.found)},
            evidence=tuple(evidence),
        )


def _written(step: TraceStep, index: RunIndex) -> Iterator[_Written]:
    fields = index.fields(step)
    results = index.results(step)
    for name in dict.fromkeys((*index.writes(step), *(name for name in results if name not in step.output_state))):
        spec = fields.get(name)
        if spec is None or spec.type.kind in ("any", "opaque"):
            continue
        if spec.reducer is None or spec.reducer in _ADDING:
            if name in results:
                yield _Written(step, spec, results[name])
        elif name in step.state_after and index.is_only_writer(step, name):
            yield _Written(step, spec, step.state_after[name])


def _never_made(step: TraceStep, index: RunIndex) -> Iterator[str]:
    """The fields that hold a kind of value which the source of the node never gives them; empty ones aside."""
    results = index.results(step)
    for name in results:
        value = results[name]
        if value is not None and not is_blank(value) and is_never_made(step, name, value, index):
            yield name


def _misfit(written: _Written, conformity: Conformity) -> Misfit | None:
    value, spec = written.value, written.spec
    if value is None or (isinstance(value, dict) and spec.reducer and set(value) in _WRAPPERS):
        return None
    if spec.reducer == "add_messages" and not isinstance(value, list) and spec.type.args:
        return conformity.misfit(value, spec.type.args[0])
    found = conformity.misfit(value, spec.type)
    merged = spec.reducer is not None and spec.reducer not in _ADDING
    if found is not None and merged and _fits_not(written.step.input_state.get(spec.name), spec, conformity):
        return None  # it was so before this step
    return found


def _fits_not(value: JsonValue, spec: FieldSpec, conformity: Conformity) -> bool:
    return value is not None and conformity.misfit(value, spec.type) is not None


def _weighed(
    written: _Written, misfit: Misfit, index: RunIndex, conformity: Conformity
) -> tuple[Severity, str, Reader | None]:
    """How grave it is, why, and who shows it."""
    step, spec = written.step, written.spec
    first: Reader | None = None
    for reader in index.readers_after(step, spec.name):
        first = first or reader
        error = reader.step.error
        if error is not None and not misfit.mild and reader.step.id not in index.superseded:
            return "critical", f"`{reader.step.node_name}` reads it and failed ({error.type})", reader
    given = index.trace.input.get(spec.name) if isinstance(index.trace.input, dict) else None
    before = conformity.misfit(given, spec.type) if given is not None else None
    if misfit.mild or (before is not None and before.path == misfit.path and type(before.found) is type(misfit.found)):
        return "info", "", first
    if first is not None:
        held = first.step.input_state.get(spec.name)
        if held is not None and held != written.value and conformity.misfit(held, spec.type) is None:
            return "info", "it was converted before it was read", first
        return "warning", f"`{first.step.node_name}` reads it", first
    if index.reaches_caller(step, spec.name):
        return "warning", "the caller gets it", None
    return "info", "nobody is seen to read it", None
