"""Where a failure came from."""

from __future__ import annotations

from typing import Literal

from argus.model.detection import Evidence
from argus.model.record import Record

__all__ = ["CausalLink", "Forensics", "Proof", "Suggestion", "Suspect"]

Proof = Literal["observed", "lineage", "counterfactual"]
"""How far blame is proved: seen in one step, followed along the data, or shown by repair and replay."""


class CausalLink(Record, frozen=True, kw_only=True):
    """One step on the way from cause to symptom.

    Attributes:
        step_id: The step.
        node_name: Its node.
        role: ``cause``, ``path`` or ``symptom``.
        field: The field that carried the fault out of this step (for the symptom: into it), if known.
        why: One short clause, such as "returned `docs` instead of `documents`".
        evidence: What in the trace shows it.
    """

    step_id: str
    node_name: str
    role: Literal["cause", "path", "symptom"]
    field: str | None = None
    why: str = ""
    evidence: tuple[Evidence, ...] = ()


class Suspect(Record, frozen=True, kw_only=True):
    """A step that may be the cause.

    Attributes:
        step_id: The step.
        node_name: Its node.
        score: From 0 to 1; the scores of a trace need not sum to one.
        reasons: Why, one clause each.
    """

    step_id: str
    node_name: str
    score: float
    reasons: tuple[str, ...] = ()


class Suggestion(Record, frozen=True, kw_only=True):
    """What to change.

    Attributes:
        text: One sentence.
        file: The source file concerned, if known.
        line: The 1-based line, if known.
    """

    text: str
    file: str | None = None
    line: int | None = None


class Forensics(Record, frozen=True, kw_only=True):
    """The causal story of one failed trace.

    Attributes:
        root_cause_step: The id of the step whose output was wrong first, or None when that is unknown.
        explanation: One or two sentences that keep origin and symptom apart.
        causal_chain: From cause to symptom, in order.
        detection_ids: The findings this explains.
        id: Filled in by the analyzer.
        confidence: From 0 to 1.
        proof: How far it is proved.
        suspects: Ranked, the likeliest first.
        suggestions: What to change, where.
    """

    root_cause_step: str | None
    explanation: str
    causal_chain: tuple[CausalLink, ...] = ()
    detection_ids: tuple[str, ...] = ()
    id: str = ""
    confidence: float = 0.0
    proof: Proof = "observed"
    suspects: tuple[Suspect, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
