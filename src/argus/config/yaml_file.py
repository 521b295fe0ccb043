"""Finds and reads ``argus.yaml``, remembering the line of each key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from argus.config.schema import Path
from argus.errors import ConfigError

__all__ = ["FILE_NAME", "YamlFile", "find", "read"]

FILE_NAME = "argus.yaml"
_MAX_BYTES = 1_000_000
_MAX_NODES = 20_000


class YamlFile(NamedTuple):
    """A configuration file as read.

    Attributes:
        path: Where it is.
        content: Its nested mapping; empty when the file is.
        lines: The 1-based line of each key.
    """

    path: FilePath
    content: dict[str, Any]
    lines: dict[Path, int]

    def where(self, path: Path) -> str:
        """Where a key stands, for messages.

        Args:
            path: The key's path.
        """
        line = self.lines.get(path)
        return f"{self.path}, line {line}" if line else str(self.path)


def find(start: FilePath, home: FilePath | None = None) -> FilePath | None:
    """The nearest ``argus.yaml`` at or above a folder, or None.

    The search ends at the repository's root (a folder with ``.git``), at the home folder or at the file system's root,
    so that a file planted in a shared parent folder is not taken.

    Args:
        start: Where to begin.
        home: The user's home folder.

    Raises:
        ConfigError: The file belongs to another user.
    """
    for folder in _ancestors(start.absolute(), home):
        candidate = folder / FILE_NAME
        if candidate.is_file():
            _refuse_foreign(candidate)
            return candidate
    return None


def _ancestors(start: FilePath, home: FilePath | None) -> Iterator[FilePath]:
    for folder in (start, *start.parents):
        yield folder
        if folder == home or (folder / ".git").exists():
            return


def _refuse_foreign(path: FilePath) -> None:
    if not hasattr(os, "getuid"):
        return
    owner = path.stat().st_uid
    if owner not in (os.getuid(), 0):
        raise ConfigError(
            f"{path} belongs to another user (uid {owner}) and is not read; pass --config to name a file of your own"
        )


def read(path: FilePath) -> YamlFile:
    """Reads a configuration file.

    Args:
        path: The file.

    Raises:
        ConfigError: It cannot be read, is not YAML, or is not a mapping.
    """
    import yaml

    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the configuration file {path}: {error.strerror or error}") from error
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"{path} is larger than {_MAX_BYTES:,} bytes; that is no configuration file")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(data)
    try:
        root = loader.get_single_node()
        lines: dict[Path, int] = {}
        if root is not None:
            _collect_lines(root, (), lines, [0])
        content = loader.construct_document(root) if root is not None else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not valid YAML"
        raise ConfigError(f"{path}{at}: {problem}") from error
    except (RecursionError, ValueError) as error:
        raise ConfigError(f"{path}: {error or 'nested too deeply'}") from error
    finally:
        loader.dispose()
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: the file must hold sections such as `watcher:`, not a {type(content).__name__}")
    return YamlFile(path, content, lines)


def _collect_lines(node: Any, path: Path, lines: dict[Path, int], seen: list[int]) -> None:
    seen[0] += 1
    if seen[0] > _MAX_NODES or len(path) > 20:
        raise ValueError("too many keys or nested too deeply")
    if not hasattr(node, "value") or not isinstance(node.value, list):
        return
    for entry in node.value:
        if not isinstance(entry, tuple):
            continue
        key, value = entry
        here = (*path, str(key.value))
        lines[here] = key.start_mark.line + 1
        _collect_lines(value, here, lines, seen)
