"""What one run says of one path, counted while its updates are walked, and two such accounts joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from argus.learning.figures import told_in
from argus.learning.spreads import joined, spread_of
from argus.learning.wordings import format_of, shape_of, summarised, told_language
from argus.model.profile import CHOICES, FieldProfile, Sequences
from argus.model.spread import Spread
from argus.model.values import JsonValue, cut_of

__all__ = ["CHOICE_LENGTH", "SHAPES", "FieldTally", "joined_fields"]

CHOICE_LENGTH: Final = 60
"""A path with a longer text does not choose from a few."""

SHAPES: Final = 8
"""Different shapes of one path, at most, before they are summarised, and after it before they are given up."""

TOLD: Final = 8
"""Figures of different wordings that are kept of one path, at most."""

_COLUMN: Final = 200
_READ: Final = 4_000
_LANGUAGES_TOLD: Final = 6
_PRIVATE_FORMATS: Final = frozenset({"email", "url"})


class FieldTally:
    """One path in one run.

    Args:
        path: The path.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.types: Counter[str] = Counter()
        self.keys = False
        self._blank = 0
        self._numbers: list[float] = []
        self._lengths: list[int] = []
        self._told: dict[str, list[float]] | None = {}
        self._sizes: list[int] = []
        self._values: set[str] | None = set()
        self._formats: set[str | None] = set()
        self._shapes: set[str | None] = set()
        self._languages: Counter[str] = Counter()
        self._languages_tried = 0
        self._columns: list[Sequences] = []

    def number(self, value: float) -> None:
        """Counts a finite number."""
        self._numbers.append(value)

    def size(self, items: int) -> None:
        """Counts a list or an object.

        Args:
            items: How many items it has.
        """
        self._blank += not items
        self._sizes.append(items)

    def text(self, value: str) -> None:
        """Counts a text, of which a bounded beginning is looked at."""
        cut = cut_of(value)
        self._lengths.append(cut.length if cut else len(value))
        beginning = value[:_READ].strip()
        if not beginning:
            self._blank += 1
            return
        whole = cut is None and len(value) <= _READ
        self._tell(value if whole else "")
        if self._values is not None:
            self._values.add(value[: CHOICE_LENGTH + 1])
            if len(value) > CHOICE_LENGTH or len(self._values) > CHOICES:
                self._values = None
        if len(self._shapes) <= SHAPES:
            self._shapes.add(shape_of(beginning) if whole else None)
        if len(self._formats) < 2:  # with two of them there is no format that all texts have
            self._formats.add(format_of(beginning) if whole else None)
        if self._languages_tried < _LANGUAGES_TOLD:
            language = told_language(beginning)
            self._languages_tried += 1
            if language:
                self._languages[language] += 1

    def _tell(self, value: str) -> None:
        if self._told is None:
            return
        for wording, number in told_in(value).items():
            self._told.setdefault(wording, []).append(number)
        if len(self._told) > TOLD:
            self._told = None

    def column(self, values: Sequence[JsonValue]) -> None:
        """Counts the items that a list has at this path, if they are all texts or all numbers.

        Args:
            values: In order, at least two.
        """
        some = values[:_COLUMN]
        if all(isinstance(one, str) for one in some) or all(
            isinstance(one, (int, float)) and not isinstance(one, bool) for one in some
        ):
            self._columns.append(_sequence(some))

    def profile(self) -> FieldProfile:
        """What was counted."""
        texts = int(bool(self._formats))
        values = None if self._values is None or self._formats & _PRIVATE_FORMATS else dict.fromkeys(self._values, 1)
        shapes = dict.fromkeys([shape for shape in self._shapes if shape is not None], 1)
        kept, spelled = _few_shapes(None if None in self._shapes else shapes, spelled=True)
        formats = {name: 1 for name in self._formats if name} if len(self._formats) == 1 else {}
        return FieldProfile(
            path=self.path,
            runs=1,
            present=self.types.total(),
            types=dict(sorted(self.types.items())),
            blank=self._blank,
            numbers=spread_of(self._numbers) if self._numbers else None,
            lengths=spread_of(self._lengths) if self._lengths else None,
            sizes=spread_of(self._sizes) if self._sizes else None,
            told=None if self._told is None else {name: spread_of(some) for name, some in sorted(self._told.items())},
            texts=texts,
            keys=self.keys,
            values=None if values is None else dict(sorted(values.items())),
            formats=formats,
            shapes=kept,
            spelled=spelled,
            languages=dict(sorted(self._languages.items())),
            sequences=_all_sequences(self._columns),
        )


