"""What ties values of a run together: whether a relation holds, and which ones do.

Invariants are mined as Daikon does it (M. Ernst, J. Cockrell, W. Griswold, D. Notkin, "Dynamically discovering likely
program invariants to support program evolution", IEEE TSE 27(2), 2001): a fixed grammar of relations is tried on the
values of a run, one that a run breaks is gone for good, and what is left is believed when it is too regular for chance,
see :attr:`argus.model.profile.Relation.confidence`.
"""

from __future__ import annotations

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from argus.learning.executions import Execution, Value
from argus.model.profile import Origin, Relation, RelationKind, Term

__all__ = ["Candidate", "Known", "Search", "holds", "search"]

_TRIED: Final = 10
"""Numbers, and lists, of a step that are tried with each other, at most."""

_ALIKE: Final = 8
"""Where more values of a step are equal, none of them is taken to be another one's copy."""

_TOLERANCE: Final = 1e-6
_ROUNDING: Final = 0.0051
"""Half a cent, and what floats lose: sums of money are rounded to cents."""

_ROUNDED_FROM: Final = 1.0


class Known(NamedTuple):
    """A value, and the term that stands for it."""

    term: Term
    value: Value


class Candidate(NamedTuple):
    """A relation that holds in one execution.

    Attributes:
        kind: What it says.
        result: What it is about.
        of: What it is compared with.
        trials: Comparisons of its result that were made while looking for such relations.
    """

    kind: RelationKind
    result: Term
    of: tuple[Term, ...]
    trials: int


class Search(NamedTuple):
    """What was found in one execution.

    Attributes:
        found: The relations that hold.
        terms: What was looked at.
    """

    found: tuple[Candidate, ...]
    terms: tuple[Term, ...]


def holds(relation: Relation, execution: Execution) -> bool | None:
    """Whether a relation holds in an execution.

    Args:
        relation: Any relation.
        execution: Of any node.

    Returns:
        None when it says nothing of it: it is another node, or a value is not there or not wholly known.
    """
    if execution.place != relation.result.node:
        return None
    result = _value(relation.result, execution)
    of = [_value(term, execution) for term in relation.of]
    if result is None or any(one is None for one in of):
        return None
    return _RULES[relation.kind](result, [one for one in of if one is not None])


def search(execution: Execution) -> Search:
    """The relations that hold in an execution.

    Args:
        execution: One execution.
    """
    place = execution.place
    own = _telling(place, "update", execution.update)
    given = _telling(place, "input", execution.given)
    earlier = [
        known
        for node, update in execution.earlier.items()
        if node != place
        for known in _telling(node, "update", update)
    ]
    found: list[Candidate] = [*_copies(own, given, earlier)]
    # what a node only hands on is no result of its own, and stands for itself on both sides
    handed_on = {(known.term.path, known.value.key) for known in own} & {
        (known.term.path, known.value.key) for known in given
    }
    results = [known for known in own if (known.term.path, known.value.key) not in handed_on]
    others = [*own, *(known for known in given if (known.term.path, known.value.key) not in handed_on)]
    found += _between_lists(_lists(results), _lists(others))
    found += _of_lists(_numbers(results), _lists(others))
    found += _products(_numbers(results), _lists(others))
    found += _sizes(_lists(results), [known for known in _numbers(others) if known.term.origin == "input"])
    found += _of_numbers(_numbers(results), _numbers(others))
    return Search(tuple(found), tuple(known.term for known in (*own, *given, *earlier)))


def _copies(own: Sequence[Known], given: Sequence[Known], earlier: Sequence[Known]) -> Iterable[Candidate]:
    """Equal values; an earlier step counts where the input does not have the value."""
    trials = len(own) + len(given)
    in_input, before = _by_key(given), _by_key(earlier)
    found: dict[tuple[Term, Term], Candidate] = {}
    for key, results in _by_key(own).items():
        others = in_input.get(key, [])
        if len(results) + len(others) > _ALIKE:
            continue
        handed_on = {other.path for other in others}
        new = [result for result in results if result.path not in handed_on]
        pairs = [(result, other) for other, result in combinations(results, 2) if result in new]
        pairs += [
            (result, other) for result in results for other in others if result in new or result.path == other.path
        ]
        for result, other in pairs:
            found[result, other] = Candidate("equal", result, (other,), trials)
        if not others:
            for result in results:
                for other in before.get(key, [])[:_ALIKE]:
                    found[result, other] = Candidate("equal", result, (other,), trials + len(earlier))
    return [candidate for terms, candidate in found.items() if not _is_part(*terms, found)]


