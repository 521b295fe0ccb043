"""Markup where words were expected."""

from __future__ import annotations

from collections.abc import Sequence

from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict, is_node
from argus.model.detection import SEVERITIES, Severity

__all__ = ["UnexpectedHtml"]

_PAGE = "unexpected_html.page-words"
_REFUSED = "unexpected_html.error-page"
_MARKUP_FIELDS = ("markup_fields", "code_fields", "template_fields", "raw_fields")


class UnexpectedHtml(SignatureDetector):
    """A web page stands where text was expected.

    Finds:
        HTML documents, XML errors and fragments of pages: a login form, a gateway's error, a captcha.

    Why it matters:
        A request that was redirected to a login page or answered by a proxy returns a page with status 200. The next
        step treats its markup as words.

    How it decides:
        A text that begins as an HTML document or as an XML error: warning, confidence 0.85. One that begins with a tag:
        warning, 0.75, when it speaks of logging in, of errors or of captchas; otherwise info.
        Silent: fields for pages, mails, code and templates, except for pages whose whole title is the status of an HTTP
        error; nodes that fetch or render pages, except for error and login pages; rows of many; texts that the step
        was given, and texts that a later round replaced.

    When it is wrong:
        When markup is wanted and neither field nor node says so by name. Silence the field with an ``ignore`` entry for
        ``SIG505``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        ``bundled/unexpected_html.yaml``: the signatures.
    """

    code = "SIG505"
    name = "unexpected_html"
    kind = "unexpected_html"

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """Markup, judged by its place and its words."""
        passage = reading.passage
        opening = [hit for hit in hits if hit.match.signature.strategy == "start"]
        if passage.place == "row" or not opening:
            return None
        signature = max((hit.match.signature for hit in opening), key=lambda one: SEVERITIES.index(one.severity))
        refused = next((hit.match.signature for hit in hits if hit.match.signature.id == _REFUSED), None)
        if passage.named(*_MARKUP_FIELDS):
            return Verdict(refused.note, passage.bare, refused.severity, 0.85, refused.id) if refused else None
        is_page = refused is not None or any(hit.match.signature.id == _PAGE for hit in hits)
        if not is_page and (is_node(passage.step, "fetching_nodes") or is_node(passage.step, "markup_fields")):
            return None
        if signature.severity == "info":
            severity: Severity = "warning" if is_page else "info"
            return Verdict(signature.note, passage.bare, severity, 0.75 if is_page else 0.5, signature.id)
        return Verdict(signature.note, passage.bare, signature.severity, 0.85, signature.id)
