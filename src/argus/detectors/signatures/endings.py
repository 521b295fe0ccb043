"""Whether a text stops in the middle of a sentence."""

from __future__ import annotations

import re
from typing import Final, Literal

from argus.detectors.signatures.word_lists import word_list

__all__ = ["Ending", "ending_of", "stops_where_another_goes_on"]

Ending = Literal["inside a word", "inside a sentence", "without its end", "unfinished"]

_SHORTEST: Final = 40
_SHORTEST_DANGLING: Final = 30
_SHORTEST_UNSPACED: Final = 16
_SHORTEST_COMMON: Final = 20
_COMMON: Final = 40
_FEW: Final = 3
_LINE: Final = 5
_LAST: Final = 8
_PROSE: Final = 60
_LONGEST_WORD: Final = 60
_MOST: Final = 200
_LETTERS: Final = frozenset("bcdefghijlmoqrsuvwà")
"""Letters that seldom stand for themselves, as `x` and `n` do in formulas."""
_CLOSED: Final = re.compile(r"""[.!?…:;。！？।؟۔|>\d%€$£¥)\]}"'”’»」』*_`~-]""")
_LAST_WORD: Final = re.compile(r"([^\W\d_]+)\Z")
_SENTENCE_END: Final = re.compile(r"(?<!\A\d)(?<!\n\d)(?<!\n\d\d)[.!?…।؟][\"”»)]?(?:\s|\Z)|[。！？]")
_BEGUN: Final = re.compile(r"\w{3,}[.!?]\s[^\W\d_a-z]\Z")
_MEASURE: Final = re.compile(r"\d\s?[sgmhldtwv]\Z")
_OPEN_NUMBER: Final = re.compile(r"\b\d{1,3},\Z")
_LINK: Final = re.compile(r"(?:https?://|@)\S*\Z")
_LIST_LINE: Final = re.compile(r"\A\s*(?:[-*•+]|\d+[.)]|#+|>|\|)\s?")


def ending_of(text: str, before: str = "") -> Ending | None:
    """How a text breaks off, or None when it may well end so.

    Args:
        text: The text, without surrounding blanks.
        before: What the text was made from, in lower case and with single blanks: a last word that is no word there,
            but begins one, is a piece of it. Its first 200 occurrences are looked at.

    Returns:
        ``inside a word`` or ``inside a sentence`` when there is reason to believe it; ``without its end`` for prose in
        which every sentence but the last one is finished; ``unfinished`` for other prose without an end.
    """
    if _OPEN_NUMBER.search(text) and len(text.split()) > _FEW:
        return "inside a sentence"
    shortest = _SHORTEST_UNSPACED if " " not in text else _SHORTEST_DANGLING
    if len(text) < shortest or text.startswith(("{", "[", "<")) or "```" in text or _LINK.search(text[-200:]):
        return None
    if text.endswith((",", " (", " -", " –")):
        return "inside a sentence"
    last_line = text.rpartition("\n")[2]
    if _CLOSED.search(text[-1:]) or (_LIST_LINE.match(last_line) and len(last_line) < _SHORTEST):
        return None
    found = _LAST_WORD.search(text, len(text) - _LONGEST_WORD)
    words = last_line.split()
    if _is_caseless(text[-1]):
        return "without its end" if _finishes_sentences(text) else None
    if found is None or len(words) < 3 or found[1].lower() == found[1].upper():
        return None
    word = found[1].lower()
    has_sentences = _SENTENCE_END.search(text[: found.start()]) is not None
    if has_sentences and len(word) >= 2 and _is_piece(word, before):
        return "inside a word"
    if _BEGUN.search(text[-_LONGEST_WORD:]):
        return "inside a word"
    if not found[1].islower() or not text[: found.start()].endswith((" ", "\n")):
        return None
    if (word in _LETTERS and not _MEASURE.search(text)) or (word in word_list("dangling_words") and len(words) >= 4):
        return "inside a sentence"
    fragment = re.split(_SENTENCE_END, last_line)[-1].split()
    if not has_sentences or len(text) < _PROSE or len(fragment) < _FEW:
        return None
    return "without its end" if _finishes_sentences(text) else "unfinished"


def _is_caseless(letter: str) -> bool:
    return letter.isalpha() and letter.lower() == letter.upper()


def _finishes_sentences(text: str) -> bool:
    """Whether all of a text but its end is written in whole sentences: an author who puts full stops puts the last."""
    *before, last = [line.strip() for line in text.splitlines() if line.strip()]
    ends = _SENTENCE_END.findall(text)
    if len(ends) < (1 if _SENTENCE_END.search(last) else 2):
        return False
    if not _SENTENCE_END.search(last) and len(last.split()) < _LAST and not _is_caseless(last[-1]):
        return False  # a name or a greeting below a letter
    prose = [line for line in before if len(line.split()) >= _LINE]
    return all(_CLOSED.search(line[-1]) for line in prose)


def stops_where_another_goes_on(text: str, before: str) -> bool:
    """Whether a text ends inside a word of another text, behind the same words.

    Args:
        text: The text, without surrounding blanks.
        before: What the text was made from, in lower case and with single blanks.
    """
    end = " ".join(text[-4 * _COMMON :].casefold().split())[-_COMMON:]
    if len(text) < _SHORTEST_COMMON or not end[-1:].isalpha() or end[-1:].lower() == end[-1:].upper():
        return False
    at = before.find(end)
    return at >= 0 and " " in end and before[at + len(end) : at + len(end) + 1].isalpha()


def _is_piece(word: str, before: str) -> bool:
    """Whether a word is only known as the beginning of a few others."""
    begun: set[str] = set()
    at = before.find(word)
    for _ in range(_MOST):
        if at < 0:
            break
        end = at + len(word)
        if not before[at - 1 : at].isalpha():
            while end < len(before) and before[end].isalpha() and end - at < _LONGEST_WORD:
                end += 1
            begun.add(before[at:end])
            if word in begun or len(begun) > _FEW:
                return False
        at = before.find(word, end)
    return bool(begun)
