"""UTF-8 that was read in another character set: found by reading it back."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["misread"]

_CODECS: Final = ("cp1252", "cp437", "cp1251", "mac_roman")
_NEEDED: Final = {"cp1252": 1, "cp437": 1, "cp1251": 3, "mac_roman": 2}
"""Characters that must come out right; in some sets single pairs also occur in good text."""

_HIGH: Final = re.compile(r"[^\x00-\x7f]{2,}")
_MOST_RUNS: Final = 400
_LIKELY: Final = re.compile(
    r"[\u00a0-\u017f\u0391-\u03a9\u03b1-\u03c9\u03ac-\u03ce\u0401\u0404\u0406\u0407\u0410-\u044f\u0451\u0454\u0456\u0457"
    r"\u05d0-\u05ea\u0621-\u064a\u0905-\u0939\u0e01-\u0e46\u2010-\u2026\u2030\u2039\u203a\u20ac\u2122\u2190-\u21ff"
    r"\u2212\u2248-\u2265\u25a0-\u27bf\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\U0001f300-\U0001faff]"
)


def misread(text: str) -> tuple[str, str, str] | None:
    """The first run of characters that is UTF-8 read in another character set.

    Args:
        text: Of its runs of characters outside ASCII the first 400 are tried.

    Returns:
        The characters as they stand, as they were meant, and the character set; None when all is well.
    """
    found: dict[str, list[tuple[str, str]]] = {codec: [] for codec in _CODECS}
    for number, run in enumerate(_HIGH.finditer(text)):
        if number >= _MOST_RUNS:
            break
        for codec in _CODECS:
            meant = _read_back(run[0], codec)
            if meant is not None:
                found[codec].append((run[0], meant))
                if sum(len(one) for _, one in found[codec]) >= _NEEDED[codec]:
                    return (*found[codec][0], codec)
                break
    return None


def _read_back(run: str, codec: str) -> str | None:
    """What a run of characters says in UTF-8, if that is text that people write.

    A run may have other characters around what was misread, such as a dash that came out right.
    """
    raw = _bytes_of(run, codec)
    for start in range(min(3, len(raw) - 1)):
        for end in (len(raw), *range(len(raw) - 1, max(start + 1, len(raw) - 4), -1)):
            piece = raw[start:end]
            if len(piece) < 2:
                continue
            try:
                meant = piece.decode("utf-8")
            except UnicodeDecodeError:
                continue
            if _is_likely(meant):
                return meant
    return None


def _is_likely(meant: str) -> bool:
    """Whether the characters are in common use; letters of Cyrillic or Greek are only believed in company."""
    if not all(_LIKELY.match(one) for one in meant):
        return False
    return len(meant) > 1 or not "\u0370" <= meant <= "\u07ff"


def _bytes_of(run: str, codec: str) -> bytes:
    """The bytes that a character set shows as these characters; those it lacks stand for themselves up to 255."""
    try:
        return run.encode(codec)
    except UnicodeEncodeError:
        return b"".join(_byte_of(one, codec) for one in run)


def _byte_of(one: str, codec: str) -> bytes:
    try:
        return one.encode(codec)
    except UnicodeEncodeError:
        # 0xff never occurs in UTF-8, so that a character of no set breaks the run
        return bytes([ord(one)]) if 0x80 <= ord(one) <= 0x9F and codec == "cp1252" else b"\xff"
