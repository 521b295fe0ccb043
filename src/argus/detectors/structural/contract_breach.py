"""An output of another shape than the one its readers take apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import is_blank
from argus.detectors.conformity import kind_word
from argus.detectors.escapes import escapes, fields_missed, passed_on
from argus.detectors.excerpts import excerpt
from argus.detectors.names import closeness
from argus.detectors.run_index import Reader, RunIndex
from argus.detectors.stumbles import Culprit, culprits
from argus.model.detection import Detection, Evidence, Severity
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue, is_mark, is_redacted

__all__ = ["ContractBreach"]

_CLOSE: Final = 0.8
_ENOUGH: Final = 3
_MOST: Final = 10_000


class ContractBreach(BaseDetector):
    """A step wrote a value that does not have the parts its reader takes out of it.

    Finds:
        A text where the reader subscripts a dict; records of a list that lack a key which the others have or the reader
        needs; a key inside a field under a slightly different name; strangers among the items of a list.

    Why it matters:
        A state declares ``order: dict`` and no more. What is inside is agreed upon between the node that writes and the
        nodes that read, and nothing checks it. The reader fails, or takes its default and goes on with nothing.

    How it decides:
        What a node's source subscripts (``order.total``, helpers it calls included) is compared with what it was given:

        1. The reader failed with an exception about the shape of a value (a missing key, indices, attributes,
           operands), and a field it reads holds a value of that shape: a record of a list without that key, a stranger
           among items of one kind, or a value without parts where its source takes a part out. Critical when the
           exception ended the run, else a warning, at the step that wrote the field.

        2. The reader did not fail, asks for a key inside a field with a default, the key is absent, and a key that
           nobody reads has nearly its name: warning, confidence 0.75.

        3. Of at least four records in a list, one lacks a key that all others have, and has one that none of them has
           under a similar name or in its place: warning, confidence 0.7.

    When it is wrong:
        When a key is optional and another one happens to have a similar name.

    Settings:
        ``detection.structural.check_types``.

    References:
        ``STR404``: values against declared types. ``STR401``: fields and nested keys that are not there at all.
    """

    code = "STR405"
    name = "contract_breach"
    layer = "structural"
    fault = "value of a field"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds broken contracts.

        Args:
            trace: The run.
            context: ``structural.check_types`` is used.
        """
        if not context.settings.structural.check_types:
            return []
        index = RunIndex.of(trace, context)
        fatal = {escape.step.id for escape in escapes(index) if escape.step}
        findings = [one for step in trace.steps for one in self._failed(step, index, fatal)]
        told = {one.field.partition(".")[0] for one in findings if one.field}
        findings += (one for one in self._renamed(index) if one.field and one.field.partition(".")[0] not in told)
        findings += (one for one in self._odd_records(index) if one.field and one.field.partition(".")[0] not in told)
        return findings

    def _failed(self, step: TraceStep, index: RunIndex, fatal: set[str]) -> Iterator[Detection]:
        error = step.error
        if error is None or step.id in index.superseded or passed_on(step, index) or fields_missed(error, step, index):
            return
        found = next(iter(_partless(step, index)), None) if _is_about_shape(error.type) else None
        if found is None:
            reads = {read.path.partition(".")[0]: None for read in index.reads(step)}
            given = {name: step.input_state[name] for name in reads if name in step.input_state}
            found = next(culprits(error, given or dict(step.input_state)), None)
        if found is not None and _may_be_asked(found, step, index) and not _is_asked_wrongly(found, step, index):
            severity: Severity = "critical" if step.id in fatal else "info" if error.handled else "warning"
            yield self._shown(found, step, index, severity, error.type)

    def _shown(self, found: Culprit, reader: TraceStep, index: RunIndex, severity: Severity, error: str) -> Detection:
        top = found.path[0]
        writer = _writer_of(found, reader, index)
        where = ".".join(found.path)
        if found.lacks is not None:
            path, what = f"{where}.{found.lacks}", f"wrote `{where}` without `{found.lacks}`"
        else:
            path, what = where, f"wrote a {kind_word(found.value)} into `{where}`"
        who = f"`{writer.node_name}`" if writer else "the caller"
        return self._finding(
            writer or reader,
            path,
            f"{who} {what}, which `{reader.node_name}` failed on ({error})",
            severity,
            0.85,
            (
                Evidence(step_id=reader.id, field=top, note=f"failed on it ({error})"),
                Evidence(step_id=(writer or reader).id, field=where, note="was given", value=excerpt(found.value)),
            ),
        )

    def _renamed(self, index: RunIndex) -> Iterator[Detection]:
        told: set[tuple[str, str]] = set()
        for step in index.trace.steps:
            paths = {read.path: read for read in index.reads(step)} if step.outcome == "ok" else {}
            for path, read in paths.items():
                holder, _, key = path.rpartition(".")
                record = _at(step.input_state, holder) if holder else None
                if read.conditional or not isinstance(record, dict) or key in record or is_mark(record):
                    continue
                meant = [one for one in record if closeness(one, key) >= _CLOSE and f"{holder}.{one}" not in paths]
                writer = index.wrote_before(step, holder.partition(".")[0])
                if len(meant) == 1 and writer is not None and (writer.node_name, path) not in told:
                    told.add((writer.node_name, path))
                    message = f"`{writer.node_name}` wrote `{holder}.{meant[0]}`, but `{step.node_name}` reads `{path}`"
                    evidence = (Evidence(step_id=step.id, field=path, note="found nothing"),)
                    yield self._finding(writer, path, message, "warning", 0.75, evidence)

    def _odd_records(self, index: RunIndex) -> Iterator[Detection]:
        for steps in index.scopes.values():
            for field, items in _gathered(steps, index).items():
                if len(items) <= _ENOUGH or not all(isinstance(item, dict) for _, item in items):
                    continue
                place, lacks, has = _odd_one([item for _, item in items]) or (-1, "", "")
                if place >= 0:
                    writer = items[place][0]
                    reader: Reader | None = next(index.readers_after(writer, field), None)
                    if reader is not None or index.gets_back(field):
                        path = f"{field}.{place}.{lacks}"
                        message = f"`{writer.node_name}` wrote a record with `{has}` where all others have `{lacks}`"
                        evidence = (
                            Evidence(step_id=writer.id, field=path, note="differs", value=excerpt(items[place][1])),
                        )
                        yield self._finding(writer, path, message, "warning", 0.7, evidence)

    def _finding(
        self,
        step: TraceStep,
        path: str,
        message: str,
        severity: Severity,
        confidence: float,
        evidence: tuple[Evidence, ...],
    ) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=message,
            step_id=step.id,
            field=path,
            confidence=confidence,
            evidence=evidence,
        )


