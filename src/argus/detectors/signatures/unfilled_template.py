"""A template's variables that nobody filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict

__all__ = ["UnfilledTemplate"]

_BRACES = ("unfilled_template.brace", "unfilled_template.brace-number")
_KEY = re.compile(r"<(?:CTRL|CONTROL|ALT|SHIFT|ENTER|RETURN|TAB|ESC|DEL|HOME|END|CMD|SPACE|BACKSPACE)>")
_ABOUT = re.compile(
    r"\b(?:placeholders?|templates?|variables?|f-?strings?|format strings?|syntax|curly|jinja\w*|mustache|"
    r"interpolat\w+|platzhalter|vorlage|gabarit|plantilla|variabile|endpoint|route|regex|latex)\b",
    re.IGNORECASE,
)


class UnfilledTemplate(SignatureDetector):
    r"""A text was built from a template, and some of its variables were not filled in.

    Finds:
        ``{name}``, ``{{ user.name }}``, ``${title}``, ``%(balance)s``, ``%s``, ``<%= total %>``, ``{% for … %}``,
        ``<NAME>``, ``[Your Name]`` in text for readers.

    Why it matters:
        A missing key, a forgotten ``f`` before a string or the wrong template language sends the gap itself.

    How it decides:
        Such a variable in a text, outside code fences and quoted code, not behind ``\``, ``/`` or a letter as in
        formulas and paths: warning, confidence 0.9 for two or more different ones, else 0.8. Info in documents and in
        texts that speak of templates or variables.
        Silent: fields and nodes for templates, prompts and code, JSON, rows of many, answers of tools, texts that
        the step was given other than in a template's field, and texts that a later round replaced.

    When it is wrong:
        When the text is meant to keep its gaps, as a form letter. Name the field after it, or silence it with an
        ``ignore`` entry for ``SIG509``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        ``bundled/unfilled_template.yaml``: the signatures.
    """

    code = "SIG509"
    name = "unfilled_template"
    kind = "unfilled_template"
    quiet = ("template_fields", "code_fields", "raw_fields", "markup_fields")
    quiet_nodes = ("template_fields",)
    passes_templates = False

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """An unfilled variable, judged by what stands around it."""
        passage = reading.passage
        if passage.place in ("tool", "row") or passage.bare.startswith(('{"', "[{", '["')):
            return None
        real = [hit for hit in hits if _is_gap(hit)]
        if not real:
            return None
        mild = passage.place == "document" or any(_ABOUT.search(part) for part in passage.parts)
        first = real[0]
        sure = 0.9 if len({hit.words for hit in real}) > 1 else 0.8
        return Verdict(
            "text with " + first.match.signature.note,
            first.words,
            "info" if mild else first.match.signature.severity,
            0.5 if mild else sure,
            first.match.signature.id,
        )


def _is_gap(hit: Hit) -> bool:
    """Whether a variable stands in words rather than in code, a formula, a path or a link."""
    text, start, end = hit.text, hit.match.start, hit.match.end
    before, behind = text[max(0, start - 1) : start], text[end : end + 1]
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if text.count("```", 0, start) % 2 or line.count("`") % 2:
        return False
    signature = hit.match.signature.id
    if signature in _BRACES and ((before in tuple("\\/_^}=$#") and before) or before.isalnum()):
        return False
    if signature == "unfilled_template.square" and behind == "(":
        return False
    if signature in _BRACES and (behind == "^" or text[max(0, start - 2) : start] in ("f'", 'f"')):
        return False
    if _KEY.fullmatch(hit.words):
        return False
    return signature != "unfilled_template.angle" or f"</{hit.words[1:]}" not in text
