"""An error that was passed on as if it were a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from argus.detectors.blanks import is_blank
from argus.detectors.signatures.passages import Passage
from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict, is_answered_for
from argus.detectors.signatures.word_lists import word_list
from argus.detectors.wording import texts_in
from argus.model.detection import Severity

__all__ = ["ErrorPayload"]

_SHORT = 600
_NONE = re.compile(
    r"[\w -]{3,30}[:：]\s*(?:0|no|none|nil|nothing|keine?r?|nichts|aucune?|rien|ningun[oa]?|nada|nessun[oa]?|nenhuma?|"
    r"geen|inga|ingen|brak|нет|немає|yok|なし|无|無|없음)\W*",
    re.IGNORECASE,
)
_LOOSE = ("error_payload.words.", "error_payload.http.returned-error", "error_payload.unreachable")
_TELLS = re.compile(
    r"\b(?:but|then|again and|and|are|were|rare|fixed|solved|sind|waren|aber|dann|und|selten|behoben|gelöst|mais|puis|"
    r"sont|corrigée?|pero|luego|son|corrigió|ma|poi|sono|risolto|mas|são|corrigido|maar|zijn|men|är|er|"
    r"ale|są|но|и)\b|\d+ (?:h|hours)",
    re.IGNORECASE,
)
"""Words of prose about an error, rather than of the error itself."""
_SAYS = frozenset(["message", "msg", "detail", "details", "description", "title", "reason", "error", "errors"])
_DATA = frozenset(["result", "data", "response", "results"])


class ErrorPayload(SignatureDetector):
    """The error of a service or a program stands where its answer should be.

    Finds:
        Error records (``{"error": …}``, ``{"status": 503, …}``, problem JSON) as values or as JSON text, bodies and
        status lines of HTTP errors, texts of exceptions, and "an error occurred" in some 20 languages.

    Why it matters:
        Code that catches an exception and returns its text, or a client that does not look at the status, turns a
        failure into data. Nothing raises afterwards.

    How it decides:
        A text of up to 600 characters that is an error's text from its beginning on: warning, confidence 0.85. A
        record whose filled keys all belong to the envelope of an error and that says so by ``error``, by a status of
        400 or more, or by a reason phrase: warning, 0.9. Critical when the caller gets it as the answer.
        Silent: fields and nodes whose name is about failures, logs or checks, rows of many, answers of tools that
        the run owned up to or asked again, records
        whose ``error`` a later step reads, texts that the step was given, and texts that a later round replaced.

    When it is wrong:
        When errors are the data, as in monitoring. Silence the field with an ``ignore`` entry for ``SIG503``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        RFC 9457, problem details for HTTP APIs; ``bundled/error_payload.yaml``: the signatures.
    """

    code = "SIG503"
    name = "error_payload"
    kind = "error_payload"
    quiet = ("failure_fields", "code_fields", "template_fields", "sifting_nodes")
    quiet_nodes = ("failure_fields",)

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """An error, judged by its place and by what stands beside it."""
        passage = reading.passage
        if passage.place == "row" or not hits or (passage.place == "tool" and is_answered_for(passage, readings)):
            return None
        if passage.record is not None:
            return self._record(passage, passage.record, hits, readings)
        text = passage.bare
        if _NONE.fullmatch(text):
            return None
        for hit in hits:
            signature = hit.match.signature
            if signature.id.startswith(_LOOSE) and _TELLS.search(text):
                continue
            if signature.strategy == "shape" or (signature.fields == "content" and not passage.holds_content):
                continue
            long = len(text) > _SHORT
            severity: Severity = "info" if long else _severity(passage, readings)
            return Verdict(signature.note, hit.words, severity, 0.5 if long else 0.85, signature.id)
        return None

    def _record(
        self, passage: Passage, record: dict[str, Any], hits: Sequence[Hit], readings: Readings
    ) -> Verdict | None:
        inner = passage.given is not None and (passage.siblings > 1 or passage.path.count(".") > 1)
        if inner or not _is_envelope(record):
            return None
        shapes = [hit for hit in hits if hit.match.signature.strategy == "shape"]
        if not shapes or _is_looked_at(passage, readings):
            return None
        first = shapes[0]
        signature = first.match.signature
        words = passage.bare or first.text
        return Verdict(
            signature.note, words, _severity(passage, readings), 0.9, signature.id, _telling(record) or words
        )


def _is_envelope(record: dict[str, Any]) -> bool:
    """Whether a record says nothing but that something failed."""
    filled = {key.lower().replace("-", "_"): value for key, value in record.items() if not is_blank(value)}
    if not filled or not filled.keys() <= word_list("envelope_keys") or filled.keys() & _DATA:
        return False
    if filled.get("success") is True or filled.get("ok") is True:
        return False
    return (
        bool(filled.keys() & _SAYS) or filled.keys() - {"code", "id", "type", "kind", "level", "time", "date"} != set()
    )


def _telling(record: dict[str, Any]) -> str:
    """The longest text in a record: a step that was given it was given the error."""
    return max(texts_in(record), key=len, default="")


def _is_looked_at(passage: Passage, readings: Readings) -> bool:
    """Whether a later step, or the branch behind this one, reads the record's error on purpose."""
    index, step = readings.index, passage.step
    paths = [reader.read.path for reader in index.readers_after(step, passage.field)]
    paths += [read.path for read in index.branch_reads(step) or ()]
    graph = index.graph(step)
    for node in graph.nodes if graph else ():
        paths += [read.path for read in node.reads or ()]
    envelope = word_list("envelope_keys") - _DATA
    return any(path.startswith(f"{passage.field}.") and path.rpartition(".")[2].lower() in envelope for path in paths)


def _severity(passage: Passage, readings: Readings) -> Severity:
    answer = passage.holds_content and readings.index.reaches_caller(passage.step, passage.field)
    return "critical" if answer and passage.place == "field" else "warning"
