"""Changes to a recorded state: a JSON merge patch (RFC 7396), and single values by path."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from argus.detectors.conformity import Conformity, kind_word
from argus.errors import ReplayError
from argus.model.graph import FieldSpec
from argus.model.values import MARK, JsonValue, State
from argus.replay.result import Change

__all__ = ["changed_state"]


def changed_state(
    state: State,
    patch: Mapping[str, Any] | None,
    values: Mapping[str, Any] | None,
    fields: Collection[FieldSpec] = (),
    *,
    closed: bool = True,
) -> tuple[State, tuple[Change, ...]]:
    """A state with changes; the state itself is not touched.

    Args:
        state: The recorded state.
        patch: A merge patch: dicts are merged, None removes, everything else replaces.
        values: Values by field or dotted path; a number in a path is a position in a list.
        fields: What the graph declares.
        closed: Whether there are no fields but those that are declared or recorded.

    Returns:
        The changed state, and what was changed.

    Raises:
        ReplayError: A field is unknown, a path leads nowhere, or a value is not of the declared type.
    """
    if patch is not None and not isinstance(patch, Mapping):
        raise ReplayError(f"a patch must be a JSON object from field to value, not {_kind(patch)}")
    known = [*dict.fromkeys((*(one.name for one in fields), *state))]
    changed = dict(state)
    for name, value in (patch or {}).items():
        _require_known(str(name), known, closed=closed and bool(known))
        _require_json(value, str(name))
        merged = _merged(changed.get(name), value)
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = merged
    for path, value in (values or {}).items():
        name = _field_of(path, known)
        _require_known(name, known, closed=closed and bool(known))
        _require_json(value, path)
        changed = _with_value(changed, [name, *path[len(name) + 1 :].split(".")] if path != name else [name], value)
    touched = [name for name in dict.fromkeys((*changed, *state)) if changed.get(name) is not state.get(name)]
    _require_types({name: changed[name] for name in touched if name in changed}, fields)
    changes = tuple(Change(path=name, before=state.get(name), after=changed.get(name)) for name in touched)
    return changed, changes


def _field_of(path: str, known: Collection[str]) -> str:
    """The field that a path begins with; names of fields may hold dots themselves."""
    fitting = [name for name in known if path == name or path.startswith(f"{name}.")]
    return max(fitting, key=len) if fitting else path.partition(".")[0]


def _require_known(name: str, known: Collection[str], *, closed: bool) -> None:
    if name in known or not closed:
        return
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"it has: {', '.join(f'`{one}`' for one in [*known][:20])}"
    raise ReplayError(f"the state has no field `{name}`; {hint}")


def _require_json(value: Any, path: str) -> None:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            if MARK in one:
                raise ReplayError(f"`{path}` holds a placeholder of a record, which stands for no value")
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
        elif one is not None and not isinstance(one, str | int | float | bool):
            raise ReplayError(
                f"`{path}` must be JSON (text, number, true, false, null, list, object), not {_kind(one)}"
            )


def _merged(value: JsonValue, patch: Any) -> JsonValue:
    if not isinstance(patch, Mapping):
        return deepcopy(patch)
    result = dict(value) if isinstance(value, dict) else {}
    for key, item in patch.items():
        if item is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), item)
    return result


def _with_value(holder: Any, keys: list[str], value: Any) -> Any:
    """A copy of a container with one value in it replaced; everything beside the path is shared."""
    path = ".".join(keys)
    key = keys[0]
    if isinstance(holder, list):
        if not key.isdecimal() or int(key) >= len(holder):
            raise ReplayError(f"`{path}`: a list of {len(holder)} items has no position `{key}`")
        items = list(holder)
        items[int(key)] = deepcopy(value) if len(keys) == 1 else _with_value(items[int(key)], keys[1:], value)
        return items
    if isinstance(holder, dict):
        inner = deepcopy(value) if len(keys) == 1 else _with_value(holder.get(key, {}), keys[1:], value)
        return {**holder, key: inner}
    raise ReplayError(f"`{path}`: there is {_kind(holder)} where an object or a list would have to be")


def _require_types(values: Mapping[str, JsonValue], fields: Collection[FieldSpec]) -> None:
    conformity = Conformity()
    declared = {field.name: field for field in fields}
    for name, value in values.items():
        field = declared.get(name)
        if field is None or (value is None and field.nullable):
            continue
        misfit = conformity.misfit(value, field.type)
        if misfit is not None and not misfit.mild:
            where = ".".join([name, *map(str, misfit.path)])
            raise ReplayError(f"`{where}` must be {misfit.expected}, not {kind_word(misfit.found)}")


def _kind(value: object) -> str:
    names = {type(None): "null", bool: "true or false", str: "a text", list: "a list", dict: "an object"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else f"a {type(value).__qualname__}")