def joined_fields(one: FieldProfile, other: FieldProfile) -> FieldProfile:
    """What two accounts of one path say together; the order makes no difference.

    Args:
        one: An account.
        other: Of other runs.
    """
    values = _added(one.values, other.values) if one.values is not None and other.values is not None else None
    if values is not None and len(values) > CHOICES:
        values = None
    shapes, spelled = _joined_shapes(one, other)
    return FieldProfile(
        path=one.path,
        runs=one.runs + other.runs,
        present=one.present + other.present,
        types=_added(one.types, other.types),
        blank=one.blank + other.blank,
        numbers=_both(one.numbers, other.numbers),
        lengths=_both(one.lengths, other.lengths),
        sizes=_both(one.sizes, other.sizes),
        told=_joined_told(one.told, other.told),
        texts=one.texts + other.texts,
        keys=one.keys or other.keys,
        values=values,
        formats=_added(one.formats, other.formats),
        shapes=shapes,
        spelled=spelled,
        languages=_added(one.languages, other.languages),
        sequences=_all_sequences([two for two in (one.sequences, other.sequences) if two is not None]),
    )


def _joined_told(one: Mapping[str, Spread] | None, other: Mapping[str, Spread] | None) -> dict[str, Spread] | None:
    if one is None or other is None or len(one.keys() | other.keys()) > TOLD:
        return None
    told = dict(one)
    for wording, spread in other.items():
        told[wording] = joined(told[wording], spread) if wording in told else spread
    return dict(sorted(told.items()))


def _both(one: Spread | None, other: Spread | None) -> Spread | None:
    return joined(one, other) if one is not None and other is not None else one or other


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    if not one or not other:
        return dict(one or other)
    total = dict(one)
    for key, count in other.items():
        total[key] = total.get(key, 0) + count
    return dict(sorted(total.items()))


def _joined_shapes(one: FieldProfile, other: FieldProfile) -> tuple[dict[str, int] | None, bool]:
    if one.shapes is None or other.shapes is None:
        return None, one.spelled and other.spelled
    if one.spelled == other.spelled:
        return _few_shapes(_added(one.shapes, other.shapes), spelled=one.spelled)
    return _few_shapes(_added(_summaries(one), _summaries(other)), spelled=False)


def _summaries(field: FieldProfile) -> dict[str, int]:
    shapes = field.shapes or {}
    return _summarised(shapes) if field.spelled else shapes


def _few_shapes(shapes: dict[str, int] | None, *, spelled: bool) -> tuple[dict[str, int] | None, bool]:
    if shapes is not None and len(shapes) > SHAPES and spelled:
        shapes, spelled = _summarised(shapes), False
    if shapes is None or len(shapes) > SHAPES:
        return None, False
    return dict(sorted(shapes.items())), spelled


def _summarised(shapes: Mapping[str, int]) -> dict[str, int]:
    fewer: Counter[str] = Counter()
    for shape, runs in shapes.items():
        fewer[summarised(shape)] += runs
    return dict(fewer)


def _sequence(values: Sequence[Any]) -> Sequences:
    orderable = len(values) > 2 and any(value != values[0] for value in values)
    return Sequences(
        lists=1,
        unique=int(len(set(values)) == len(values)),
        orderable=int(orderable),
        ascending=int(orderable and all(one <= other for one, other in pairwise(values))),
        descending=int(orderable and all(one >= other for one, other in pairwise(values))),
    )


def _all_sequences(columns: Sequence[Sequences]) -> Sequences | None:
    if len(columns) < 2:
        return columns[0] if columns else None
    return Sequences(
        lists=sum(one.lists for one in columns),
        unique=sum(one.unique for one in columns),
        orderable=sum(one.orderable for one in columns),
        ascending=sum(one.ascending for one in columns),
        descending=sum(one.descending for one in columns),
    )
