"""Which fields a step read, and how that is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from argus.dataflow.complaints import names_missed
from argus.dataflow.order import Order
from argus.dataflow.values import ABSENT, at
from argus.model.graph import FieldRead, NodeSpec
from argus.model.record import Record
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["How", "Read", "reads_of", "routing_reads", "turns_up"]

How: TypeAlias = Literal["error", "line", "source", "value", "sent", "schema", "assumed"]
"""From sure to weak: the exception names the field; the line that raised reads it; the node's source reads it; its
value turns up in what the step made; a ``Send`` passed it; the node's input schema declares it; it was merely there."""

_TEXT: Final = 50_000
_RECOGNISABLE: Final = 8
_LEAVES: Final = 20


class Read(Record, frozen=True, kw_only=True):
    """A field that a step read.

    Attributes:
        path: The field or dotted path.
        how: How that is known.
        required: Whether the step fails without it, as far as its source tells.
        conditional: Whether the step may not have got there.
        file: The source file of the place that reads, if known.
        line: Its 1-based line, if known.
    """

    path: str
    how: How
    required: bool = False
    conditional: bool = False
    file: str | None = None
    line: int | None = None


def reads_of(step: TraceStep, order: Order) -> tuple[Read, ...]:
    """What a step read, each path once, in the surest way that is known.

    Args:
        step: The step.
        order: The run it belongs to.
    """
    spec = order.node(step)
    found: dict[str, Read] = {}
    for read in (*_named_by_error(step, spec, order), *_from_source(step, spec)):
        found.setdefault(read.path, read)
    if spec is None or spec.reads is None or not spec.reads_complete:
        tops = {path.partition(".")[0] for path in found}
        for read in _beyond_source(step, spec):
            if read.path not in tops:
                found.setdefault(read.path, read)
    return tuple(found.values())


def routing_reads(step: TraceStep, order: Order) -> tuple[FieldRead, ...]:
    """What the branches behind a step read to decide where to go on.

    Args:
        step: The step.
        order: The run it belongs to.
    """
    graph = order.graph(step)
    if graph is None:
        return ()
    reads = (
        read for edge in graph.edges if edge.source == step.node_name and edge.conditional for read in edge.reads or ()
    )
    return tuple({read.path: read for read in reads}.values())


def turns_up(read: JsonValue, written: JsonValue) -> bool:
    """Whether a part of what was read can be recognised in what was written; both are looked at within bounds.

    Args:
        read: A recorded value.
        written: Another one.
    """
    if isinstance(read, (int, float)) and not isinstance(read, bool):
        return read not in (0, 1) and type(read) is type(written) and read == written
    made = "\n".join(text[:_TEXT] for text in _texts(written, leaves=10 * _LEAVES))
    return bool(made) and any(text in made for text in _texts(read))


def _named_by_error(step: TraceStep, spec: NodeSpec | None, order: Order) -> Iterator[Read]:
    """The paths that the exception of a failed step names and that the step was indeed not given."""
    if step.error is None:
        return
    paths = [read.path for read in (spec.reads if spec else None) or ()]
    told = spec is not None and spec.reads is not None and spec.reads_complete
    declared = order.fields(step)
    nested_data = any(isinstance(value, (dict, list)) for value in step.input_state.values())
    for name in names_missed(step.error):
        nested = [path for path in paths if path.endswith(f".{name}") and at(step.input_state, path) is ABSENT]
        if nested:
            yield Read(path=nested[0], how="error", required=True)
        elif name not in step.input_state:
            # Without source it may be a key of the step's own data: then only what is known to be a field counts.
            known = name in declared or not (declared or nested_data)
            if name in paths or (not told and known):
                yield Read(path=name, how="error", required=True)


def _from_source(step: TraceStep, spec: NodeSpec | None) -> Iterator[Read]:
    where = (step.error.file, step.error.line) if step.error is not None else (None, None)
    for read in (spec.reads if spec else None) or ():
        raised_here = read.line is not None and (read.file, read.line) == where
        yield Read(
            path=read.path,
            how="line" if raised_here else "source",
            required=read.required,
            conditional=read.conditional and not raised_here,
            file=read.file,
            line=read.line,
        )


def _beyond_source(step: TraceStep, spec: NodeSpec | None) -> Iterator[Read]:
    """What a step was given, for nodes whose source does not tell everything."""
    made = _made_by(step)
    declared = {field.name for field in (spec.input if spec else None) or ()}
    for field, value in step.input_state.items():
        if any(text in made for text in _texts(value)):
            yield Read(path=field, how="value")
        elif step.metadata.get("kind") == "push":
            yield Read(path=field, how="sent")
        else:
            yield Read(path=field, how="schema" if field in declared else "assumed")
    for field in sorted(declared - step.input_state.keys()):
        yield Read(path=field, how="schema")


def _made_by(step: TraceStep) -> str:
    """What a step made out of its input, as one text: its update, and what it asked models and tools."""
    parts: list[str] = []
    room = _TEXT
    for value in (
        step.output_state,
        *(call.messages for call in step.llm_calls),
        *(call.arguments for call in step.tool_calls),
    ):
        for text in _texts(value, leaves=10 * _LEAVES):
            parts.append(text[:room])
            room -= len(text)
            if room <= 0:
                return "\n".join(parts)
    return "\n".join(parts)


def _texts(value: JsonValue, leaves: int = _LEAVES) -> Iterator[str]:
    """The texts in a value that are long enough to be recognised, up to a number of leaves looked at."""
    pending = [value]
    while pending and leaves > 0:
        item = pending.pop()
        if isinstance(item, str):
            leaves -= 1
            if len(item) >= _RECOGNISABLE:
                yield item
        elif isinstance(item, dict):
            pending.extend(list(item.values())[:leaves])
        elif isinstance(item, list):
            pending.extend(item[:leaves])
        else:
            leaves -= 1
