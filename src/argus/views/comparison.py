"""Two runs side by side: which steps belong together, and what differs between them.

Steps are matched by node, round and branch within matching executions of a graph: the third visit of a node in one run
belongs to its third visit in the other, whatever happened in between. Branches of a fan-out are matched by what they
were given, then by their order. Everything is linear in the two traces.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

from argus.model.detection import Detection
from argus.model.record import Record
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue
from argus.views.amounts import count
from argus.views.neutral import neutral
from argus.views.paths import MISSING

__all__ = ["Comparison", "FieldDifference", "StepPair", "compare"]

PairKind: TypeAlias = Literal["same", "changed", "missing", "inserted", "repeated"]
"""``same`` and ``changed``: in both runs; ``missing``: only in the first; ``inserted``: only in the second;
``repeated``: only in the second, one more round of a node that both have."""

_sorted = msgspec.json.Encoder(order="sorted")
_DEPTH: Final = 4
_FIELDS: Final = 200
_MADE_UP: Final = frozenset({"id", "response_metadata", "usage_metadata"})
"""Keys of a message that differ between any two runs."""

_Place: TypeAlias = "tuple[object, ...]"


class FieldDifference(Record, frozen=True, kw_only=True):
    """A value that differs.

    Attributes:
        mark: ``+`` only in the second run; ``-`` only in the first; ``~`` in both, with other values.
        path: The field or dotted path.
        a: The value in the first run; None when absent.
        b: The value in the second run; None when absent.
    """

    mark: Literal["+", "-", "~"]
    path: str
    a: JsonValue = None
    b: JsonValue = None


class StepPair(Record, frozen=True, kw_only=True):
    """A step of one run and its counterpart in the other.

    Attributes:
        kind: How they compare.
        node_name: Their node.
        depth: Nesting, from 0.
        round: The visit of the node in its execution of the graph, from 1.
        branch: The branch of a fan-out, from 1; 0 when the node ran once at that moment.
        a: The id of the step in the first run, or None.
        b: The id of the step in the second run, or None.
        a_number: Its number in the first run, or None.
        b_number: Its number in the second run, or None.
        fields: What differs in what they wrote.
        fields_left_out: Differences beyond those listed.
        outcomes: How the two ended, when differently; an exception by its class.
        input_differs: Whether they were given different things.
        a_ms: Wall time in the first run, or None.
        b_ms: Wall time in the second run, or None.
    """

    kind: PairKind
    node_name: str
    depth: int = 0
    round: int = 1
    branch: int = 0
    a: str | None = None
    b: str | None = None
    a_number: int | None = None
    b_number: int | None = None
    fields: tuple[FieldDifference, ...] = ()
    fields_left_out: int = 0
    outcomes: tuple[str, str] | None = None
    input_differs: bool = False
    a_ms: float | None = None
    b_ms: float | None = None


class Comparison(Record, frozen=True, kw_only=True):
    """Two runs side by side.

    Attributes:
        a: The id of the first run.
        b: The id of the second run.
        sentence: What it comes down to.
        steps: The pairs, in the order of the runs.
        first_difference: The index in ``steps`` of the first pair that is not the same, or None.
        counts: How many pairs there are of each kind.
        input: What differs in what the callers passed in.
        output: What differs in what the callers got back.
        gained: Findings of the second run that the first does not have.
        lost: Findings of the first run that the second does not have.
        a_ms: Duration of the first run.
        b_ms: Duration of the second run.
        a_tokens: Tokens of the first run, or None when not told.
        b_tokens: Tokens of the second run, or None when not told.
    """

    a: str
    b: str
    sentence: str
    steps: tuple[StepPair, ...] = ()
    first_difference: int | None = None
    counts: dict[str, int] = {}
    input: tuple[FieldDifference, ...] = ()
    output: tuple[FieldDifference, ...] = ()
    gained: tuple[Detection, ...] = ()
    lost: tuple[Detection, ...] = ()
    a_ms: float = 0.0
    b_ms: float = 0.0
    a_tokens: int | None = None
    b_tokens: int | None = None


def compare(a: Trace, b: Trace) -> Comparison:
    """Puts two runs side by side.

    Args:
        a: The first run, such as the failed one.
        b: The second run, such as its replay.

    Returns:
        Matched steps with their differences; ids that models and frameworks make up anew each time do not count.
    """
    pairs = tuple(_pairs(a, b))
    first = next((index for index, pair in enumerate(pairs) if pair.kind != "same"), None)
    given, _ = _differences(a.input, b.input)
    output, _ = _differences(a.output, b.output)
    gained, lost = _findings(a, b)
    return Comparison(
        a=a.id,
        b=b.id,
        sentence=_sentence(pairs, first, output, gained, lost),
        steps=pairs,
        first_difference=first,
        counts=dict(Counter(pair.kind for pair in pairs)),
        input=given,
        output=output,
        gained=gained,
        lost=lost,
        a_ms=a.duration_ms,
        b_ms=b.duration_ms,
        a_tokens=_tokens(a),
        b_tokens=_tokens(b),
    )


# matching


class _Placed:
    """The steps of one run, each with the place by which it is matched."""

    def __init__(self, trace: Trace) -> None:
        self.steps: list[TraceStep] = []
        self.places: list[_Place] = []
        self.depths: list[int] = []
        self._known: dict[str, tuple[_Place, int]] = {}
        self._visits: dict[_Place, list[object]] = defaultdict(list)
        self._branches: Counter[_Place] = Counter()
        for step in trace.steps:
            self._add(step)
        self.index = {place: number for number, place in enumerate(self.places)}

    def _add(self, step: TraceStep) -> None:
        outer, depth = self._known.get(step.parent_id or "", ((), -1))
        node: _Place = (outer, step.node_name)
        superstep = step.metadata.get("superstep")
        moment = superstep if isinstance(superstep, int) else step.step_number
        visits = self._visits[node]
        retried = step.attempt > 1 and bool(visits)
        if not retried and (not visits or visits[-1] != moment):
            visits.append(moment)
        visit: _Place = (*node, len(visits), step.attempt)
        self._branches[visit] += 1
        place: _Place = (*visit, self._branches[visit])
        self._known.setdefault(step.id, (place, depth + 1))
        self.steps.append(step)
        self.places.append(place)
        self.depths.append(depth + 1)

    def alone(self, place: _Place) -> bool:
        """Whether a node ran only once at the moment of a place."""
        return self._branches[place[:-1]] == 1

    def has(self, node: _Place) -> bool:
        """Whether a node ran at all in an execution of a graph."""
        return node in self._visits


def _pairs(a: Trace, b: Trace) -> Iterator[StepPair]:
    one, other = _Placed(a), _Placed(b)
    partner = _partners(one, other)
    taken = set(partner.values())
    after: dict[int, list[int]] = defaultdict(list)
    last = -1
    backwards = {number_b: number_a for number_a, number_b in partner.items()}
    for number_b in range(len(other.steps)):
        if number_b in taken:
            last = max(last, backwards[number_b])
        else:
            after[last].append(number_b)
    for number_a in range(-1, len(one.steps)):
        if number_a in partner:
            yield _both(one, number_a, other, partner[number_a])
        elif number_a >= 0:
            yield _only(one, number_a, "missing")
        for number_b in after.get(number_a, ()):
            place = other.places[number_b]
            more = one.has(place[:2]) and isinstance(place[2], int) and place[2] > 1
            yield _only(other, number_b, "repeated" if more else "inserted")


def _partners(one: _Placed, other: _Placed) -> dict[int, int]:
    """Which step of the first run belongs to which of the second: by place, branches by what they were given."""
    partner: dict[int, int] = {}
    fans: dict[_Place, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, placed in enumerate((one, other)):
        for number, place in enumerate(placed.places):
            fans[place[:-1]][side].append(number)
    for numbers_a, numbers_b in fans.values():
        left = list(numbers_b)
        rest: list[int] = []
        given: dict[str, list[int]] = defaultdict(list)
        if len(numbers_a) > 1 or len(numbers_b) > 1:
            for number in left:
                given[repr(other.steps[number].input_state)].append(number)
            for number in numbers_a:
                alike = given.get(repr(one.steps[number].input_state))
                if alike:
                    partner[number] = alike.pop(0)
                else:
                    rest.append(number)
            matched = set(partner.values())
            left = [number for number in left if number not in matched]
        else:
            rest = list(numbers_a)
        partner.update(zip(rest, left, strict=False))
    return partner


def _both(one: _Placed, number_a: int, other: _Placed, number_b: int) -> StepPair:
    a, b = one.steps[number_a], other.steps[number_b]
    fields, left_out = _differences(a.output_state, b.output_state)
    ends = (_end(a), _end(b))
    outcomes = ends if ends[0] != ends[1] else None
    place = one.places[number_a]
    return StepPair(
        kind="changed" if fields or outcomes else "same",
        node_name=a.node_name,
        depth=one.depths[number_a],
        round=_round(place),
        branch=0 if one.alone(place) else _branch(place),
        a=a.id,
        b=b.id,
        a_number=a.step_number,
        b_number=b.step_number,
        fields=fields,
        fields_left_out=left_out,
        outcomes=outcomes,
        input_differs=not _alike(a.input_state, b.input_state),
        a_ms=a.duration_ms,
        b_ms=b.duration_ms,
    )


def _only(placed: _Placed, number: int, kind: PairKind) -> StepPair:
    step, place = placed.steps[number], placed.places[number]
    pair = StepPair(
        kind=kind,
        node_name=step.node_name,
        depth=placed.depths[number],
        round=_round(place),
        branch=0 if placed.alone(place) else _branch(place),
    )

    if kind == "missing":
        return msgspec.structs.replace(pair, a=step.id, a_number=step.step_number, a_ms=step.duration_ms)
    return msgspec.structs.replace(pair, b=step.id, b_number=step.step_number, b_ms=step.duration_ms)


def _round(place: _Place) -> int:
    return place[2] if isinstance(place[2], int) else 1


def _branch(place: _Place) -> int:
    return place[-1] if isinstance(place[-1], int) else 1


def _end(step: TraceStep) -> str:
    return step.error.type if step.error is not None else step.outcome


# values


def _differences(a: JsonValue, b: JsonValue) -> tuple[tuple[FieldDifference, ...], int]:
    """What differs between two values, dicts opened to a bounded depth, and how many differences are not listed."""
    listed: list[FieldDifference] = []
    left_out = 0
    for difference in _walk("", a, b, _DEPTH):
        if len(listed) < _FIELDS:
            listed.append(difference)
        else:
            left_out += 1
    return tuple(listed), left_out


def _walk(path: str, a: JsonValue, b: JsonValue, depth: int) -> Iterator[FieldDifference]:
    if _alike(a, b):
        return
    if isinstance(a, dict) and isinstance(b, dict) and depth:
        for key in dict.fromkeys((*a, *b)):
            inner = f"{path}.{key}" if path else str(key)
            yield from _walk(inner, a.get(key, MISSING), b.get(key, MISSING), depth - 1)
    elif a is MISSING:
        yield FieldDifference(mark="+", path=path, b=b)
    elif b is MISSING:
        yield FieldDifference(mark="-", path=path, a=a)
    else:
        yield FieldDifference(mark="~", path=path, a=a, b=b)


def _alike(a: Any, b: Any) -> bool:
    """Whether two values are equal but for what is made up anew in every run."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    try:
        if bool(a == b):
            return not isinstance(a, (dict, list)) or _spelled_alike(a, b)
        if isinstance(a, dict):
            made_up = _MADE_UP if _is_message(a) and _is_message(b) else frozenset()
            keys = (a.keys() | b.keys()) - made_up
            return all(key in a and key in b and _alike(a[key], b[key]) for key in keys)
        if isinstance(a, list):
            return len(a) == len(b) and all(_alike(*items) for items in zip(a, b, strict=True))
    except RecursionError:
        return False
    return False


