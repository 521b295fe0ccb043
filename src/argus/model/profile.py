"""What healthy runs of one pipeline and graph version have shown, learned from them and never written by hand.

A profile is read by detectors through :meth:`argus.model.ports.History.profile`; :mod:`argus.learning` makes, joins and
freezes it. Nothing in it depends on the order of the runs, up to what is said at :func:`argus.learning.merge`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from argus.model.echoes import Echoes
from argus.model.record import Record
from argus.model.spread import Spread
from argus.model.ties import Tie

__all__ = [
    "CHANCE",
    "CHOICES",
    "VALUES_SEEN",
    "FieldProfile",
    "NodeProfile",
    "Origin",
    "Profile",
    "Relation",
    "RelationKind",
    "Sequences",
    "Term",
]

CHANCE = 0.01
"""A regularity that chance alone would bring about with this probability or more is not believed."""

CHOICES = 16
"""Different texts that are counted one by one, at most."""

VALUES_SEEN = 16
"""Different values that a relation counts, at most."""

_RARE = 0.1
_ENOUGH = 8

Origin = Literal["update", "input"]

RelationKind = Literal["equal", "subset", "same_length", "count", "sized", "sum", "dot", "plus", "minus", "times"]


class Sequences(Record, frozen=True, kw_only=True):
    """Lists of texts or of numbers, as sequences: whether they were sorted, whether something stood in them twice.

    Attributes:
        lists: Lists with at least two items that can be compared.
        unique: Of those, lists in which nothing stood twice.
        orderable: Lists with at least three items, not all alike.
        ascending: Of the orderable ones, those that never fall.
        descending: Of the orderable ones, those that never rise.
    """

    lists: int = 0
    unique: int = 0
    orderable: int = 0
    ascending: int = 0
    descending: int = 0

    @property
    def order(self) -> Literal["ascending", "descending"] | None:
        """The order that every list had, if chance does not explain it: three items are sorted once in six times."""
        if not self.orderable or (1 / 6) ** self.orderable >= CHANCE:
            return None
        if self.ascending == self.orderable:
            return "ascending"
        return "descending" if self.descending == self.orderable else None

    @property
    def is_unique(self) -> bool:
        """Whether nothing ever stood twice in a list, in five lists or more."""
        return self.lists >= 5 and self.unique == self.lists


class FieldProfile(Record, frozen=True, kw_only=True):
    """One path within the updates of one node.

    A path is a field's name, then keys of nested objects after dots; the items of a list are ``[]``, so ``items[].id``
    stands for the ``id`` of every item of ``items``. An update that is no mapping has the path ``__root__``.

    Attributes:
        path: The path.
        runs: Runs that had it.
        present: How often it was there: of the node's executions, or of the objects that could have had it.
        types: How often it was ``null``, ``bool``, ``int``, ``float``, ``str``, ``list``, ``dict``, ``redacted``,
            ``nan`` (or infinite) or ``opaque`` (what JSON cannot hold).
        blank: How often it was an empty list or object, or a text without anything but white space.
        numbers: Its numbers, of type ``int`` and ``float``.
        lengths: Characters of its texts, as they were before anything was cut.
        sizes: Items of its lists.
        told: The figures in its short texts, by the wording around them: a short hash of it, a colon, and which of the
            figures. None once there were too many wordings.
        texts: Runs in which it was a text that is not blank.
        keys: Whether its objects have keys of their own each time, as a mapping from ids has; then none are told apart.
        values: Its short texts, and in how many runs each was seen; None once there were too many or too long ones.
        formats: In how many runs all its texts were of a format: ``date``, ``datetime``, ``time``, ``email``, ``url``,
            ``uuid``, ``currency``, ``number``, ``json``.
        shapes: The shapes of its texts, and in how many runs each was seen: ``A`` for a capital letter, ``a`` for any
            other letter, ``9`` for a digit, everything else as it is. None once there were too many, or with white
            space inside.
        spelled: Whether ``shapes`` has one mark for every character; otherwise one mark stands for a number of them.
        languages: In how many texts a language was told, by its ISO 639-1 code.
        sequences: As a column: the items at this path of each list, where the path has ``[]``.
    """

    path: str
    runs: int = 0
    present: int = 0
    types: dict[str, int] = {}
    blank: int = 0
    numbers: Spread | None = None
    lengths: Spread | None = None
    sizes: Spread | None = None
    told: dict[str, Spread] | None = {}
    texts: int = 0
    keys: bool = False
    values: dict[str, int] | None = None
    formats: dict[str, int] = {}
    shapes: dict[str, int] | None = None
    spelled: bool = True
    languages: dict[str, int] = {}
    sequences: Sequences | None = None

    @property
    def choices(self) -> tuple[str, ...] | None:
        """The texts it chooses from, ascending; None unless chance is small that the next run brings another one.

        That chance is estimated as the share of runs whose value no other run had (Good and Turing: I. J. Good, "The
        population frequencies of species and the estimation of population parameters", 1953).
        """
        if not self.values or self.texts < _ENOUGH:
            return None
        once = sum(1 for count in self.values.values() if count == 1)
        if once / self.texts >= _RARE or len(self.values) * 2 > self.texts:
            return None
        return tuple(sorted(self.values))

    @property
    def parent(self) -> str | None:
        """The path of the object it is a key of; None for a field of the update itself and for items of a list."""
        head, dot, _ = self.path.rpartition(".")
        return head if dot else None


class Term(Record, frozen=True, array_like=True):
    """One side of a relation.

    Attributes:
        node: The node's place, see :class:`NodeProfile`.
        origin: ``update`` what the node returned; ``input`` what it was given.
        path: Within that; with ``[]``, the list of what all items have there.
    """

    node: str
    origin: Origin
    path: str

    def __str__(self) -> str:
        """As people read it: ``node.path``, or ``node(path)`` for what it was given."""
        return f"{self.node}.{self.path}" if self.origin == "update" else f"{self.node}({self.path})"


class Relation(Record, frozen=True, kw_only=True):
    """Something that tied values together in every healthy run in which they were there.

    ======================  ==================================================================
    kind                    says
    ======================  ==================================================================
    ``equal``               the result is the other value (across steps: it was copied)
    ``subset``              every item of the result is an item of the other list
    ``same_length``         both lists have as many items
    ``count``               the result is the number of items of the list
    ``sized``               the result is a list with as many items as the number says
    ``sum``                 the result is the sum of the list
    ``dot``                 the result is the sum of the products of two lists, item by item
    ``plus``, ``minus``     the result is the sum, or the difference, of two numbers
    ``times``               the result is the product of two numbers
    ======================  ==================================================================

    Attributes:
        kind: What it says.
        result: A path of the node's update.
        of: What it is compared with: one term, or two for ``dot``, ``plus``, ``minus`` and ``times``. From the same
            update, the step's input, or the latest update of a node that ran before it in the same graph.
        runs: Runs in which it could have been broken and was not.
        seen: In how many runs a value of the result was seen, by a short hash of the value; for ``subset``, an item of
            the other list. Of many values those with the smallest hashes.
        trials: How many comparisons were made to find it, at most in one run.
        items: For ``subset``, items of the result and of the other list, over all runs.
    """

    kind: RelationKind
    result: Term
    of: tuple[Term, ...]
    runs: int = 0
    seen: dict[str, int] = {}
    trials: int = 1
    items: tuple[int, int] = (0, 0)

    @property
    def confidence(self) -> float:
        """The probability that it is no coincidence, from 0 to 1.

        As Daikon justifies an invariant (M. Ernst, A. Czeisler, W. Griswold, D. Notkin, "Quickly detecting relevant
        program invariants", ICSE 2000): were the values unrelated, each drawn as often as it was seen, two of them
        would agree with the probability that two draws are alike, and in all runs with that to the power of the runs.
        An item would be in an unrelated list with the probability that the list holds any given one of all items seen.
        With as many comparisons as were made to find it, so many times more. A value that never changed explains
        everything, so that nothing built on it is believed.
        """
        if len(self.seen) < 2 or self.runs < 2:
            return 0.0
        if self.kind == "subset":
            ours, theirs = self.items
            chance = ours * math.log(min(theirs / self.runs / _different(self.seen), 1.0))
        else:
            known = sum(self.seen.values())
            alike = sum(count * count for count in self.seen.values()) / (known * known)
            chance = self.runs * math.log(alike)
        return max(0.0, 1.0 - self.trials * math.exp(min(chance, 0.0)))

    @property
    def is_believed(self) -> bool:
        """Whether :data:`CHANCE` is too small an explanation."""
        return 1.0 - self.confidence < CHANCE

    def __str__(self) -> str:
        """As people read it."""
        of = f" {_SIGNS.get(self.kind, '')} ".join(map(str, self.of))
        return _SENTENCES.get(self.kind, "{} = {}").format(self.result, of)


def _different(hashes: Mapping[str, int]) -> float:
    """How many different values there were, from those with the smallest hashes (Bar-Yossef and others, 2002)."""
    if len(hashes) < VALUES_SEEN:
        return len(hashes)
    return (len(hashes) - 1) / (int(max(hashes), 16) + 1) * 16.0 ** len(max(hashes))


_SIGNS = {"plus": "+", "minus": "-", "times": "×", "dot": "·"}
_SENTENCES = {
    "subset": "{} ⊆ {}",
    "same_length": "len({}) = len({})",
    "count": "{} = len({})",
    "sized": "len({}) = {}",
    "sum": "{} = sum({})",
}


class NodeProfile(Record, frozen=True, kw_only=True):
    """One node.

    Attributes:
        place: The node's name; inside a subgraph, the names on the way to it joined by ``/``.
        runs: Runs in which it ran and ended well.
        executions: Its executions that ended well.
        silent: Of those, the ones that returned nothing.
        failed: Attempts that ended in an error, which was retried or handled.
        calls: Tools called inside.
        failed_calls: Of those, the ones that ended in an error.
        width: Executions within one run.
        fields: By path.
        ties: How its numbers, lists and texts depend on what it was given, by path.
        echoes: Which outputs it gave for which inputs, by field.
    """

    place: str
    runs: int = 0
    executions: int = 0
    silent: int = 0
    failed: int = 0
    calls: int = 0
    failed_calls: int = 0
    width: Spread = Spread()
    fields: dict[str, FieldProfile] = {}
    ties: dict[str, Tie] = {}
    echoes: dict[str, Echoes] = {}

    def opportunities(self, path: str) -> int:
        """How often a path could have been there: executions that returned something, or objects it is a key of.

        Args:
            path: Any path.
        """
        if path.endswith("[]"):
            known = self.fields.get(path.removesuffix("[]"))
            return known.types.get("list", 0) if known else 0
        head, dot, _ = path.rpartition(".")
        if not dot:
            return self.executions - self.silent
        parent = self.fields.get(head)
        return parent.types.get("dict", 0) if parent else 0

    def is_always_present(self, path: str) -> bool:
        """Whether a path was there whenever it could have been.

        Args:
            path: Any path.
        """
        known = self.fields.get(path)
        return known is not None and known.present == self.opportunities(path)


class Profile(Record, frozen=True, kw_only=True):
    """What healthy runs of one pipeline and graph version have shown.

    A run without findings of severity warning or worse, and no other, has taught it. The number of nodes, paths, values
    and relations is bounded, so that it stays small whatever the pipeline returns.

    Attributes:
        runs: How many runs have taught it; few of them prove little, which is for the reader to judge.
        nodes: By place.
        given: What the caller passed in, by path.
        relations: Ordered; those to believe are in :attr:`believed`.
        terms: What relations could have been about so far; a relation between known terms that is not in ``relations``
            did not always hold.
        refuted: Short hashes of relations that were believed possible and then broken.
        is_full: Whether something was left out because the profile is bounded.
    """

    runs: int = 0
    nodes: dict[str, NodeProfile] = {}
    given: dict[str, FieldProfile] = {}
    relations: tuple[Relation, ...] = ()
    terms: tuple[Term, ...] = ()
    refuted: tuple[str, ...] = ()
    is_full: bool = False

    @property
    def believed(self) -> tuple[Relation, ...]:
        """The relations that coincidence does not explain, without those that equality implies."""
        known = [one for one in self.relations if one.is_believed]
        equal = {(one.result, one.of) for one in known if one.kind == "equal"}
        return tuple(
            one for one in known if one.kind not in ("subset", "same_length") or (one.result, one.of) not in equal
        )

    def node(self, place: str) -> NodeProfile | None:
        """What is known of a node, or None.

        Args:
            place: See :class:`NodeProfile`.
        """
        return self.nodes.get(place)

    def field(self, place: str, path: str) -> FieldProfile | None:
        """What is known of a path in a node's updates, or None.

        Args:
            place: The node's place.
            path: The path.
        """
        node = self.nodes.get(place)
        return node.fields.get(path) if node else None
