"""What a judge is asked about a run, and what it answers."""

from __future__ import annotations

from typing import Literal

from argus.model.record import Record

__all__ = ["Charge", "Exhibit", "Question", "Ruling", "SeenFault", "Verdict"]

FaultKind = Literal["irrelevant", "unsupported", "contradiction", "drift"]


class Exhibit(Record, frozen=True, kw_only=True):
    """One text of the run that the judge may read.

    Attributes:
        step_id: Where it stands; empty for the run's own input.
        node: The node.
        field: The field.
        text: The text, or a sample of a long one.
        made: Whether the step wrote it; otherwise it was given to the step.
    """

    step_id: str
    node: str
    field: str
    text: str
    made: bool


class Charge(Record, frozen=True, kw_only=True):
    """A finding that the judge may overrule.

    Attributes:
        id: The finding's id.
        code: Its code.
        message: What it claims.
        step_id: Where.
        field: The field concerned, or None.
    """

    id: str
    code: str
    message: str
    step_id: str
    field: str | None


class Question(Record, frozen=True, kw_only=True):
    """What a judge is asked.

    Attributes:
        exhibits: The texts, in order of the run.
        charges: What it may overrule.
        left_out: Texts of the run that are not shown, because together they would be too long.
    """

    exhibits: tuple[Exhibit, ...]
    charges: tuple[Charge, ...]
    left_out: int = 0


class Ruling(Record, frozen=True, kw_only=True):
    """What the judge thinks of a charge.

    Attributes:
        id: The charge.
        stands: Whether the finding is right.
        confidence: From 0 to 1.
        reason: One or two sentences.
        considered: What it looked at.
        overridden: What spoke for the finding and was set aside.
    """

    id: str
    stands: bool
    confidence: float
    reason: str
    considered: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()


class SeenFault(Record, frozen=True, kw_only=True):
    """A fault that the judge itself sees.

    Attributes:
        kind: An answer to something else, a claim without support, a contradiction, or a departure from what was asked.
        step_id: The step that wrote it.
        field: The field.
        quote: The words that are wrong, as they stand in the field.
        confidence: From 0 to 1.
        reason: One or two sentences.
    """

    kind: FaultKind
    step_id: str
    field: str
    quote: str
    confidence: float
    reason: str


class Verdict(Record, frozen=True, kw_only=True):
    """What a judge answers.

    Attributes:
        judge: Its name, such as the model's.
        rulings: One for each charge that it spoke about.
        faults: What it sees itself.
        calls: Requests made, repeated ones included; 0 when the answer was remembered.
        input_tokens: Of all requests, or None when unknown.
        output_tokens: Of all requests, or None when unknown.
    """

    judge: str
    rulings: tuple[Ruling, ...] = ()
    faults: tuple[SeenFault, ...] = ()
    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
