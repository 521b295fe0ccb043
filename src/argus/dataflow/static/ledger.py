"""What one analysis has found so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from argus.dataflow.static.values import ITEM, Path
from argus.model.graph import FieldRead

__all__ = ["Ledger", "TooLarge"]


class TooLarge(Exception):
    """The source is larger than what one analysis may look at."""


@dataclass
class _Sighting:
    required: bool
    conditional: bool
    file: str
    line: int
    whole: bool

    @property
    def rank(self) -> int:
        return 2 * self.required - (self.required and self.conditional)


class Ledger:
    """Gathers the reads of one node over its function and the helpers it calls.

    Args:
        budget: Syntax nodes that may be looked at.

    Attributes:
        complete: Whether the state has never gone where it cannot be followed.
        made: The keys put into dicts, in order.
        stored: The keys set in the state itself, in order.
        stores_anything: Whether keys that cannot be told are set in it.
    """

    def __init__(self, budget: int) -> None:
        self.complete = True
        self.made: dict[str, None] = {}
        self.stored: dict[str, None] = {}
        self.stores_anything = False
        self._budget = budget
        self._sightings: dict[Path, _Sighting] = {}

    def spend(self) -> None:
        """Counts one syntax node.

        Raises:
            TooLarge: The budget is used up.
        """
        self._budget -= 1
        if self._budget < 0:
            raise TooLarge

    def make(self, keys: Iterable[str]) -> None:
        """Notes keys that the source puts into a dict of any kind.

        Args:
            keys: The keys.
        """
        self.made.update(dict.fromkeys(keys))

    def store(self, keys: Iterable[str], *, sure: bool) -> None:
        """Notes keys that the source sets in the state itself.

        Args:
            keys: The keys.
            sure: Whether there are no others.
        """
        self.stored.update(dict.fromkeys(keys))
        self.stores_anything |= not sure

    def see(self, path: Path, *, required: bool, conditional: bool, file: str, line: int, whole: bool) -> None:
        """Notes a read; of several of one path the most demanding one is kept.

        Args:
            path: What is read; not the state itself.
            required: Whether it raises when the path is absent.
            conditional: Whether a run need not get there.
            file: Where.
            line: Where, 1-based.
            whole: Whether the value itself is used, not only a part of it.
        """
        new = _Sighting(required, conditional, file, line, whole)
        old = self._sightings.get(path)
        if old is None:
            self._sightings[path] = new
            return
        old.whole |= whole
        if new.rank > old.rank:
            new.whole = old.whole
            self._sightings[path] = new

    def item_reads(self) -> tuple[FieldRead, ...]:
        """The reads of parts of items, in order of first sight."""
        return tuple(
            _read(path, seen) for path, seen in self._sightings.items() if ITEM in path[:-1] and path[-1] != ITEM
        )

    def reads(self) -> tuple[FieldRead, ...]:
        """The reads in order of first sight; a path of which only one demanded part is used gives way to that part."""
        narrowed = {
            path[:length]
            for path, sighting in self._sightings.items()
            if sighting.required
            for length in range(1, len(path))
            if ITEM not in path
        }
        return tuple(
            _read(path, seen)
            for path, seen in self._sightings.items()
            if ITEM not in path and (seen.whole or path not in narrowed)
        )


def _read(path: Path, seen: _Sighting) -> FieldRead:
    return FieldRead(
        path=".".join(path).replace(f".{ITEM}", ITEM),
        required=seen.required,
        file=seen.file,
        line=seen.line,
        conditional=seen.conditional,
    )
