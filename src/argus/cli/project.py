"""What every command works on: the configuration in force, the store, the screens."""

from __future__ import annotations

import shlex
import sys
from functools import cached_property
from typing import TYPE_CHECKING

import click

from argus.cli.output.screen import Screen
from argus.errors import TraceNotFound

if TYPE_CHECKING:
    from argus.config.sources import Configuration
    from argus.model.trace import Trace
    from argus.storage.base import BaseStore

__all__ = ["Project", "project_of"]


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
        self._recovered = False

    @cached_property
    def configuration(self) -> Configuration:
        """The effective options.

        Raises:
            ConfigError: An option is wrong.
        """
        from argus.config.sources import load
        from argus.storage.locate import store_url

        return load(self.config, {"storage.url": store_url(self.store_given) if self.store_given else None})

    @cached_property
    def screen(self) -> Screen:
        """Standard output."""
        return Screen(sys.stdout)

    @cached_property
    def notes(self) -> Screen:
        """Standard error."""
        return Screen(sys.stderr)

    def has_store(self) -> bool:
        """Whether there is a store to look into; looking never makes one, unless a dead process left runs behind."""
        if not self._recovered:
            self.recover()
        file = self.configuration.sqlite_file
        return file is None or file.exists()

    def store(self) -> BaseStore:
        """The store, opened on first use and closed at the end of the command.

        Raises:
            TraceNotFound: There is none yet.
            StorageError: It cannot be opened.
        """
        if self._store is None and not self.has_store():
            raise TraceNotFound(
                f"no runs are stored in {self.configuration.sqlite_file} yet; "
                "try `argus demo`, or watch your own with `argus watch`"
            )
        if self._store is None:
            from argus.storage.locate import open_configured

            self._store = open_configured(self.configuration.settings.storage, self.configuration.base_folder)
        return self._store

    def recover(self) -> None:
        """Takes in what processes that died left in their journals, so that their runs can be seen.

        Raises:
            StorageError: The journals cannot be read.
        """
        from argus.recording.recovery import orphans

        if orphans(self.configuration.journal_folder):
            from argus.analysis.observer import Observer

            observer = Observer(config=self.config, storage=self.store_given, trusted=False)
            observer.recover()
            observer.close()
        self._recovered = True

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

        A password in the store's URL is hidden, since what is printed may end in a log.

        Args:
            *words: What follows ``argus``.
        """
        options = [] if self.config is None else ["--config", self.config]
        if self.store_given is not None:
            from argus.storage.masking import mask_url

            options += ["--store", mask_url(self.store_given)]
        return shlex.join(["argus", *words, *options])

    def close(self) -> None:
        """Closes the store, if it was opened."""
        if self._store is not None:
            self._store.close()
            self._store = None


def project_of(context: click.Context) -> Project:
    """The project of a running command.

    Args:
        context: The command's context.
    """
    return context.ensure_object(Project)
