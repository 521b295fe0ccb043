"""Values inside values: found by path, replaced or removed on a copy; the original is never changed."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["fields_of", "first_path", "has", "look_up", "removed", "replaced", "set_at"]

_ALL = "*"


def look_up(value: Any, path: str) -> list[Any]:
    """What stands at a path.

    Args:
        value: Mappings, sequences, dataclasses, pydantic models and objects with attributes, nested.
        path: Keys and positions joined by dots, ``*`` for every item, empty for the value itself.

    Returns:
        The values found; several with ``*``, none when the path leads nowhere.
    """
    found = [value]
    for part in _parts(path):
        found = [child for item in found for _, child in _children(item, part)]
    return found


def has(value: Any, path: str) -> bool:
    """Whether anything stands at a path.

    Args:
        value: As for :func:`look_up`.
        path: As for :func:`look_up`.
    """
    return bool(look_up(value, path))


def replaced(value: Any, path: str, change: Callable[[Any], Any]) -> Any:
    """A copy in which what stands at a path went through a function.

    Args:
        value: As for :func:`look_up`.
        path: As for :func:`look_up`.
        change: From the old value to the new one.

    Returns:
        The copy, or the very same value when the path leads nowhere or nothing changed.
    """
    parts = _parts(path)
    if not parts:
        return change(value)
    first, rest = parts[0], ".".join(parts[1:])
    made = {}
    for key, child in _children(value, first):
        new = replaced(child, rest, change)
        if new is not child:
            made[key] = new
    return _with(value, made) if made else value


def removed(value: Any, path: str) -> Any:
    """A copy without what stands at a path; attributes of objects cannot be removed and become None.

    Args:
        value: As for :func:`look_up`.
        path: As for :func:`look_up`; not empty.
    """
    head, _, last = path.rpartition(".")
    return replaced(value, head, lambda holder: _without(holder, last))


def set_at(value: Any, key: str, new: Any) -> Any:
    """A copy with a top-level key or attribute set, added if it is not there.

    Args:
        value: A mapping, ``Command``, dataclass or model.
        key: The key.
        new: Its value.
    """
    inner = _update_of(value)
    if inner is not value:
        return _with(value, {"update": set_at(inner if inner is not None else {}, key, new)})
    return _with(value, {key: new})


def fields_of(value: Any) -> dict[str, Any]:
    """The top-level fields of a node's update.

    Args:
        value: A mapping, ``Command``, dataclass or model; anything else has none.
    """
    value = _update_of(value)
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    declared = getattr(type(value), "model_fields", None)
    return {name: getattr(value, name) for name in declared} if isinstance(declared, Mapping) else {}


def first_path(value: Any, fits: Callable[[Any], bool]) -> str | None:
    """The first top-level field whose value fits; the empty path when the value itself does.

    Args:
        value: A node's update.
        fits: The condition.
    """
    for name, child in fields_of(value).items():
        if fits(child):
            return name
    return "" if fits(value) else None


def _parts(path: str) -> list[str]:
    return path.split(".") if path else []


def _update_of(value: Any) -> Any:
    """What a ``Command`` carries; anything else as it is."""
    return value.update if hasattr(value, "goto") and hasattr(value, "resume") else value


def _children(value: Any, part: str) -> Iterator[tuple[Any, Any]]:
    inner = _update_of(value)
    if inner is not value:
        for _, child in _children(inner, part):
            yield ("update", part), child
    elif isinstance(value, Mapping):
        yield from value.items() if part == _ALL else ((part, value[part]) for _ in range(part in value))
    elif isinstance(value, (list, tuple)) and (part == _ALL or part.lstrip("-").isdecimal()):
        at = range(len(value)) if part == _ALL else [int(part)]
        for index in at:
            if -len(value) <= index < len(value):
                yield index, value[index]
    elif not isinstance(value, (str, bytes)) and not part.startswith("_") and hasattr(value, part):
        yield part, getattr(value, part)


def _with(value: Any, made: Mapping[Any, Any]) -> Any:
    inner = _update_of(value)
    if inner is not value:
        keyed = {key[1] if isinstance(key, tuple) else key: new for key, new in made.items()}
        update = keyed["update"] if set(keyed) == {"update"} and "update" in made else _with(inner, keyed)
        return dataclasses.replace(value, update=update)
    if isinstance(value, Mapping):
        return {**value, **made}
    if isinstance(value, (list, tuple)):
        items = list(value)
        for index, new in made.items():
            items[index] = new
        if isinstance(value, list):
            return items
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if hasattr(value, "model_copy"):
        return value.model_copy(update=dict(made))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **made)
    twin = copy.copy(value)
    for key, new in made.items():
        setattr(twin, key, new)
    return twin


def _without(holder: Any, last: str) -> Any:
    inner = _update_of(holder)
    if inner is not holder:
        return dataclasses.replace(holder, update=_without(inner, last))
    if not any(True for _ in _children(holder, last)):
        return holder
    if isinstance(holder, Mapping):
        return {key: child for key, child in holder.items() if key != last and last != _ALL}
    if isinstance(holder, (list, tuple)):
        items = list(holder)
        del items[slice(None) if last == _ALL else int(last)]
        return items if isinstance(holder, list) else tuple(items)
    return _with(holder, {last: None})