def _is_about_shape(error: str) -> bool:
    return error.rpartition(".")[2] in ("TypeError", "AttributeError", "KeyError", "IndexError")


def _may_be_asked(found: Culprit, step: TraceStep, index: RunIndex) -> bool:
    """Whether the source of the step reads the key that is lacking, as far as all its reads are known."""
    spec = index.node(step)
    if (
        found.lacks is None
        or spec is None
        or spec.reads is None
        or not spec.reads_complete
        or step.id in index.children
    ):
        return True
    top = found.path[0]
    inside = [read.path for read in (*spec.reads, *spec.item_reads) if read.path.startswith((f"{top}.", f"{top}["))]
    return not inside or any(path.endswith(f".{found.lacks}") for path in inside)


def _is_asked_wrongly(found: Culprit, step: TraceStep, index: RunIndex) -> bool:
    """Whether the declared record does not have the key either, so that its reader is wrong and not its writer."""
    spec = index.fields(step).get(found.path[0])
    kind = spec.type if spec is not None else None
    for part in found.path[1:]:
        if kind is not None and kind.kind == "object":
            kind = next((field.type for field in kind.fields if field.name == part), None)
        else:
            kind = kind.args[-1] if kind is not None and kind.args and kind.kind in ("list", "dict") else None
    if found.lacks is None or kind is None or kind.kind != "object":
        return False
    return all(field.name != found.lacks for field in kind.fields)


def _partless(step: TraceStep, index: RunIndex) -> Iterator[Culprit]:
    """Values without parts where the source takes a part out."""
    for read in index.reads(step):
        holder = read.path.rpartition(".")[0]
        if not holder:
            continue
        value = _at(step.input_state, holder)
        if isinstance(value, str | int | float | list) and not is_blank(value) and not is_redacted(value):
            yield Culprit(tuple(holder.split(".")), value)


def _at(state: JsonValue, path: str) -> JsonValue:
    for part in path.split("."):
        if not isinstance(state, dict) or part not in state:
            return None
        state = state[part]
    return state


def _writer_of(found: Culprit, reader: TraceStep, index: RunIndex) -> TraceStep | None:
    """The step that wrote a value: of a field that adds up, the one whose update holds the very item."""
    top = found.path[0]
    last = index.wrote_before(reader, top)
    spec = index.fields(reader).get(top)
    if last is None or spec is None or spec.reducer is None or len(found.path) < 2:
        return last
    items = reader.input_state.get(top)
    item = items[int(found.path[1])] if isinstance(items, list) and found.path[1].isdecimal() else None
    for step in index.scopes[index.scope(reader)]:
        written = step.output_state.get(top)
        if isinstance(written, list) and any(one is item or one == item for one in written[:_MOST]):
            return step
    return last


def _gathered(steps: Sequence[TraceStep], index: RunIndex) -> dict[str, list[tuple[TraceStep, JsonValue]]]:
    """By field, the items of its lists: all that were added, or those that were written last."""
    found: dict[str, list[tuple[TraceStep, JsonValue]]] = {}
    for step in steps:
        if step.outcome not in ("ok", "cached") or not index.is_leaf(step):
            continue
        for field in index.writes(step):
            value = step.output_state.get(field)
            if isinstance(value, list):
                spec = index.fields(step).get(field)
                items = [(step, item) for item in value[:_MOST]]
                if spec is not None and spec.reducer is not None:
                    found.setdefault(field, []).extend(items)
                else:
                    found[field] = items
    return found


def _odd_one(records: Sequence[dict[str, JsonValue]]) -> tuple[int, str, str] | None:
    """The only record that has another key in the place of one that all others have: its position and both keys."""
    counts: dict[str, int] = {}
    for record in records:
        for key in record:
            counts[key] = counts.get(key, 0) + 1
    usual = [key for key, count in counts.items() if count == len(records) - 1]
    odd = [key for key, count in counts.items() if count == 1]
    if len(usual) != 1 or len(odd) != 1:
        return None
    place = next(place for place, record in enumerate(records) if odd[0] in record)
    record = records[place]
    if usual[0] in record or "type" in record or "role" in record:
        return None
    kind = type(next(one for one in records if usual[0] in one)[usual[0]])
    return (place, usual[0], odd[0]) if type(record[odd[0]]) is kind else None