def _is_part(result: Term, other: Term, equal: Container[tuple[Term, Term]]) -> bool:
    """Whether wholes are equal of which these are parts, so that it says nothing more that the parts are."""
    return any(
        (Term(result.node, result.origin, one), Term(other.node, other.origin, two)) in equal
        for one, two in _wholes(result.path, other.path)
    )


def _between_lists(results: Sequence[Known], others: Sequence[Known]) -> Iterator[Candidate]:
    new = {known.term for known in results}
    pairs = [(one, other) for one in results for other in others if one.term != other.term]
    for one, other in pairs:
        if one.term.origin == other.term.origin and _outermost(one.term) == _outermost(other.term):
            continue
        wholes = "[]" not in one.term.path and "[]" not in other.term.path
        is_first = other.term not in new or one.term.path > other.term.path  # lengths are equal in both directions
        if wholes and is_first and _same_length(one.value, [other.value]):
            yield Candidate("same_length", one.term, (other.term,), len(pairs))
        if _subset(one.value, [other.value]):
            yield Candidate("subset", one.term, (other.term,), len(pairs))


def _of_lists(results: Sequence[Known], lists: Sequence[Known]) -> Iterator[Candidate]:
    for result in results:
        for one in lists:
            if "[]" not in one.term.path and _count(result.value, [one.value]):
                yield Candidate("count", result.term, (one.term,), 2 * len(lists))
            if _sum(result.value, [one.value]):
                yield Candidate("sum", result.term, (one.term,), 2 * len(lists))


def _products(results: Sequence[Known], lists: Sequence[Known]) -> Iterator[Candidate]:
    """Sums of products: two columns of one list, such as quantities and prices."""
    columns = [known for known in lists if known.value.numbers and "[]" in known.term.path]
    pairs = [
        (one, other)
        for one, other in combinations(columns, 2)
        if one.term.origin == other.term.origin and _outermost(one.term) == _outermost(other.term)
    ]
    for result in results:
        for one, other in pairs:
            if _dot(result.value, [one.value, other.value]):
                yield Candidate("dot", result.term, (one.term, other.term), len(pairs) + len(lists))


def _sizes(results: Sequence[Known], numbers: Sequence[Known]) -> Iterator[Candidate]:
    for result in results:
        for one in numbers:
            if "[]" not in result.term.path and _sized(result.value, [one.value]):
                yield Candidate("sized", result.term, (one.term,), len(numbers))


def _of_numbers(results: Sequence[Known], others: Sequence[Known]) -> Iterator[Candidate]:
    """What two numbers make, looked up among the results in order of size.

    A result that is another result less a number is left out: the sum says it as well.
    """
    ranked = sorted(results, key=_number_of)
    values = [_number_of(known) for known in ranked]
    new = {known.term for known in results}
    pairs = [*combinations(others, 2)]
    orders = [(one, other) for one in others if one.term not in new for other in others if one.term != other.term]
    made: list[tuple[RelationKind, Known, Known, float]] = []
    for one, other in pairs:
        first, second = sorted((one, other), key=lambda known: str(known.term))
        made.append(("plus", first, second, _number_of(one) + _number_of(other)))
        made.append(("times", first, second, _number_of(one) * _number_of(other)))
    made += [("minus", one, other, _number_of(one) - _number_of(other)) for one, other in orders]
    for kind, one, other, value in made:
        slack = max(_ROUNDING, 2 * _TOLERANCE * abs(value))
        for rank in range(bisect_left(values, value - slack), bisect_right(values, value + slack)):
            result = ranked[rank].term
            if result not in (one.term, other.term) and _is_near(values[rank], value):
                yield Candidate(kind, result, (one.term, other.term), len(made))


