"""Options from ``ARGUS_*`` environment variables."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

from argus.config.schema import ENVIRONMENT_ALIASES, Path, options
from argus.config.validation import check

__all__ = ["read_environment"]


def read_environment(environ: Mapping[str, str], problems: list[str]) -> tuple[dict[Path, Any], dict[Path, str]]:
    """The values that the environment sets, and the variable each one came from.

    Lists and mappings are written as JSON, or lists as comma-separated text. An empty variable counts as unset. Names
    without a section that ARGUS does not know are left alone: they may belong to another program.

    Args:
        environ: The environment.
        problems: Extended by one line for each wrong value or unknown nested name.
    """
    by_name = {name: option.path for option in options().values() for name in option.environment}
    found: dict[Path, Any] = {}
    origin: dict[Path, str] = {}
    for name in sorted(environ, key=lambda name: name in ENVIRONMENT_ALIASES):  # the short name wins
        if not name.startswith("ARGUS_") or not environ[name]:
            continue
        path = by_name.get(name)
        if path is None:
            if "__" in name:
                close = difflib.get_close_matches(name, sorted(by_name), n=1, cutoff=0.6)
                hint = f"; did you mean `{close[0]}`?" if close else "; see the configuration reference"
                problems.append(f"environment: unknown variable `{name}`{hint}")
            continue
        before = len(problems)
        check(path, _parsed(environ[name], path), _Named(name), problems, found, strict=False)
        if len(problems) == before:
            origin[path] = name
    return found, origin


class _Named(str):
    """A variable's name that says where a value was given."""

    def __call__(self, path: Path) -> str:
        return f"environment variable {self}"


def _parsed(text: str, path: Path) -> Any:
    """The text as the option's type wants it; what cannot be parsed stays text, so that the check names it."""
    default = options()[path].default
    if path == ("watcher", "investigate") and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    if isinstance(default, bool):
        return {"yes": True, "on": True, "no": False, "off": False}.get(text.lower(), text)
    is_list = isinstance(default, tuple) or path[-1] in ("redact_keys", "redact_values")
    if isinstance(default, dict) or is_list:
        if text.lstrip().startswith(("[", "{")):
            try:
                return json.loads(text)
            except ValueError:
                return text
        return [part.strip() for part in text.split(",") if part.strip()] if is_list else text
    return text
