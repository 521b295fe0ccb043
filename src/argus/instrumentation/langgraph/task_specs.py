"""The tasks that an ``@entrypoint`` of the functional API may call, found among the names of its function."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any, Final

from argus.dataflow.knowledge import knowledge_of
from argus.dataflow.reads import read_source
from argus.dataflow.static.callables import original_of, target_of
from argus.instrumentation.langgraph.types import describe_fields, describe_type
from argus.model.graph import FieldSpec, NodeSpec, TypeSpec
from argus.model.values import ROOT_FIELD

__all__ = ["task_specs"]

_MOST: Final = 200
_RECORDS: Final = ("object",)


def task_specs(entrypoint: Any) -> tuple[NodeSpec, ...]:
    """What is known of the tasks of an entrypoint, and of those that they call in turn.

    Args:
        entrypoint: Its function, or whatever wraps it.

    Returns:
        One for each name, in order of sight; what a task reads is left open, as it has arguments instead of a state.
    """
    found: dict[str, NodeSpec] = {}
    waiting = [entrypoint]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST:
        target = target_of(waiting.pop(0))
        if target is None or id(target.function) in seen:
            continue
        for function in (target.function, original_of(target.function)):
            seen.add(id(function))
            for task in _tasks_named_in(function):
                name = str(getattr(task.func, "__name__", ""))
                if name and name not in found:
                    found[name] = _spec(name, task.func)
                    waiting.append(task.func)
    return tuple(found.values())


def _tasks_named_in(function: FunctionType) -> Iterator[Any]:
    """Values of closures and globals that are tasks; a task's own attributes are data, so nothing is run."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))
    names = [name for code in _codes(function.__code__) for name in (*code.co_names, *code.co_freevars)]
    for name in dict.fromkeys(names):
        try:
            value = cells[name].cell_contents if name in cells else function.__globals__.get(name)
        except ValueError:  # not bound yet
            continue
        if type(value).__name__ == "_TaskFunction" and type(value).__module__ == "langgraph.func":
            yield value


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _spec(name: str, function: Any) -> NodeSpec:
    source = read_source(function)
    return NodeSpec(
        name=name,
        qualname=source.qualname,
        file=source.file,
        line=source.line,
        returns=source.returns,
        yields=source.yields,
        makes=source.makes,
        knows=knowledge_of(function, every_argument=True),
        output=_declared_result(function),
    )


def _declared_result(function: Any) -> tuple[FieldSpec, ...] | None:
    """The result as a task's annotation declares it: as a whole, and by field where it is a record."""
    target = target_of(function)
    if target is None:
        return None
    try:
        hint = typing.get_type_hints(original_of(target.function)).get("return", Any)
    except Exception:  # noqa: BLE001 - annotations are code of strangers
        return None
    spec = describe_type(hint)
    if spec.kind in ("any", "opaque"):
        return None
    fields = (describe_fields(hint) or ()) if spec.kind in _RECORDS else ()
    return (FieldSpec(name=ROOT_FIELD, type=spec, nullable=_may_be_none(spec)), *fields)


def _may_be_none(spec: TypeSpec) -> bool:
    return spec.kind == "none" or (spec.kind == "union" and any(_may_be_none(one) for one in spec.args))