def _lists(group: Sequence[Known]) -> list[Known]:
    return [known for known in group if known.value.items is not None][:_TRIED]


def _numbers(group: Sequence[Known]) -> list[Known]:
    return [known for known in group if known.value.number is not None][:_TRIED]


def _number_of(known: Known) -> float:
    return known.value.number or 0.0


def _telling(place: str, origin: Origin, values: Mapping[str, Value]) -> list[Known]:
    return [Known(Term(place, origin, path), value) for path, value in values.items() if value.is_telling]


def _by_key(group: Iterable[Known]) -> dict[Hashable, list[Term]]:
    found: dict[Hashable, list[Term]] = {}
    for term, value in group:
        found.setdefault(value.key, []).append(term)
    return found


def _outermost(term: Term) -> str:
    return term.path.partition("[]")[0]


def _wholes(one: str, other: str) -> Iterable[tuple[str, str]]:
    """The pairs of paths that end in the same way, shorter and shorter."""
    while True:
        head, tail = _parent(one)
        other_head, other_tail = _parent(other)
        if not head or not other_head or tail != other_tail:
            return
        yield head, other_head
        one, other = head, other_head


def _parent(path: str) -> tuple[str, str]:
    head, dot, tail = path.rpartition(".")
    return head.removesuffix("[]"), f"{'[]' if head.endswith('[]') else ''}{dot}{tail}"


def _value(term: Term, execution: Execution) -> Value | None:
    return execution.value(term.node, term.origin, term.path)


def _is_near(one: float, other: float) -> bool:
    distance = abs(one - other)
    if distance <= _TOLERANCE * max(abs(one), abs(other)):
        return True
    return distance <= _ROUNDING and abs(one) >= _ROUNDED_FROM and not (one.is_integer() and other.is_integer())


def _equal(result: Value, of: Sequence[Value]) -> bool | None:
    return result.key == of[0].key


def _subset(result: Value, of: Sequence[Value]) -> bool | None:
    if result.items is None or of[0].items is None:
        return None
    return set(of[0].items).issuperset(result.items)


def _same_length(result: Value, of: Sequence[Value]) -> bool | None:
    if result.items is None or of[0].items is None:
        return None
    return len(result.items) == len(of[0].items)


def _count(result: Value, of: Sequence[Value]) -> bool | None:
    if result.number is None or of[0].items is None:
        return None
    return result.number == len(of[0].items)


def _sized(result: Value, of: Sequence[Value]) -> bool | None:
    if result.items is None or of[0].number is None:
        return None
    return len(result.items) == of[0].number


def _sum(result: Value, of: Sequence[Value]) -> bool | None:
    if result.number is None or of[0].items is None or (of[0].numbers is None and of[0].items):
        return None
    return _is_near(result.number, sum(of[0].numbers or ()))


def _dot(result: Value, of: Sequence[Value]) -> bool | None:
    ours, theirs = of[0].numbers, of[1].numbers
    if result.number is None or ours is None or theirs is None or len(ours) != len(theirs):
        return None
    return _is_near(result.number, sum(map(operator.mul, ours, theirs)))


def _plus(result: Value, of: Sequence[Value]) -> bool | None:
    if result.number is None or of[0].number is None or of[1].number is None:
        return None
    return _is_near(result.number, of[0].number + of[1].number)


def _minus(result: Value, of: Sequence[Value]) -> bool | None:
    if result.number is None or of[0].number is None or of[1].number is None:
        return None
    return _is_near(result.number, of[0].number - of[1].number)


def _times(result: Value, of: Sequence[Value]) -> bool | None:
    if result.number is None or of[0].number is None or of[1].number is None:
        return None
    return _is_near(result.number, of[0].number * of[1].number)


_RULES: Final[Mapping[RelationKind, Callable[[Value, Sequence[Value]], bool | None]]] = {
    "equal": _equal,
    "subset": _subset,
    "same_length": _same_length,
    "count": _count,
    "sized": _sized,
    "sum": _sum,
    "dot": _dot,
    "plus": _plus,
    "minus": _minus,
    "times": _times,
}
