"""Profiles joined, and kept within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from argus.learning.echoes import joined_echoes
from argus.learning.fields import joined_fields
from argus.learning.spreads import joined
from argus.learning.ties import joined_ties
from argus.learning.walking import KEYS
from argus.model.profile import (
    VALUES_SEEN,
    FieldProfile,
    NodeProfile,
    Profile,
    Relation,
    RelationKind,
    Term,
)

__all__ = ["FIELDS", "NODES", "RELATIONS", "TERMS", "bounded", "fewest", "merge", "relation_hash", "short_hash"]

NODES: Final = 120
"""Nodes of a profile, at most."""

FIELDS: Final = 400
"""Paths of a profile, over all nodes, at most: the least deep ones."""

RELATIONS: Final = 300
TERMS: Final = 800
_REFUTED: Final = 600
_GIVEN: Final = 60

_RANKS: Final[Mapping[RelationKind, int]] = {
    "sum": 0, "dot": 0, "count": 1, "sized": 2, "plus": 3, "minus": 3, "times": 4,
    "equal": 5, "subset": 6, "same_length": 7,
}  # fmt: skip
"""Which relations stay when there are too many."""


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


def bounded(profile: Profile) -> Profile:
    """A profile without what is beyond its bounds; what goes is what comes last, whenever it was seen.

    Args:
        profile: Any profile.
    """
    nodes, is_full = profile.nodes, profile.is_full
    if len(nodes) > NODES:
        nodes, is_full = {place: nodes[place] for place in sorted(nodes, key=short_hash)[:NODES]}, True
    if sum(len(node.fields) for node in nodes.values()) > FIELDS:
        kept = {place: dict[str, FieldProfile]() for place in nodes}
        for _, _, place, path in sorted(
            (_depth(path), short_hash(f"{place} {path}"), place, path)
            for place, node in nodes.items()
            for path in node.fields
        )[:FIELDS]:
            kept[place][path] = nodes[place].fields[path]
        nodes, is_full = {place: _with_fields(node, kept[place]) for place, node in nodes.items()}, True
    relations, terms = profile.relations, profile.terms
    if len(relations) > RELATIONS:
        relations, is_full = tuple(sorted(relations, key=_relation_rank)[:RELATIONS]), True
    if len(terms) > TERMS:
        terms, is_full = tuple(sorted(terms, key=_term_rank)[:TERMS]), True
    return Profile(
        runs=profile.runs,
        nodes={place: nodes[place] for place in sorted(nodes)},
        given={path: profile.given[path] for path in sorted(profile.given, key=_field_rank)[:_GIVEN]},
        relations=tuple(sorted(relations, key=_relation_rank)),
        terms=tuple(sorted(terms, key=str)),
        refuted=profile.refuted,
        is_full=is_full,
    )


def fewest(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of the smallest hashes; of a sum of counts they are the sum of those of its parts.

    Args:
        counts: By hash.
    """
    return {key: counts[key] for key in sorted(counts)[:VALUES_SEEN]}


def relation_hash(kind: RelationKind, result: Term, of: Iterable[Term]) -> str:
    """What a relation is called among those that were broken.

    Args:
        kind: Its kind.
        result: Its result.
        of: Its other terms.
    """
    return short_hash(repr((kind, *((term.node, term.origin, term.path) for term in (result, *of)))))


def short_hash(text: str) -> str:
    """Twelve hex digits that stand for a text.

    Args:
        text: Any text.
    """
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


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


def without_data_keys(fields: Mapping[str, FieldProfile]) -> dict[str, FieldProfile]:
    """Fields without those inside of objects whose keys are data, in order of path.

    Args:
        fields: By path.
    """
    children: dict[str, int] = {}
    for path in fields:
        head, dot, _ = path.rpartition(".")
        if dot:
            children[head] = children.get(head, 0) + 1
    mappings = {path for path, field in fields.items() if field.keys or children.get(path, 0) > KEYS}
    if not mappings:
        return {path: fields[path] for path in sorted(fields)}
    inside = tuple(f"{path}." for path in mappings)
    return {
        path: msgspec.structs.replace(fields[path], keys=path in mappings)
        for path in sorted(fields)
        if not path.startswith(inside)
    }


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


def _with_fields(node: NodeProfile, fields: Mapping[str, FieldProfile]) -> NodeProfile:
    ties = {path: tie for path, tie in node.ties.items() if path in fields}
    return msgspec.structs.replace(node, fields=dict(fields), ties=ties)


def _field_rank(path: str) -> tuple[int, str]:
    return _depth(path), short_hash(path)


def _depth(path: str) -> int:
    return path.count(".") + path.count("[]")


def _term_rank(term: Term) -> tuple[int, str]:
    return _depth(term.path), short_hash(str(term))


def _relation_rank(relation: Relation) -> tuple[int, int, str]:
    terms = (relation.result, *relation.of)
    return _RANKS[relation.kind], sum(_depth(term.path) for term in terms), " ".join(map(str, terms))
