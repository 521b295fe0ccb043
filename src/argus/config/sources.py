"""Gathers the options from their four sources: defaults < ``argus.yaml`` < environment < arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from argus.config import yaml_file
from argus.config.environment import read_environment
from argus.config.schema import Path, options
from argus.config.settings import Settings
from argus.config.validation import check, flatten, nearest_key, settings_from
from argus.errors import ConfigError

__all__ = ["Configuration", "load"]


class Configuration(NamedTuple):
    """The effective options and where each one came from.

    Attributes:
        settings: The options.
        origins: For each option that is not at its default: ``file:line``, a variable's name or ``argument``.
        file: The configuration file that was read, or None.
        base_folder: What relative paths are relative to: the file's folder, else the working folder.
    """

    settings: Settings
    origins: dict[str, str]
    file: FilePath | None
    base_folder: FilePath

    @property
    def sqlite_file(self) -> FilePath | None:
        """The store's file, whether it exists or not; None for a store of another kind."""
        storage = self.settings.storage
        if storage.url is None:
            return self.base_folder / storage.path if storage.backend == "sqlite" else None
        path = storage.url.removeprefix("sqlite:///")
        return self.base_folder / path if path != storage.url else None

    @property
    def data_folder(self) -> FilePath:
        """The private folder for everything but the store: beside the SQLite file, else ``.argus``."""
        return self.sqlite_file.parent if self.sqlite_file else self.base_folder / ".argus"

    @property
    def journal_folder(self) -> FilePath:
        """Where runs are written down as they happen."""
        return self.data_folder / "journal"


def load(
    config: str | os.PathLike[str] | Settings | None = None,
    arguments: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    start: FilePath | None = None,
) -> Configuration:
    """The effective configuration.

    Args:
        config: A file to read instead of searching, or ready settings in place of file and environment.
        arguments: Options by dotted key that override everything else; None values count as not given.
        environ: The environment; the process's own when None.
        start: Where the search for ``argus.yaml`` begins; the working folder when None.

    Raises:
        ConfigError: Something is unknown or wrong; all problems are gathered, one line each.
    """
    environ = os.environ if environ is None else environ
    start = FilePath.cwd() if start is None else start
    problems: list[str] = []
    values: dict[Path, Any] = {}
    origins: dict[Path, str] = {}
    path: FilePath | None = None
    if isinstance(config, Settings):
        given = {option.path: _value(config, option.path) for option in options().values()}
        values = {path: value for path, value in given.items() if value != options()[path].default}
        origins = dict.fromkeys(values, "argument")
    else:
        path = FilePath(config).absolute() if config is not None else yaml_file.find(start, _home(environ))
        if path is not None:
            source = yaml_file.read(path)
            values = flatten(source.content, source.where, problems)
            origins = {key: f"{path.name}:{source.lines.get(key, 1)}" for key in values}
        from_environment, names = read_environment(environ, problems)
        values |= from_environment
        origins |= names
    _take_arguments(arguments or {}, values, origins, problems)
    if problems:
        raise ConfigError("\n".join(problems), problems)
    return Configuration(
        settings=settings_from(values),
        origins={".".join(key): origin for key, origin in origins.items()},
        file=path,
        base_folder=path.parent if path else start.absolute(),
    )


def _take_arguments(
    arguments: Mapping[str, Any], values: dict[Path, Any], origins: dict[Path, str], problems: list[str]
) -> None:
    for key, value in arguments.items():
        if value is None:
            continue
        path = tuple(key.split("."))
        if path not in options():
            nearest = nearest_key(path)
            problems.append(f"argument: unknown option `{key}`" + (f"; did you mean `{nearest}`?" if nearest else ""))
            continue
        before = len(problems)
        check(path, value, lambda path: f"argument `{path[-1]}`", problems, values)
        if len(problems) == before:
            origins[path] = "argument"


def _value(settings: Settings, path: Path) -> Any:
    value: Any = settings
    for part in path:
        value = getattr(value, part)
    return value


def _home(environ: Mapping[str, str]) -> FilePath | None:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return FilePath(home) if home else None