def _spelled_alike(a: Any, b: Any) -> bool:
    """Whether equal containers are written alike, too: to Python 1 and True are equal."""
    try:
        return _sorted.encode(a) == _sorted.encode(b)
    except (UnicodeEncodeError, TypeError, ValueError, OverflowError, RecursionError):
        return repr(a) == repr(b)


def _is_message(value: dict[str, JsonValue]) -> bool:
    return "content" in value and ("type" in value or "role" in value)


# the whole


def _findings(a: Trace, b: Trace) -> tuple[tuple[Detection, ...], tuple[Detection, ...]]:
    """The findings of the second run that the first lacks, and the other way round; by code, node and field."""
    ours, theirs = _keyed(a), _keyed(b)
    had = Counter(key for key, _ in ours)
    has = Counter(key for key, _ in theirs)
    return tuple(_beyond(theirs, had)), tuple(_beyond(ours, has))


def _keyed(trace: Trace) -> list[tuple[_Place, Detection]]:
    nodes = {step.id: step.node_name for step in trace.steps}
    return [
        ((one.code or one.layer, nodes.get(one.step_id), one.field), one)
        for one in trace.detections
        if one.suppressed is None
    ]


def _beyond(findings: list[tuple[_Place, Detection]], known: Counter[_Place]) -> Iterator[Detection]:
    left = Counter(known)
    for key, finding in findings:
        if left[key] > 0:
            left[key] -= 1
        else:
            yield finding


