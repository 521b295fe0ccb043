"""Checks given values against the options and gathers every problem before anything is raised."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

import msgspec

from argus.config.schema import Path, is_section, options
from argus.config.settings import Settings

__all__ = ["flatten", "nearest_key", "settings_from"]

Where = Callable[[Path], str]
"""Says where a key was given, such as ``argus.yaml, line 3``."""


def flatten(given: Mapping[str, Any], where: Where, problems: list[str]) -> dict[Path, Any]:
    """The valid values of a nested mapping by path; what is wrong goes to ``problems``.

    Args:
        given: Nested sections, as read from a file or passed in.
        where: Says where a key was given.
        problems: Extended by one line for each unknown key or wrong value.
    """
    found: dict[Path, Any] = {}
    _flatten_section(Settings, given, (), where, problems, found)
    return found


def _flatten_section(
    section: type[msgspec.Struct],
    given: Mapping[Any, Any],
    path: Path,
    where: Where,
    problems: list[str],
    found: dict[Path, Any],
) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(section)}
    for name, value in given.items():
        here = (*path, str(name))
        field = fields.get(name) if isinstance(name, str) else None
        if field is None:
            problems.append(f"{where(here)}: unknown key `{'.'.join(here)}`{_did_you_mean(here)}")
        elif is_section(field.type):
            if isinstance(value, Mapping):
                _flatten_section(field.type, value, here, where, problems, found)
            elif value is not None:  # an empty section is no error
                problems.append(f"{where(here)}: `{'.'.join(here)}` must be a section with keys, not {_kind(value)}")
        else:
            check(here, value, where, problems, found)


def check(
    path: Path, value: Any, where: Where, problems: list[str], found: dict[Path, Any], *, strict: bool = True
) -> None:
    """Converts one value to its option's type and files it under ``found``, or a line under ``problems``.

    Args:
        path: An option's path.
        value: The value given.
        where: Says where it was given.
        problems: Extended when the value does not fit.
        found: Extended when it does.
        strict: Whether text must not stand for numbers and truth values.
    """
    try:
        found[path] = msgspec.convert(value, type=options()[path].type, strict=strict)
    except msgspec.ValidationError as error:
        words = list(dict.fromkeys(_words(options()[path].type)))
        hint = f"; the words are {', '.join(words)}" if words else ""
        problems.append(f"{where(path)}: `{'.'.join(path)}` has a wrong value: {error}{hint}")


def _words(kind: Any) -> Iterator[str]:
    """The words that a type allows."""
    if get_origin(kind) is Literal:
        yield from (repr(word) if not isinstance(word, str) else word for word in get_args(kind))
    else:
        for part in get_args(kind):
            yield from _words(part)


def settings_from(values: Mapping[Path, Any]) -> Settings:
    """The settings in which these values replace the defaults.

    Args:
        values: Checked values by path.
    """
    tree: dict[str, Any] = {}
    for path, value in values.items():
        section = tree
        for part in path[:-1]:
            section = section.setdefault(part, {})
        section[path[-1]] = value
    settings: Settings = _build(Settings, tree)
    return settings


def _build(section: type[msgspec.Struct], tree: Mapping[str, Any]) -> Any:
    kinds = {field.name: field.type for field in msgspec.structs.fields(section)}
    return section(
        **{name: _build(kinds[name], value) if is_section(kinds[name]) else value for name, value in tree.items()}
    )


def nearest_key(path: Path) -> str | None:
    """The option whose dotted key looks most like a wrong one, or None.

    Args:
        path: The wrong path.
    """
    keys = {option.key for option in options().values()}
    keys |= {".".join(known[:depth]) for known in options() for depth in range(1, len(known))}
    wrong = ".".join(path)
    close = difflib.get_close_matches(wrong, sorted(keys), n=1, cutoff=0.6)
    if not close:  # the right name in the wrong section
        close = [key for key in sorted(keys) if key.rpartition(".")[2] == path[-1]]
    return close[0] if close else None


def _did_you_mean(path: Path) -> str:
    nearest = nearest_key(path)
    return f"; did you mean `{nearest}`?" if nearest else "; see the configuration reference"


def _kind(value: Any) -> str:
    return {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}.get(
        type(value), type(value).__name__
    )
