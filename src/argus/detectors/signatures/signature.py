"""What a signature is: one way in which a text gives itself away as a failure."""

from __future__ import annotations

from typing import Final, Literal

from argus.model.detection import Severity
from argus.model.record import Record

__all__ = ["KINDS", "Kind", "Signature", "SignatureSet", "Strategy", "Tier"]

Kind = Literal[
    "placeholder", "refusal", "error_payload", "truncated_json", "unexpected_html", "mojibake", "repeated_filler",
    "stack_trace", "unfilled_template", "prompt_leak", "cut_output", "rendered_blank",
]  # fmt: skip

KINDS: Final[dict[Kind, str]] = {
    "placeholder": "SIG501",
    "refusal": "SIG502",
    "error_payload": "SIG503",
    "truncated_json": "SIG504",
    "unexpected_html": "SIG505",
    "mojibake": "SIG506",
    "repeated_filler": "SIG507",
    "stack_trace": "SIG508",
    "unfilled_template": "SIG509",
    "prompt_leak": "SIG510",
    "cut_output": "SIG511",
    "rendered_blank": "SIG512",
}
"""The code of each kind of failure; each kind has a detector of the same name."""

Strategy = Literal["whole", "start", "anywhere", "shape"]
Tier = Literal["bundled", "private"]


class Signature(Record, frozen=True, kw_only=True):
    """A pattern and how it is matched.

    Attributes:
        id: Unique, such as ``refusal.de.cannot-help``.
        kind: The kind of failure that it betrays.
        pattern: An RE2 pattern, matched in any letter case; ``.`` does not match a line break.
        strategy: ``whole`` the pattern must cover the text, ``start`` its beginning, both without surrounding blanks,
            quotes and emphasis; ``anywhere`` some part of it; ``shape`` the lines ``path: value`` of a record.
        severity: How grave a text is that it fits in the expected place.
        languages: ISO 639-1 codes; empty when it is about no language.
        note: What it shows, in a few words.
        fields: ``content`` to be looked for only where a name promises something that a reader waits for.
        tier: Where it comes from.
    """

    id: str
    kind: Kind
    pattern: str
    strategy: Strategy
    severity: Severity = "warning"
    languages: tuple[str, ...] = ()
    note: str = ""
    fields: Literal["any", "content"] = "any"
    tier: Tier = "bundled"


class SignatureSet(Record, frozen=True, kw_only=True):
    """The signatures that a run is matched against.

    Attributes:
        signatures: Without duplicates.
    """

    signatures: tuple[Signature, ...] = ()
