"""The bounds of a profile: it stays small whatever a pipeline returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from argus.learning.hashes import short_hash
from argus.learning.walking import KEYS
from argus.model.profile import FieldProfile, NodeProfile, Profile, Relation, RelationKind, Term

__all__ = ["FIELDS", "NODES", "RELATIONS", "TERMS", "bounded", "without_data_keys"]

NODES: Final = 120
"""Nodes of a profile, at most."""

FIELDS: Final = 400
"""Paths of a profile, over all nodes, at most: the least deep ones."""

RELATIONS: Final = 300
TERMS: Final = 800
_GIVEN: Final = 60
_TIES: Final = 48

_RANKS: Final[Mapping[RelationKind, int]] = {
    "sum": 0, "dot": 0, "count": 1, "sized": 2, "plus": 3, "minus": 3, "times": 4,
    "equal": 5, "subset": 6, "same_length": 7,
}  # fmt: skip
"""Which relations stay when there are too many."""


def bounded(profile: Profile) -> Profile:
    """A profile without what is beyond its bounds; what goes is what comes last, whenever it was seen.

    Args:
        profile: Any profile.
    """
    data = _DataKeys(profile)
    nodes, is_full = {place: _without_data(node) for place, node in profile.nodes.items()}, profile.is_full
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
    relations = tuple(one for one in profile.relations if not any(map(data.has, (one.result, *one.of))))
    terms = tuple(term for term in profile.terms if not data.has(term))
    if len(relations) > RELATIONS:
        relations, is_full = tuple(sorted(relations, key=_relation_rank)[:RELATIONS]), True
    if len(terms) > TERMS:
        terms, is_full = tuple(sorted(terms, key=_term_rank)[:TERMS]), True
    return Profile(
        runs=profile.runs,
        nodes={place: nodes[place] for place in sorted(nodes)},
        given={path: profile.given[path] for path in sorted(profile.given, key=_path_rank)[:_GIVEN]},
        relations=tuple(sorted(relations, key=_relation_rank)),
        terms=tuple(sorted(terms, key=str)),
        refuted=profile.refuted,
        is_full=is_full,
    )


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


class _DataKeys:
    """Which terms lie inside of objects whose keys are data.

    What a node was given has fields that other nodes returned, or the caller.
    """

    def __init__(self, profile: Profile) -> None:
        self._own = {place: _inside_mappings(node.fields) for place, node in profile.nodes.items()}
        self._any = tuple({path for own in self._own.values() for path in own} | {*_inside_mappings(profile.given)})

    def has(self, term: Term) -> bool:
        """Whether a term is one of them."""
        inside = self._any if term.origin == "input" else self._own.get(term.node, ())
        return bool(inside) and term.path.startswith(inside)


def _inside_mappings(fields: Mapping[str, FieldProfile]) -> tuple[str, ...]:
    return tuple(f"{path}." for path, field in fields.items() if field.keys)


def _without_data(node: NodeProfile) -> NodeProfile:
    inside = _inside_mappings(node.fields)
    paths = [path for path in node.ties if not (inside and path.startswith(inside))]
    if len(paths) == len(node.ties) <= _TIES:
        return node
    kept = sorted(sorted(paths, key=_path_rank)[:_TIES])
    return msgspec.structs.replace(node, ties={path: node.ties[path] for path in kept})


def _with_fields(node: NodeProfile, fields: Mapping[str, FieldProfile]) -> NodeProfile:
    ties = {path: tie for path, tie in node.ties.items() if path in fields}
    return msgspec.structs.replace(node, fields=dict(fields), ties=ties)


def _path_rank(path: str) -> tuple[int, str]:
    return _depth(path), short_hash(path)


def _depth(path: str) -> int:
    return path.count(".") + path.count("[]")


def _term_rank(term: Term) -> tuple[int, str]:
    return _depth(term.path), short_hash(str(term))


def _relation_rank(relation: Relation) -> tuple[int, int, str]:
    terms = (relation.result, *relation.of)
    return _RANKS[relation.kind], sum(_depth(term.path) for term in terms), " ".join(map(str, terms))
