"""Profiles joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from argus.learning.bounds import bounded, without_data_keys
from argus.learning.echoes import joined_echoes
from argus.learning.fields import joined_fields
from argus.learning.hashes import fewest, relation_hash
from argus.learning.spreads import joined
from argus.learning.ties import joined_ties
from argus.model.profile import FieldProfile, NodeProfile, Profile, Relation

__all__ = ["merge"]

_REFUTED: Final = 600


def merge(one: Profile, other: Profile) -> Profile:
    """What two profiles of different runs say together.

    Neither order nor grouping of runs makes a difference to nodes and fields. For relations that is so where their
    terms were always there: a profile knows which terms it has seen, not which of them in one run, so that joining many
    profiles in different groups may leave out a relation between fields that are seldom there together.

    Args:
        one: A profile.
        other: Of other runs of the same pipeline and graph version.
    """
    if not one.runs or not other.runs:
        return one if one.runs else other
    nodes = dict(one.nodes)
    for place, node in other.nodes.items():
        known = nodes.get(place)
        nodes[place] = node if known is None else _joined_nodes(known, node)
    refuted = tuple(sorted({*one.refuted, *other.refuted}))[:_REFUTED]
    return bounded(
        Profile(
            runs=one.runs + other.runs,
            nodes=nodes,
            given=_all_fields(one.given, other.given),
            relations=_joined_relations(one, other, frozenset(refuted)),
            terms=tuple({**dict.fromkeys(one.terms), **dict.fromkeys(other.terms)}),
            refuted=refuted,
            is_full=one.is_full or other.is_full,
        )
    )


def _joined_nodes(one: NodeProfile, other: NodeProfile) -> NodeProfile:
    return NodeProfile(
        place=one.place,
        runs=one.runs + other.runs,
        executions=one.executions + other.executions,
        silent=one.silent + other.silent,
        failed=one.failed + other.failed,
        calls=one.calls + other.calls,
        failed_calls=one.failed_calls + other.failed_calls,
        width=joined(one.width, other.width),
        fields=_all_fields(one.fields, other.fields),
        ties=joined_ties(one.ties, other.ties),
        echoes=joined_echoes(one.echoes, other.echoes),
    )


def _all_fields(one: Mapping[str, FieldProfile], other: Mapping[str, FieldProfile]) -> dict[str, FieldProfile]:
    fields = dict(one)
    for path, field in other.items():
        known = fields.get(path)
        fields[path] = field if known is None else joined_fields(known, field)
    return without_data_keys(fields)


def _joined_relations(one: Profile, other: Profile, refuted: frozenset[str]) -> tuple[Relation, ...]:
    ours, theirs = ({(known.kind, known.result, known.of): known for known in profile.relations}
                    for profile in (one, other))  # fmt: skip
    seen_by_us, seen_by_them = frozenset(one.terms), frozenset(other.terms)
    found: list[Relation] = []
    for key in {**ours, **theirs}:
        mine, yours = ours.get(key), theirs.get(key)
        if relation_hash(*key) in refuted:
            continue
        if mine is not None and yours is not None:
            found.append(_joined_relation(mine, yours))
        elif mine is not None and not seen_by_them.issuperset((mine.result, *mine.of)):
            found.append(mine)
        elif yours is not None and mine is None and not seen_by_us.issuperset((yours.result, *yours.of)):
            found.append(yours)
    return tuple(found)


def _joined_relation(one: Relation, other: Relation) -> Relation:
    seen = dict(one.seen)
    for key, runs in other.seen.items():
        seen[key] = seen.get(key, 0) + runs
    return Relation(
        kind=one.kind,
        result=one.result,
        of=one.of,
        runs=one.runs + other.runs,
        seen=fewest(seen),
        trials=max(one.trials, other.trials),
        items=(one.items[0] + other.items[0], one.items[1] + other.items[1]),
    )
