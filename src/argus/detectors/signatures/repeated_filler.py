"""A text that repeats itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from argus.detectors.signatures.passages import Passage
from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.repetition import Repeat, looks_repetitive, repeated
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict

__all__ = ["RepeatedFiller"]

_MOST_SHARE = 0.6
_TAIL_TIMES = 10
_TAIL_SHARE = 0.2
_ROWS = 3
_CELLS = re.compile(r"[,;\t|](?=\S)")
_STAMP = re.compile(r"\[?(?:\d{4}-\d\d-\d\d|\d\d:\d\d)")


class RepeatedFiller(SignatureDetector):
    """A text says the same thing over and over.

    Finds:
        One character, word, phrase, line or sentence, repeated without anything in between.

    Why it matters:
        Models fall into loops and fill their answer until the token limit; the call itself succeeds.

    How it decides:
        A piece of up to 80 characters that follows itself at least six times (five from 12 characters on), in a text
        of 40 characters or more, and makes up 60 % of it: warning, confidence 0.9. Ten times and 20 % at the end of a
        text: warning, 0.75. Rows of signs (rules, tables, blanks) count only when they are all there is, and in fields
        whose name promises content.
        Silent: rows of tables, of separated values and of logs, fields for code and raw data, documents, rows of many,
        texts that the step was given, and texts that a later round replaced.

    When it is wrong:
        When repetition is the point, as in a chant. Silence the field with an ``ignore`` entry for ``SIG507``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        Holtzman et al., The curious case of neural text degeneration (2020).
    """

    code = "SIG507"
    name = "repeated_filler"
    kind = "repeated_filler"
    quiet = ("code_fields", "raw_fields", "failure_fields", "template_fields")

    def suspects(self, passage: Passage) -> bool:
        """Whether the text has few different words or characters."""
        if passage.given is not None or passage.place in ("row", "tool"):
            return False
        return any(looks_repetitive(part) for part in passage.parts)

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """A repetition, judged by its length."""
        passage = reading.passage
        for hit in hits:
            signature = hit.match.signature
            return Verdict(signature.note, hit.words, signature.severity, 0.8, signature.id)
        found = [one for part in passage.parts if (one := repeated(part)) is not None]
        if not found:
            return None
        worst = max(found, key=lambda one: one.share)
        share = sum(one.share for one in found) / len(passage.parts)
        if _is_tabular(passage.bare, worst.unit):
            return None
        if not any(one.isalpha() for one in worst.unit):
            return self._verdict(worst, 0.8) if share >= 0.9 and passage.holds_content else None
        if share >= _MOST_SHARE:
            return self._verdict(worst, 0.9)
        tail = found[-1]
        if tail.at_end and tail.times >= _TAIL_TIMES and tail.share >= _TAIL_SHARE:
            return self._verdict(tail, 0.75)
        return None

    def _verdict(self, repeat: Repeat, confidence: float) -> Verdict:
        return Verdict(f"the same {repeat.times} times in a row", repeat.unit * 3, "warning", confidence)


def _is_tabular(text: str, unit: str) -> bool:
    """Whether what is repeated are rows of a table, a list of values or a log, which are often alike."""
    rows = [line.strip() for line in text.splitlines() if line.strip()]
    row = max(rows, key=rows.count)
    if rows.count(row) < _ROWS or unit.strip() not in " ".join(f"{row} {row} {row}".split()):
        return False
    return row.startswith("|") or len(_CELLS.findall(row)) >= 2 or _STAMP.match(row) is not None
