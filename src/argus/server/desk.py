"""What every route works with."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from argus.model.figures import CodeFigures
from argus.server.known_runs import KnownRuns
from argus.server.live.feed import Feed
from argus.server.replay_jobs import ReplayJobs
from argus.server.sources import Sources
from argus.storage.base import BaseStore, TraceQuery
from argus.storage.filter_words import RunFilter, read_filter
from argus.views.run_page import Command

if TYPE_CHECKING:
    from argus.detectors.manual import Manual

__all__ = ["Desk"]

_RECENT: Final = 1000
_COUNTED_FOR_S: Final = 60.0


class Desk:
    """Runs, rules and commands, read when they are asked for.

    Args:
        sources: What the server answers from.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.runs = KnownRuns(sources)
        self._codes: tuple[float, tuple[CodeFigures, ...]] = (-math.inf, ())
        self.feed = Feed(sources)
        self.replays = ReplayJobs(sources, self.runs.forget)

    def close(self) -> None:
        """Lets go of whoever is waiting for events, and ends replays; may be called twice."""
        self.feed.close()
        self.replays.close()

    @property
    def store(self) -> BaseStore:
        """The store, or an empty one while there is none."""
        return self.sources.store.get()

    @cached_property
    def manuals(self) -> dict[str, Manual]:
        """The manual pages of the built-in rules, by code."""
        from argus.detectors.manual import manuals

        return {page.code: page for page in manuals()}

    @cached_property
    def rule_names(self) -> dict[str, str]:
        """The names of the built-in rules in words, by code."""
        return {code: in_words(page.name) for code, page in self.manuals.items()}

    def recent_codes(self) -> tuple[CodeFigures, ...]:
        """What was found in the newest 1,000 runs, by pipeline and code; counted once a minute at most."""
        now = self.sources.clock.monotonic()
        counted_at, codes = self._codes
        if now - counted_at > _COUNTED_FOR_S:
            newest = self.store.list(limit=_RECENT).rows
            codes = self.store.figures(TraceQuery(since=newest[-1].created_at)).codes if newest else ()
            self._codes = (now, codes)
        return codes

    def filter(self, q: str) -> RunFilter:
        """The runs that a text means.

        Args:
            q: In the filter language.
        """
        return read_filter(q, self.sources.clock)

    def commands(self, *named: tuple[str, tuple[str, ...]]) -> tuple[Command, ...]:
        """Command lines to paste.

        Args:
            *named: What each is for, and the words behind ``argus``.
        """
        line: Callable[..., str] = self.sources.command
        return tuple(Command(name=name, line=line(*words)) for name, words in named)


def in_words(slug: str) -> str:
    """A rule's slug as a name, such as ``Undeclared key``.

    Args:
        slug: With underscores or hyphens.
    """
    return slug.replace("_", " ").replace("-", " ").strip().capitalize()
