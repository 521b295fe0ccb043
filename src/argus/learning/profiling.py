"""The profile of a run, and a run added to a profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from argus.learning.bounds import bounded, without_data_keys
from argus.learning.echoes import echoes_of
from argus.learning.executions import Execution, Value, executions_of, places_of
from argus.learning.hashes import fewest, relation_hash, short_hash
from argus.learning.merging import merge
from argus.learning.relations import Candidate, holds, search
from argus.learning.spreads import spread_of
from argus.learning.ties import ties_of
from argus.learning.walking import LONGEST_PATH, FieldWalk
from argus.model.profile import FieldProfile, NodeProfile, Profile, Relation, RelationKind, Term
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD

__all__ = ["learned", "profile_of", "profile_of_many"]

_STEPS: Final = 400
"""Executions of one node that are looked at in one run, at most: the first."""

_VISITS: Final = 30_000
"""Once so many values of a run were looked at, only the first execution of each further node is."""


def learned(profile: Profile, trace: Trace) -> Profile:
    """A profile that one more run has taught; what it costs depends on the run and on the bounds of a profile.

    Args:
        profile: What was known.
        trace: A run; whether it may teach is for the caller to know, see
            :func:`argus.learning.teaching.is_lesson`.
    """
    return merge(profile, profile_of(trace, profile.relations))


def profile_of_many(traces: Iterable[Trace]) -> Profile:
    """What some runs have shown.

    Args:
        traces: Of one pipeline and graph version, all of which may teach.
    """
    profile = Profile()
    for trace in traces:
        profile = learned(profile, trace)
    return profile


def profile_of(trace: Trace, known: Iterable[Relation] = ()) -> Profile:
    """What one run has shown.

    Args:
        trace: Any run.
        known: Relations to try on it, beside those that it gives rise to.
    """
    nodes, is_full = _nodes(trace)
    evidence = _Evidence(known)
    for execution in executions_of(trace):
        evidence.add(execution)
    return bounded(
        Profile(
            runs=1,
            nodes=nodes,
            given=_given(trace),
            relations=tuple(evidence.relations()),
            terms=tuple(evidence.terms),
            refuted=tuple(sorted(evidence.refuted)),
            is_full=is_full,
        )
    )


def _given(trace: Trace) -> dict[str, FieldProfile]:
    walk = FieldWalk()
    walk.add(trace.input if isinstance(trace.input, dict) else {ROOT_FIELD: trace.input})
    return without_data_keys(walk.fields())


def _nodes(trace: Trace) -> tuple[dict[str, NodeProfile], bool]:
    places = places_of(trace)
    steps: dict[str, list[TraceStep]] = {}
    for step in trace.steps:
        if step.outcome in ("ok", "cached") and len(places[step.id]) <= LONGEST_PATH:
            steps.setdefault(places[step.id], []).append(step)
    failed = Counter(places[step.id] for step in trace.steps if step.outcome == "error")
    nodes: dict[str, NodeProfile] = {}
    is_full, visited = False, 0
    for place, ran in steps.items():
        walk, walked = FieldWalk(), 0
        for step in ran[:_STEPS]:
            if walked and visited > _VISITS:
                break
            visited += walk.add(step.output_state)
            walked += 1
        is_full |= walk.is_cut or len(ran) > walked
        nodes[place] = NodeProfile(
            place=place,
            runs=1,
            executions=walked,
            silent=sum(not step.output_state for step in ran[:walked]),
            failed=failed[place],
            calls=sum(len(step.tool_calls) for step in ran),
            failed_calls=sum(call.error is not None for step in ran for call in step.tool_calls),
            width=spread_of([len(ran)]),
            fields=without_data_keys(walk.fields()),
            ties=ties_of(ran[:walked]),
            echoes=echoes_of(trace, ran[:walked]),
        )
    return nodes, is_full


class _Key(NamedTuple):
    """What makes two relations the same."""

    kind: RelationKind
    result: Term
    of: tuple[Term, ...]


class _Evidence:
    """What the executions of one run say about relations.

    Args:
        known: Relations of earlier runs.
    """

    def __init__(self, known: Iterable[Relation]) -> None:
        self.terms: dict[Term, None] = {}
        self.refuted: set[str] = set()
        self._known: set[_Key] = set()
        self._broken: set[_Key] = set()
        self._tried: dict[str, dict[_Key, Relation]] = {}
        self._held: dict[_Key, Relation] = {}
        self._past: dict[str, list[Execution]] = {}
        for relation in known:
            key = _Key(relation.kind, relation.result, relation.of)
            self._known.add(key)
            self._tried.setdefault(relation.result.node, {})[key] = Relation(
                kind=key.kind, result=key.result, of=key.of, trials=relation.trials
            )

    def add(self, execution: Execution) -> None:
        """One more execution: what is known is tried on it, what it gives rise to is tried on those before."""
        tried = self._tried.setdefault(execution.place, {})
        for key in list(tried):
            self._try(key, tried, execution)
        found = search(execution)
        past = self._past.setdefault(execution.place, [])
        for candidate in found.found:
            key = _Key(candidate.kind, candidate.result, candidate.of)
            if key not in tried and key not in self._broken:
                tried[key] = _relation(candidate)
                for earlier in (*past, execution):
                    if key in tried:
                        self._try(key, tried, earlier)
        past.append(execution)
        self.terms.update(dict.fromkeys(found.terms))

    def relations(self) -> Iterable[Relation]:
        """Those that held and were not broken."""
        return self._held.values()

    def _try(self, key: _Key, tried: dict[_Key, Relation], execution: Execution) -> None:
        held = holds(tried[key], execution)
        if held:
            if key not in self._held:
                self._held[key] = _shown(tried[key], execution)
        elif held is not None:
            del tried[key]
            self._held.pop(key, None)
            self._broken.add(key)
            if key in self._known:
                self.refuted.add(relation_hash(*key))


def _relation(candidate: Candidate) -> Relation:
    return Relation(kind=candidate.kind, result=candidate.result, of=candidate.of, trials=candidate.trials)


def _shown(relation: Relation, execution: Execution) -> Relation:
    """A relation that an execution of this run has fulfilled."""
    result, other = (_value(term, execution) for term in (relation.result, relation.of[0]))
    if relation.kind == "subset":
        ours, theirs = set(result.items or ()), set(other.items or ())
        seen, items = [short_hash(repr(item)) for item in theirs], (len(ours), len(theirs))
    else:
        size = len(result.items or ()) if relation.kind in ("same_length", "sized") else None
        seen, items = [short_hash(repr(result.key if size is None else size))], (0, 0)
    return Relation(
        kind=relation.kind,
        result=relation.result,
        of=relation.of,
        runs=1,
        seen=fewest(dict.fromkeys(seen, 1)),
        trials=relation.trials,
        items=items,
    )


def _value(term: Term, execution: Execution) -> Value:
    known = execution.value(term.node, term.origin, term.path)
    if known is None:
        raise LookupError(f"{term} is not in this execution")
    return known
