"""What every command works on: the configuration in force, the store, the screens."""

from __future__ import annotations

import shlex
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argus.cli.output.screen import Screen
from argus.errors import TraceNotFound

if TYPE_CHECKING:
    from argus.config.sources import Configuration
    from argus.model.trace import Trace
    from argus.storage.base import BaseStore

__all__ = ["Project", "project_of", "store_url"]


class Project:
    """One call of the command line.

    Args:
        config: A configuration file to read instead of searching, or None.
        store: A store's URL or path that overrides the configured one, or None.
    """

    def __init__(self, config: str | None = None, store: str | None = None) -> None:
        self.config = config
        self.store_given = store
        self._store: BaseStore | None = None

    @cached_property
    def configuration(self) -> Configuration:
        """The effective options.

        Raises:
            ConfigError: An option is wrong.
        """
        from argus.config.sources import load

        return load(self.config, {"storage.url": store_url(self.store_given)})

    @cached_property
    def screen(self) -> Screen:
        """Standard output."""
        return Screen(sys.stdout)

    @cached_property
    def notes(self) -> Screen:
        """Standard error."""
        return Screen(sys.stderr)

    @cached_property
    def sqlite_file(self) -> Path | None:
        """The store's file, whether it exists or not; None for a store of another kind.

        Raises:
            ConfigError: An option is wrong.
        """
        storage = self.configuration.settings.storage
        if storage.url is None:
            return self.configuration.base_folder / storage.path if storage.backend == "sqlite" else None
        path = storage.url.removeprefix("sqlite:///")
        return self.configuration.base_folder / path if path != storage.url else None

    def has_store(self) -> bool:
        """Whether there is a store to look into; looking never makes one."""
        return self.sqlite_file is None or self.sqlite_file.exists()

    def store(self) -> BaseStore:
        """The store, opened on first use and closed at the end of the command.

        Raises:
            TraceNotFound: There is none yet.
            StorageError: It cannot be opened.
        """
        if not self.has_store():
            raise TraceNotFound(
                f"no runs are stored in {self.sqlite_file} yet; try `argus demo`, or watch your own with `argus watch`"
            )
        if self._store is None:
            from argus.storage.locate import open_store

            self._store = open_store(self.configuration.settings.storage, self.configuration.base_folder)
        return self._store

    def trace(self, reference: str) -> Trace:
        """A stored trace.

        Args:
            reference: An id, a unique beginning of one, ``last`` or ``last~2``.

        Raises:
            TraceNotFound: There is none.
            AmbiguousTraceId: Several ids begin so.
            StorageError: The store cannot be read.
        """
        from argus.storage.locate import resolve

        return self.store().get(resolve(self.store(), reference))

    def command(self, *words: str) -> str:
        """A command line that a person can paste to get on from here, on the same store and configuration.

        Args:
            *words: What follows ``argus``.
        """
        options = [] if self.config is None else ["--config", self.config]
        options += [] if self.store_given is None else ["--store", self.store_given]
        return shlex.join(["argus", *words, *options])

    def close(self) -> None:
        """Closes the store, if it was opened."""
        if self._store is not None:
            self._store.close()
            self._store = None


def store_url(reference: str | None) -> str | None:
    """A store as given on the command line, as a URL.

    Args:
        reference: A URL, or the path of a SQLite file relative to the working folder; None stays None.
    """
    if reference is None or ":" in reference:
        return reference
    return f"sqlite:///{Path(reference).absolute()}"


def project_of(context: click.Context) -> Project:
    """The project of a running command.

    Args:
        context: The command's context.
    """
    return context.ensure_object(Project)
