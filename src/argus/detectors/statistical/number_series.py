"""Which earlier numbers a number, or a figure in a text, belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from argus.detectors.statistical.readings import Reading
from argus.learning.figures import told_in
from argus.learning.spreads import finite, joined
from argus.model.profile import FieldProfile, NodeProfile
from argus.model.spread import Spread

__all__ = ["Figure", "NumberSeries", "Series"]

_SIBLINGS: Final = 3
_DIFFERENT: Final = 3
"""Figures in a text that never differed are part of its wording."""


class Series(NamedTuple):
    """Numbers of earlier healthy runs that are of one kind.

    Attributes:
        name: Tells it from others of the same node.
        spread: The numbers.
        runs: How many runs they are from.
        are_ints: Whether all were integers by type.
    """

    name: str
    spread: Spread
    runs: int
    are_ints: bool


class Figure(NamedTuple):
    """A number of the run at hand and what it is compared with.

    Attributes:
        value: The number, not zero.
        series: Earlier ones.
        in_text: Whether it stands in a text.
    """

    value: float
    series: Series
    in_text: bool


class NumberSeries:
    """The series of one node.

    Args:
        node: What is known of it.
        least: How many numbers a path must have to stand for itself.
    """

    def __init__(self, node: NodeProfile, least: int) -> None:
        self._fields = node.fields
        self._runs = node.runs
        self._least = least
        self._pooled: dict[str, Series | None] = {}

    def figures(self, reading: Reading) -> Iterator[Figure]:
        """The numbers of a reading for which there are earlier ones.

        A path with too few of them is judged by what stands under the same key of its siblings: the objects in a
        mapping from names to objects are of one kind. A figure in a text is judged by those that stood in the same
        wording.

        Args:
            reading: A number or a text.
        """
        value, known = reading.value, reading.known
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = finite(value)
            series = self._of_path(reading.path, known) if number else None
            if number and series is not None:
                yield Figure(number, series, in_text=False)
        elif isinstance(value, str) and known is not None and known.told:
            for wording, number in told_in(value).items():
                spread = known.told.get(wording)
                if spread is not None and number and spread.distinct >= _DIFFERENT:
                    runs = min(known.runs, spread.count)
                    yield Figure(
                        number, Series(f"{reading.path}:{wording}", spread, runs, are_ints=False), in_text=True
                    )

    def _of_path(self, path: str, known: FieldProfile | None) -> Series | None:
        if known is not None and known.numbers is not None and known.numbers.count >= self._least:
            return Series(path, known.numbers, known.runs, are_ints=not known.types.get("float"))
        if path not in self._pooled:
            self._pooled[path] = self._siblings(path)
        return self._pooled[path] or (
            Series(path, known.numbers, known.runs, are_ints=not known.types.get("float"))
            if known is not None and known.numbers is not None
            else None
        )

    def _siblings(self, path: str) -> Series | None:
        """What stands at a path in which one key is any, if at least three keys have such numbers and nothing else."""
        parts = path.split(".")
        for rank in range(1, len(parts)):
            alike = _alike(self._fields, parts, rank)
            spreads = [field.numbers for field in alike if field.numbers is not None]
            if len(spreads) < _SIBLINGS or len(spreads) < len(alike):
                continue
            spread = Spread()
            for one in spreads:
                spread = joined(spread, one)
            runs = min(self._runs, spread.count)
            name = ".".join((*parts[:rank], "*", *parts[rank + 1 :]))
            return Series(name, spread, runs, are_ints=all(not field.types.get("float") for field in alike))
        return None


def _alike(fields: Mapping[str, FieldProfile], parts: list[str], rank: int) -> list[FieldProfile]:
    """The fields whose paths differ from one in a single part."""
    return [
        field
        for path, field in fields.items()
        if len(other := path.split(".")) == len(parts)
        and other[:rank] == parts[:rank]
        and other[rank + 1 :] == parts[rank + 1 :]
    ]
