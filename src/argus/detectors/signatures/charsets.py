"""UTF-8 that was read in another character set: found by reading it back."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["Misread", "misread"]

_NEEDED: Final = {"cp1252": 1, "cp437": 1, "cp1251": 3, "mac_roman": 2}
"""Characters that must come out right; in some sets single pairs also occur in good text."""

_MOST: Final = 400
_LIKELY: Final = re.compile(
    r"[\u00a0-\u017f\u0391-\u03a9\u03b1-\u03c9\u03ac-\u03ce\u0401\u0404\u0406\u0407\u0410-\u044f\u0451\u0454\u0456\u0457"
    r"\u05d0-\u05ea\u0621-\u064a\u0905-\u0939\u0e01-\u0e46\u2010-\u2026\u2030\u2039\u203a\u20ac\u2122\u2190-\u21ff"
    r"\u2212\u2248-\u2265\u25a0-\u27bf\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\U0001f300-\U0001faff]+"
)


class Misread(NamedTuple):
    """Characters that are UTF-8 in disguise.

    Attributes:
        shown: As they stand.
        meant: As they were meant.
        codec: The character set that they were read in.
    """

    shown: str
    meant: str
    codec: str


def misread(text: str) -> Misread | None:
    """The first run of characters that is UTF-8 read in another character set, or None when all is well.

    Args:
        text: Of its runs that could be one, the first 400 for each character set are tried.
    """
    for codec, needed in _NEEDED.items():
        found: list[Misread] = []
        count = 0
        for number, run in enumerate(_disguised(codec).finditer(text)):
            if number >= _MOST:
                break
            meant = _read_back(run[0], codec)
            if meant is not None:
                found.append(Misread(run[0], meant, codec))
                count += len(meant)
                if count >= needed:
                    return found[0]
    return None


def _read_back(shown: str, codec: str) -> str | None:
    """What a run of characters says in UTF-8, if that is text that people write."""
    table = _bytes(codec)
    try:
        meant = bytes(table[one] for one in shown).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not _LIKELY.fullmatch(meant):
        return None
    # a single letter of Cyrillic or Greek is as likely the good end of a quotation
    return meant if len(meant) > 1 or not "\u0370" <= meant <= "\u07ff" else None


@lru_cache(maxsize=8)
def _characters(codec: str) -> dict[int, str]:
    """What each byte above 127 may look like; bytes without a character of their own stand for themselves."""
    shown = {}
    for byte in range(0x80, 0x100):
        one = bytes([byte]).decode(codec, "ignore")
        shown[byte] = one + (chr(byte) if codec == "cp1252" and one != chr(byte) else "")
    return shown


@lru_cache(maxsize=8)
def _bytes(codec: str) -> dict[str, int]:
    return {one: byte for byte, ones in _characters(codec).items() for one in ones}


@lru_cache(maxsize=8)
def _disguised(codec: str) -> re.Pattern[str]:
    """Runs of characters that stand for well-formed UTF-8."""
    shown = _characters(codec)

    def one_of(first: int, last: int) -> str:
        return f"[{re.escape(''.join(shown[byte] for byte in range(first, last + 1)))}]"

    more = one_of(0x80, 0xBF)
    two, three, four = one_of(0xC2, 0xDF), one_of(0xE0, 0xEF), one_of(0xF0, 0xF4)
    return re.compile(f"(?:{two}{more}|{three}{more}{{2}}|{four}{more}{{3}})+")
