"""What a branch should have answered, worked out again from its source and the state that it was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from argus.dataflow.answers import SEND, Uncertain, answer_of
from argus.detectors.names import CLOSE, closeness
from argus.detectors.run_index import RunIndex
from argus.model.graph import END, DecisionSpec, GraphSpec, TypeSpec
from argus.model.trace import TraceStep
from argus.model.values import JsonValue, State

__all__ = ["Contradiction", "contradiction", "dead_words", "decision_of", "unknown_keys"]


@dataclass(frozen=True)
class Contradiction:
    """A decision that does not follow from what it was made on.

    Attributes:
        expected: Where the source leads with this state; empty stands for the end.
        chosen: Where the run went.
    """

    expected: tuple[str, ...]
    chosen: tuple[str, ...]


def decision_of(step: TraceStep, graph: GraphSpec | None) -> DecisionSpec | None:
    """The only decision that is made behind a step, or None when there is none, or there are several."""
    found = [one for one in graph.decisions if one.source == step.node_name] if graph is not None else []
    return found[0] if len(found) == 1 else None


def contradiction(step: TraceStep, index: RunIndex) -> Contradiction | None:
    """How the way that a run took behind a step differs from the one that the source leads to; None when it does not.

    Args:
        step: The step.
        index: The run.
    """
    decision = decision_of(step, index.graph(step))
    if decision is None or step.outcome not in ("ok", "cached"):
        return None
    chosen = step.metadata.get("goto" if decision.command else "branch")
    state = dict(step.input_state) if decision.command else _state_behind(step, index)
    if not isinstance(chosen, list) or state is None or (not decision.command and step.metadata.get("goto")):
        return None
    try:
        expected = _targets(answer_of(decision.rule, state), dict(decision.ends))
    except Uncertain:
        return None
    plain = _plain_targets(step, index)
    due = Counter({target: count for target, count in expected.items() if target not in plain and target != END})
    went = Counter(one for one in chosen if isinstance(one, str) and one not in plain and one != END)
    sent = {target for target, count in due.items() if count > 1}
    if set(due) == set(went) and all(due[target] == went[target] for target in sent):
        return None
    return Contradiction(tuple(due.elements()), tuple(went.elements()))


def unknown_keys(step: TraceStep, index: RunIndex) -> Iterator[str]:
    """The keys that a branch behind a step asks for although the state cannot have them, so that they decide nothing.

    Args:
        step: The step.
        index: The run.
    """
    graph = index.graph(step)
    decision = decision_of(step, graph)
    if graph is None or step.outcome not in ("ok", "cached"):
        return
    node = index.node(step)
    reads = (node.reads if node else None) if decision and decision.command else index.branch_reads(step)
    declared = index.fields(step)
    for read in reads or ():
        key = read.path.partition(".")[0]
        if (
            read.required
            or key in declared
            or key.startswith("__")
            or key in step.state_after
            or key in step.input_state
        ):
            continue
        if (graph.closed and graph.state) or _is_slip(key, step, {one.path for one in reads or ()}):
            yield key


def dead_words(step: TraceStep, index: RunIndex) -> Iterator[tuple[str, JsonValue]]:
    """Fields and the words that a branch behind a step compares them with although they can never hold them.

    Args:
        step: The step.
        index: The run.
    """
    decision = decision_of(step, index.graph(step))
    rule = decision.rule if decision is not None else None
    if not isinstance(rule, list) or rule[:1] != ["call"]:
        return
    states = {name for name, value in rule[1] if value == ["state"]}
    fields = index.fields(step)
    for one, other in _comparisons(rule[2]):
        for read, constant in ((one, other), (other, one)):
            field = _field_read(read, states)
            if field in fields and constant[0] == "const" and isinstance(constant[1], str):
                allowed = _words_of(fields[field].type)
                if allowed and constant[1] not in allowed:
                    yield field, constant[1]


def _state_behind(step: TraceStep, index: RunIndex) -> State | None:
    """What a branch sees: the state its node was given, with the node's own update."""
    siblings = [one for one in index.scopes[index.scope(step)] if index.moment(one) == index.moment(step)]
    if len(siblings) == 1 and step.state_after:
        return dict(step.state_after)
    fields = index.fields(step)
    if any((spec := fields.get(name)) is not None and spec.reducer is not None for name in step.output_state):
        return None
    return {**step.input_state, **{name: step.output_state[name] for name in index.writes(step)}}


def _targets(answer: JsonValue, ends: dict[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in answer if isinstance(answer, list) else [answer]:
        if isinstance(one, dict) and one.keys() == {SEND} and isinstance(one[SEND], str):
            found[one[SEND]] += 1
        elif isinstance(one, str | bool | int) or one is None:
            name = str(one)
            if ends and name not in ends:
                raise Uncertain
            if one is not None:
                found[ends.get(name, name)] = max(1, found[ends.get(name, name)])
        else:
            raise Uncertain
    return found


def _plain_targets(step: TraceStep, index: RunIndex) -> set[str]:
    graph = index.graph(step)
    edges = graph.edges if graph is not None else ()
    return {edge.target for edge in edges if edge.source == step.node_name and not edge.conditional}


def _is_slip(key: str, step: TraceStep, asked: set[str]) -> bool:
    """Whether the state has a key of nearly this name that nobody asks for; an open state may lack a key."""
    return any(
        closeness(name, key) >= CLOSE and name not in asked for name in {**step.input_state, **step.output_state}
    )


def _comparisons(rule: Any) -> Iterator[tuple[list[Any], list[Any]]]:
    waiting = [rule]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            if len(part) == 3 and part[0] in ("==", "!=") and isinstance(part[1], list) and isinstance(part[2], list):
                yield part[1], part[2]
            if part[:1] != ["call"]:  # in a helper the names mean something else
                waiting.extend(part)


def _field_read(rule: list[Any], states: set[str]) -> str:
    """The field that a rule takes out of the state; empty for any other rule."""
    if len(rule) == 3 and rule[0] in ("item", "get", "attribute") and rule[1][:1] == ["name"] and rule[1][1] in states:
        key = rule[2][1] if isinstance(rule[2], list) and rule[2][:1] == ["const"] else rule[2]
        return key if isinstance(key, str) else ""
    return ""


def _words_of(spec: TypeSpec) -> frozenset[str]:
    """All words that a type allows; empty when it allows others."""
    if spec.kind == "literal":
        return frozenset(one for one in spec.values if isinstance(one, str))
    if spec.kind == "union":
        parts = [one for one in spec.args if one.kind != "none"]
        return _words_of(parts[0]) if len(parts) == 1 else frozenset()
    return frozenset()
