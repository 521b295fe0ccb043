"""Whether what holds a text together breaks off: code fences, tables, lists, brackets, quotations, links, headings."""

from __future__ import annotations

import re
from typing import Final, Literal

__all__ = ["LayoutBreak", "layout_break"]

LayoutBreak = Literal["a code block", "a table", "a list", "brackets", "a quotation", "emphasis", "a link", "a heading"]

_ROWS: Final = 2
_ITEMS: Final = 1
_STOPS: Final = (".", "!", "?", ";", "。", "！", "？", "।", "؟")
_CLOSERS: Final = (*_STOPS, ":", "…", ")", "]", "}", "”", "»", '"', "'", "`", "*", "_", ">", "|")
_ITEM: Final = re.compile(r"\s*(?:[-*•–]|\(?\d{1,3}[.)]|[a-z]\))\s+(\S.*)")
_BARE_ITEM: Final = re.compile(r"\s*(\d{1,3})[.)]\s*\Z")
_HEADING: Final = re.compile(r"#{1,6}\s+\S")
_LINK: Final = re.compile(r"!?\[[^\]\n]+\]\([^)\s]*\Z")
_EMPHASIS: Final = re.compile(r"(?<![\w*])\*\*(?=[^\s*])")
_CODE: Final = re.compile(r"`[^`\n]*`")
_PAIRS: Final = (("(", ")"), ("[", "]"), ("（", "）"), ("「", "」"))
_QUOTES: Final = (("„", "“”"), ("“", "”"), ("«", "»"))
_WORDS: Final = 4


def layout_break(text: str) -> LayoutBreak | None:
    """What a text was in the middle of when it ended, or None when everything in it was closed.

    A bracket or quotation counts only in the last paragraph, and only when the text has no full stop at its end:
    an author may forget to close it, but seldom both.

    Args:
        text: The text, without surrounding blanks.
    """
    if sum(line.lstrip().startswith("```") for line in text.splitlines()) % 2 and text.count("```") % 2:
        return "a code block"
    lines = text.splitlines()
    if not lines or "```" in text:
        return None
    last = lines[-1].strip()
    if _ends_in_table(lines, last):
        return "a table"
    if _ends_in_list(lines, last):
        return "a list"
    if len(lines) > 1 and _HEADING.match(last) and sum(bool(_HEADING.match(line)) for line in lines) > 1:
        return "a heading"
    if text.endswith(_STOPS):
        return None
    return _left_open(text.rpartition("\n\n")[2])


def _left_open(paragraph: str) -> LayoutBreak | None:
    """What the last paragraph opens and does not close."""
    plain = _CODE.sub("", paragraph)
    if _LINK.search(plain):
        return "a link"
    if len(_EMPHASIS.findall(plain)) and plain.count("**") % 2:
        return "emphasis"
    for opening, closing in _PAIRS:
        at = plain.rfind(opening)
        # smileys and enumerations such as "b)" leave brackets open without being cut
        opened = at >= 0 and closing not in plain[at:] and plain[at - 1 : at] not in (":", ";", "-", "=")
        if opened and plain[at + 1 : at + 2].isalnum():
            return "brackets"
    for opening, closing in _QUOTES:
        at = plain.rfind(opening)
        if at >= 0 and plain[at + 1 : at + 2].isalnum():
            return None if any(one in plain[at + 1 :] for one in closing) else "a quotation"
    at = plain.rfind('"')
    if plain.count('"') % 2 and plain[at + 1 : at + 2].isalpha() and not plain[at - 1 : at].isalnum():
        return "a quotation"
    return None


def _ends_in_table(lines: list[str], last: str) -> bool:
    """Whether the last row of a table lacks the bar or the cells that all other rows have."""
    rows = [line.strip() for line in lines[:-1] if line.strip().startswith("|")]
    if not last.startswith("|") or len(rows) < _ROWS or not all(row.endswith("|") for row in rows):
        return False
    return not last.endswith("|") or last.count("|") < min(row.count("|") for row in rows)


def _ends_in_list(lines: list[str], last: str) -> bool:
    """Whether the last item of a list has nothing in it, or no full stop though all others have one."""
    before = [found[1].rstrip() for line in lines[:-1] if (found := _ITEM.fullmatch(line)) is not None]
    if len(before) < _ITEMS:
        return False
    if _BARE_ITEM.match(last):
        return True
    found = _ITEM.fullmatch(last)
    if found is None or len(found[1].split()) < _WORDS or last.endswith(_CLOSERS) or last[-1:].isdigit():
        return False
    return all(item.endswith(_STOPS) for item in before)
