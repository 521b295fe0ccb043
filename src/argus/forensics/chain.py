"""The way of a fault from its cause to where it surfaced, every link with facts that can be looked up in the trace."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from argus.dataflow.values import ABSENT, at, is_empty
from argus.forensics.links import Hop
from argus.forensics.signs import Sign
from argus.forensics.symptoms import Symptom
from argus.forensics.wording import excerpt, looks, name
from argus.model.detection import Evidence
from argus.model.forensics import CausalLink, Forensics
from argus.model.trace import TraceStep
from argus.model.values import ROOT_FIELD

__all__ = ["chain_of", "rooted_again"]


def chain_of(cause: TraceStep, sign: Sign, path: Sequence[Hop], symptom: Symptom) -> tuple[CausalLink, ...]:
    """The links from cause to symptom.

    Args:
        cause: The step to blame.
        sign: What speaks against it.
        path: The hops from the cause down to the symptom's step; empty when they are one.
        symptom: Where it surfaced.

    Returns:
        At least one link; a single one when the cause is where it was seen.
    """
    first = path[0] if path else None
    out = (first.path or None) if first is not None else (sign.field or symptom.field)
    links = [
        CausalLink(
            step_id=cause.id,
            node_name=cause.node_name,
            role="cause",
            field=out,
            why=sign.clause,
            evidence=(*sign.evidence, *(_left(first) if first is not None else symptom.evidence)),
        )
    ]
    for into, onward in pairwise(path):
        links.append(_between(into, onward))
    if path:
        last = path[-1]
        links.append(
            CausalLink(
                step_id=symptom.step.id,
                node_name=symptom.step.node_name,
                role="symptom",
                field=last.path or None,
                why=symptom.clause,
                evidence=(_found(last), *symptom.evidence),
            )
        )
    return _without_repeats(links)


def _between(into: Hop, onward: Hop) -> CausalLink:
    """A step that took the fault in by one field and passed it on by another."""
    step = into.reader
    took = f"found {looks(into.found)} in {name(into.path)}" if _is_gap(into.found) else f"read {name(into.path)}"
    if not into.path:
        took = "ran after it"
    left = at(step.output_state, onward.source) if onward.path else ABSENT
    if onward.way == "choice" or not onward.path:
        gave = "and went on"
    elif left is ABSENT:
        gave = f"and wrote no {name(onward.path)}"
    else:
        gave = (
            f"and wrote {looks(left)} into {name(onward.path)}" if is_empty(left) else f"and wrote {name(onward.path)}"
        )
    if onward.sign is not None and onward.sign.finding is not None and not onward.sign.whole:
        gave = f"and {onward.sign.clause.partition(': ')[0]}"
    evidence = (_found(into), *_left(onward), *(onward.sign.evidence if onward.sign is not None else ()))
    return CausalLink(
        step_id=step.id,
        node_name=step.node_name,
        role="path",
        field=onward.path or None,
        why=f"{took} {gave}",
        evidence=evidence,
    )


def _is_gap(value: object) -> bool:
    return value is ABSENT or is_empty(value)


def _found(hop: Hop) -> Evidence:
    """What a reader found."""
    note = "not found" if hop.found is ABSENT else "found"
    return Evidence(step_id=hop.reader.id, field=hop.path or None, note=note, value=excerpt(hop.found))


def _left(hop: Hop) -> tuple[Evidence, ...]:
    """What a writer put into the field that carried the fault on."""
    if hop.writer is None or not hop.path or hop.way in ("sent", "inside", "choice"):
        return ()
    value = at(hop.writer.output_state, hop.source)
    note = "not returned" if value is ABSENT else "returned"
    return (Evidence(step_id=hop.writer.id, field=hop.source, note=note, value=excerpt(value)),)


def rooted_again(forensics: Forensics) -> Forensics:
    """The story of a run whose state is one dict, with fields named as they stand in the recorded states.

    Args:
        forensics: The story, with the keys of the dict as fields.
    """
    chain = tuple(
        msgspec.structs.replace(
            link,
            field=_rooted(link.field),
            evidence=tuple(msgspec.structs.replace(fact, field=_rooted(fact.field)) for fact in link.evidence),
        )
        for link in forensics.causal_chain
    )
    return msgspec.structs.replace(forensics, causal_chain=chain)


def _rooted(field: str | None) -> str | None:
    return field if field is None or field.partition(".")[0] == ROOT_FIELD else f"{ROOT_FIELD}.{field}"


def _without_repeats(links: list[CausalLink]) -> tuple[CausalLink, ...]:
    """The links, each fact told once."""
    return tuple(msgspec.structs.replace(link, evidence=tuple(_unique(link.evidence))) for link in links)


def _unique(evidence: Sequence[Evidence]) -> list[Evidence]:
    kept: list[Evidence] = []
    for fact in evidence:
        if fact not in kept:
            kept.append(fact)
    return kept
