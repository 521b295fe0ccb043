"""Text in a wrong character set."""

from __future__ import annotations

import re
from collections.abc import Sequence

from argus.detectors.signatures.charsets import misread
from argus.detectors.signatures.passages import Passage
from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict, milder

__all__ = ["Mojibake"]

_LOST = "\ufffd"
_AROUND = 20
_ABOUT = re.compile(r"\b(?:mojibake|utf-?8|latin-?1|cp1252|windows-125\d|encoding|charset|unicode)\b", re.IGNORECASE)
_SETS = {
    "cp1252": "Windows-1252 or Latin-1",
    "cp437": "code page 437",
    "cp1251": "Windows-1251",
    "mac_roman": "Mac Roman",
}


class Mojibake(SignatureDetector):
    """A text was read in a wrong character set, or characters of it were lost.

    Finds:
        UTF-8 read as Latin-1, Windows-1252, Windows-1251, Mac Roman or code page 437, once or twice (``cafÃ©``,
        ``â€™``); UTF-8 read as Shift-JIS or GBK; replacement characters.

    Why it matters:
        Every later step works on spoilt words: searches miss, names do not match, and people get to see it.

    How it decides:
        A run of characters outside ASCII that, written in one of those character sets, is UTF-8 for characters in
        common use: warning, confidence 0.9. Two or more replacement characters, or one in a text of up to 200
        characters: warning, 0.8. One step milder in texts that speak of encodings.
        Silent: fields for raw data, rows of many with a single such value, texts that the step was given, and texts
        that a later round replaced.

    When it is wrong:
        When a text quotes mojibake on purpose. Silence the field with an ``ignore`` entry for ``SIG506``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        ``bundled/mojibake.yaml``: what cannot be computed back.
    """

    code = "SIG506"
    name = "mojibake"
    kind = "mojibake"
    quiet = ("raw_fields",)

    def suspects(self, passage: Passage) -> bool:
        """Whether there is anything but ASCII."""
        return not passage.text.isascii()

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """Spoilt text, and how it is spoilt."""
        passage = reading.passage
        verdict = self._spoilt(passage, hits)
        if verdict is not None and any(_ABOUT.search(part) for part in passage.parts):
            return Verdict(verdict.what, verdict.words, milder(verdict.severity), 0.5, verdict.signature, verdict.proof)
        return verdict

    def _spoilt(self, passage: Passage, hits: Sequence[Hit]) -> Verdict | None:
        for part in passage.parts:
            found = misread(part)
            if found is not None:
                run, meant, codec = found
                at = part.find(run)
                words = part[max(0, at - _AROUND) : at + len(run) + _AROUND]
                return Verdict(
                    f"text in a wrong character set ({_SETS[codec]}; meant was “{meant[:20]}”)", words, proof=run
                )
        for hit in hits:
            signature = hit.match.signature
            return Verdict(signature.note, hit.words, signature.severity, 0.8, signature.id)
        lost = sum(part.count(_LOST) for part in passage.parts)
        if lost >= 2 or (lost and len(passage.bare) <= 200):
            at = passage.kept.find(_LOST)
            words = passage.kept[max(0, at - _AROUND) : at + _AROUND]
            return Verdict("text with lost characters", words, "warning", 0.8, proof=_LOST)
        return None
