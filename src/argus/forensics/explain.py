"""The story of a run in sentences: what was wrong first, and what that did later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from argus.forensics.links import Hop
from argus.forensics.signs import Sign
from argus.forensics.symptoms import Symptom
from argus.forensics.wording import cut, listed, name, plain, span
from argus.model.forensics import CausalLink
from argus.model.trace import Trace, TraceStep

__all__ = ["VERDICT_LENGTH", "explain_cause", "explain_given", "explain_near_misses", "explain_unknown", "summary"]

VERDICT_LENGTH: Final = 140
"""Characters that a verdict may have."""

_EXPLANATION: Final = re.compile(r": (?![^(]*\))")
"""What begins an explanation: a colon outside parentheses."""


def explain_cause(cause: TraceStep, sign: Sign, symptom: Symptom, chain: Sequence[CausalLink]) -> str:
    """What the cause did, what the symptom did later, and in a second sentence what happened on the way.

    Args:
        cause: The step to blame.
        sign: What speaks against it.
        symptom: Where it surfaced.
        chain: The links between them.
    """
    verdict = _verdict(cause, sign, symptom)
    between = [link.node_name for link in chain if link.role == "path"]
    if not between:
        return verdict
    passed = list(dict.fromkeys(between))
    return f"{verdict} It went through {listed(passed)}."


def explain_given(hop: Hop, symptom: Symptom) -> str:
    """Where the caller's input is to blame.

    Args:
        hop: The link that ends at the caller.
        symptom: Where it surfaced.
    """
    said = "" if symptom.whole else f"; {name(symptom.step.node_name)} {symptom.brief}"
    return cut(f"The caller gave no {name(hop.path)}{said}", VERDICT_LENGTH - 1) + "."


def explain_unknown(symptom: Symptom, suspects: int) -> str:
    """Where no cause can be named.

    Args:
        symptom: Where it surfaced.
        suspects: How many suspects there are.
    """
    said = _as_sentence(symptom.step, symptom.clause, whole=symptom.whole)
    count = {0: "and there is no suspect", 1: "1 suspect"}.get(suspects, f"{suspects} suspects")
    rest = f". No earlier step explains it{'; ' if suspects else ', '}{count}."
    return cut(said, VERDICT_LENGTH - len(rest)) + rest


def explain_near_misses(reasons: Sequence[tuple[TraceStep, Sign]]) -> str:
    """Where nothing went wrong: what came closest.

    Args:
        reasons: Steps with what could be held against them, the heaviest first.
    """
    if not reasons:
        return "Nothing went wrong, and nothing came close."
    step, sign = reasons[0]
    more = f"; {len(reasons) - 1} more" if len(reasons) > 1 else ""
    said = _as_sentence(step, sign.clause, whole=sign.whole)
    return f"Nothing went wrong. Closest to it: {cut(said, VERDICT_LENGTH - 40 - len(more))}{more}."


def _verdict(cause: TraceStep, sign: Sign, symptom: Symptom) -> str:
    for sentence in _verdicts(cause, sign, symptom):
        if len(sentence) < VERDICT_LENGTH:
            return f"{sentence}."
    return cut(sentence, VERDICT_LENGTH - 1) + "."


def _verdicts(cause: TraceStep, sign: Sign, symptom: Symptom) -> Iterator[str]:
    """The same sentence, shorter and shorter."""
    clauses = _shortened(plain(sign.clause))
    if symptom.step.id == cause.id and symptom.whole and sign.clause != symptom.clause:
        ends = dict.fromkeys((plain(symptom.clause), plain(symptom.brief)))
        yield from (f"{_as_sentence(cause, clause, whole=sign.whole)}; {end}" for clause in clauses for end in ends)
    if symptom.step.id == cause.id:
        yield from (_as_sentence(cause, clause, whole=sign.whole) for clause in clauses)
        return
    later = span(cause, symptom.step)
    for clause in clauses:
        for said in dict.fromkeys((plain(symptom.clause), plain(symptom.brief))):
            end = _as_sentence(symptom.step, said, whole=symptom.whole)
            yield f"{_as_sentence(cause, clause, whole=sign.whole)}; {later}{end}"
    short = cut(list(clauses)[-1], 50)
    end = cut(_as_sentence(symptom.step, plain(symptom.brief), whole=symptom.whole), 50)
    yield f"{_as_sentence(cause, short, whole=sign.whole)}; {later}{end}"


def _shortened(clause: str) -> dict[str, None]:
    """A clause, and what is left of it without its explanation, its aside, and its relative clause."""
    told = _EXPLANATION.split(clause, maxsplit=1)[0]
    return dict.fromkeys((clause, told, told.partition(" (")[0], told.partition(", which ")[0]))


def _as_sentence(step: TraceStep, clause: str, *, whole: bool = False) -> str:
    if not whole:
        return f"{name(step.node_name)} {plain(clause)}"
    said = plain(clause).rstrip(".")
    return said if name(step.node_name) in said or said.startswith("the run") else f"{said} at {name(step.node_name)}"


def summary(trace: Trace) -> str:
    """One sentence for any run, clean or not; at most 140 characters.

    Args:
        trace: A finished run with its findings and forensics.
    """
    counted = [one for one in trace.detections if one.suppressed is None and one.severity != "info"]
    if trace.status == "incomplete" or trace.metadata.get("outcome") == "incomplete":
        return _of_incomplete(trace)
    if trace.forensics is not None and counted:
        first = trace.forensics.explanation.partition(" Less sure: ")[0].partition(" It went through ")[0]
        return _capital(cut(plain(first), VERDICT_LENGTH))
    if counted:
        said = cut(plain(counted[0].message).rstrip("."), VERDICT_LENGTH - 30)
        more = len(counted) - 1
        return _capital(f"{said}; {more} more finding{'s' * (more > 1)}." if more else f"{said}.")
    return _of_clean(trace)


def _of_clean(trace: Trace) -> str:
    number = len(trace.steps)
    outcome = trace.metadata.get("outcome")
    if not number:
        return "No step ran."
    steps = f"{number} step{'s' * (number > 1)}"
    if outcome in ("interrupted", "cancelled", "abandoned"):
        how = {"interrupted": "stopped at an interrupt", "cancelled": "was cancelled", "abandoned": "was abandoned"}
        return f"The run {how[outcome]} after {steps}, without findings."
    return f"All {steps} ran without findings." if number > 1 else "The only step ran without findings."


def _of_incomplete(trace: Trace) -> str:
    running = trace.metadata.get("running")
    nodes = [one for one in running if isinstance(one, str)] if isinstance(running, list) else []
    at = f" while {listed(nodes)} ran" if nodes else ""
    steps = f"{len(trace.steps)} step{'s' * (len(trace.steps) != 1)}"
    return cut(f"The process died{at}; {steps} were recorded", VERDICT_LENGTH - 1) + "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
