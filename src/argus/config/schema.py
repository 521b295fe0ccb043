"""The options as a flat list with their types, defaults and environment names, derived from the settings classes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec

from argus.config.settings import Settings

__all__ = ["ENVIRONMENT_ALIASES", "Option", "Path", "environment_name", "is_section", "options"]

Path = tuple[str, ...]
"""The keys from the root to an option, such as ``("detection", "semantic", "judge")``."""

ENVIRONMENT_ALIASES: dict[str, Path] = {
    "ARGUS_STRICT": ("watcher", "strict"),
    "ARGUS_INVESTIGATE": ("watcher", "investigate"),
    "ARGUS_MAX_FIELD_SIZE": ("watcher", "max_field_size"),
    "ARGUS_QUIET": ("watcher", "quiet"),
    "ARGUS_SEMANTIC_JUDGE": ("detection", "semantic", "judge"),
    "ARGUS_JUDGE_MODEL": ("detection", "semantic", "judge_model"),
    "ARGUS_STORAGE_PATH": ("storage", "path"),
    "ARGUS_STORAGE_URL": ("storage", "url"),
}
"""Short environment names of the options that people set most."""


class Option(NamedTuple):
    """One option.

    Attributes:
        path: Its keys from the root.
        type: Its Python type.
        default: Its default.
        environment: The names it answers to, the short one first.
        meaning: One sentence from the settings class.
    """

    path: Path
    type: Any
    default: Any
    environment: tuple[str, ...]
    meaning: str

    @property
    def key(self) -> str:
        """The dotted key, as in ``argus.yaml``."""
        return ".".join(self.path)


def environment_name(path: Path) -> str:
    """The long environment name of an option.

    Args:
        path: Its keys from the root.
    """
    return "ARGUS_" + "__".join(part.upper() for part in path)


def is_section(kind: Any) -> bool:
    """Whether a type is a section of its own rather than a value."""
    return inspect.isclass(kind) and issubclass(kind, msgspec.Struct)


@cache
def options() -> dict[Path, Option]:
    """Every option by path, in order of definition."""
    return {option.path: option for option in _walk(Settings, (), Settings())}


def _walk(section: type[msgspec.Struct], path: Path, defaults: msgspec.Struct) -> Iterator[Option]:
    meanings = _meanings(section)
    short = {target: name for name, target in ENVIRONMENT_ALIASES.items()}
    for field in msgspec.structs.fields(section):
        here = (*path, field.name)
        default = getattr(defaults, field.name)
        if is_section(field.type):
            yield from _walk(field.type, here, default)
            continue
        names = tuple(name for name in (short.get(here), environment_name(here)) if name)
        yield Option(here, field.type, default, names, meanings.get(field.name, ""))


def _meanings(section: type[msgspec.Struct]) -> dict[str, str]:
    """The sentences of a class's ``Attributes`` block, by attribute."""
    _, _, block = (inspect.getdoc(section) or "").partition("Attributes:\n")
    entries = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", block, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}
