"""Lists of words that stand beside the signatures, read when first needed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["word_list"]

_FOLDER: Final = Path(__file__).with_name("bundled")


@lru_cache(maxsize=8)
def word_list(name: str) -> frozenset[str]:
    """The words of a list.

    Args:
        name: A file of ``bundled/`` without its ending.
    """
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
