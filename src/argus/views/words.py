"""The words and signs for status, severity and blame, the same wherever a run is shown."""

from __future__ import annotations

from typing import Final, NamedTuple

from argus.model.detection import Severity
from argus.model.forensics import Proof
from argus.model.trace import Outcome, Status
from argus.views.timeline import Role

__all__ = ["OUTCOME_WORDS", "PROOF_WORDS", "ROLE_SIGNS", "SEVERITY_SIGNS", "STATUS_SIGNS", "Sign"]


class Sign(NamedTuple):
    """A sign and its word; the word always stands beside it, so that neither shape nor colour has to be known.

    Attributes:
        glyph: One character.
        word: Capitalised.
    """

    glyph: str
    word: str


STATUS_SIGNS: Final[dict[Status, Sign]] = {
    "failed": Sign("✕", "Failed"),
    "warning": Sign("△", "Warning"),
    "ok": Sign("✓", "OK"),
    "incomplete": Sign("◌", "Incomplete"),
}

SEVERITY_SIGNS: Final[dict[Severity, Sign]] = {
    "critical": Sign("✕", "Critical"),
    "warning": Sign("△", "Warning"),
    "info": Sign("i", "Info"),
}

ROLE_SIGNS: Final[dict[Role, Sign]] = {
    "cause": Sign("◆", "Cause"),
    "path": Sign("○", "Path"),
    "symptom": Sign("✕", "Symptom"),
}

PROOF_WORDS: Final[dict[Proof, str]] = {
    "observed": "seen in this step",
    "lineage": "followed along the data",
    "counterfactual": "proved by repair and replay",
}

OUTCOME_WORDS: Final[dict[Outcome, str]] = {
    "ok": "",
    "error": "raised",
    "interrupted": "interrupted",
    "cancelled": "cancelled",
    "cached": "from cache",
    "parent_command": "handed over to the outer graph",
}
