"""What a store answers to a question in SQL."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

__all__ = ["DEFAULT_ROWS", "DEFAULT_SECONDS", "Answer", "Cell"]

Cell: TypeAlias = "str | int | float | bool | None"

DEFAULT_ROWS: Final = 1000
DEFAULT_SECONDS: Final = 30.0


class Answer(NamedTuple):
    """Rows of an answer.

    Attributes:
        columns: Their names, in order.
        rows: Values: text, numbers, or None; times as ISO 8601, bytes in hexadecimal.
        has_more: Whether there are further rows.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    has_more: bool
