"""How much of a foreign file is taken in, and what is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from argus.errors import InterchangeError

__all__ = ["ImportLimits", "check", "safe_id"]

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HASHED_ID_BYTES: Final = 8


@dataclass(frozen=True)
class ImportLimits:
    """What a foreign file may hold; beyond any of them it is refused, never silently cut.

    Attributes:
        max_bytes: Bytes of a whole file after decompression.
        max_record_bytes: Bytes of one record.
        max_records: Records of one file.
        max_depth: Containers inside each other.
        max_values: Values in one record, containers included.
        max_steps: Steps of one run.
        max_text: Characters of one text.
    """

    max_bytes: int = 1_000_000_000
    max_record_bytes: int = 64_000_000
    max_records: int = 100_000
    max_depth: int = 100
    max_values: int = 2_000_000
    max_steps: int = 100_000
    max_text: int = 10_000_000


def check(value: Any, limits: ImportLimits, where: str) -> None:
    """Refuses a value that is too deep, too large or not JSON.

    Args:
        value: A decoded record.
        limits: What is allowed.
        where: What to call it in a message.

    Raises:
        InterchangeError: It goes beyond a limit.
    """
    left = limits.max_values
    level = [value]
    for _ in range(limits.max_depth + 1):
        deeper: list[Any] = []
        for one in level:
            left -= 1
            if isinstance(one, str):
                if len(one) > limits.max_text:
                    raise InterchangeError(f"{where}: a text has {len(one):,} characters; at most {limits.max_text:,}")
            elif isinstance(one, dict):
                deeper += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                deeper += one
        if left < 0 or len(deeper) > left:
            raise InterchangeError(f"{where}: it holds more than {limits.max_values:,} values")
        if not deeper:
            return
        level = deeper
    raise InterchangeError(f"{where}: it is nested deeper than {limits.max_depth} levels")


def safe_id(text: object, salt: str) -> str:
    """An id that is safe in file names, command lines and URLs: the given one, or one made from it.

    Args:
        text: The id as the foreign file has it.
        salt: What else tells the run apart, such as its file and place.
    """
    if isinstance(text, str) and _SAFE_ID.fullmatch(text):
        return text
    known = f"{text!r}\0{salt}".encode("utf-8", "backslashreplace")
    return blake2b(known, digest_size=_HASHED_ID_BYTES).hexdigest()
