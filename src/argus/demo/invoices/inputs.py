"""Orders that the invoice pipeline handles well, some of them odd."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

__all__ = ["INPUTS"]

_NAMES = (
    "plain.txt",
    "volume.txt",
    "coupon.txt",
    "reverse-charge.txt",
    "export.txt",
    "single.txt",
    "troubled-words.txt",
    "engraving.txt",
    "table.csv",
    "many-lines.csv",
    "unknown-article.txt",
    "repeated.txt",
)


def _read(name: str) -> str:
    return (files(__package__) / "orders" / name).read_text(encoding="utf-8")


INPUTS: Mapping[str, Mapping[str, Any]] = {name.partition(".")[0]: {"order_text": _read(name)} for name in _NAMES}
"""By the file's name without its ending."""