def _tokens(trace: Trace) -> int | None:
    told = [
        step.token_usage.total_tokens
        for step in trace.steps
        if step.token_usage is not None and step.token_usage.total_tokens is not None
    ]
    return sum(told) if told else None


def _sentence(
    pairs: Sequence[StepPair],
    first: int | None,
    output: tuple[FieldDifference, ...],
    gained: tuple[Detection, ...],
    lost: tuple[Detection, ...],
) -> str:
    if first is None:
        rest = "but their outputs differ." if output else "with the same output."
        return f"Both runs did the same in {count(len(pairs), 'step')}, {rest}"
    parts = [f"The first difference is {_told(pairs[first])}"]
    if lost or gained:
        parts.append(f"findings: {len(lost)} gone, {len(gained)} new")
    return "; ".join(parts) + "."


def _told(pair: StepPair) -> str:
    node = f"`{neutral(pair.node_name)[:80]}`"
    number = pair.a_number if pair.a_number is not None else pair.b_number
    where = f"at step {number}, {node}"
    if pair.kind == "missing":
        return f"{where}: only in the first run"
    if pair.kind == "inserted":
        return f"{where}: only in the second run"
    if pair.kind == "repeated":
        return f"{where}: round {pair.round} is only in the second run"
    if pair.outcomes is not None:
        return f"{where}: {pair.outcomes[0]} became {pair.outcomes[1]}"
    change = pair.fields[0]
    did = {"+": "is new", "-": "is gone", "~": "differs"}[change.mark]
    more = f" and {count(len(pair.fields) - 1 + pair.fields_left_out, 'more field')}" if len(pair.fields) > 1 else ""
    return f"{where}: `{neutral(change.path)[:80]}` {did}{more}"
