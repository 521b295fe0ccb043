"""What was learned of a pipeline, as rows to show."""

from __future__ import annotations

from collections.abc import Iterator

from argus.model.profile import FieldProfile, NodeProfile, Profile
from argus.model.record import Record
from argus.model.spread import Spread
from argus.views.amounts import count

__all__ = ["LearnedField", "LearnedNode", "LearnedPipeline", "LearnedRelation", "Range", "learned_pipeline", "said_of"]

_CHOICES = 5


class Range(Record, frozen=True, kw_only=True):
    """How numbers are spread.

    Attributes:
        minimum: The smallest.
        median: The middle one.
        maximum: The largest.
        count: How many there were.
    """

    minimum: float
    median: float
    maximum: float
    count: int


class LearnedField(Record, frozen=True, kw_only=True):
    """One path in the updates of a node.

    Attributes:
        path: Such as ``items[].id``.
        runs: Runs that had it.
        present: How often it was there.
        of: How often it could have been.
        types: How often it was of which type.
        blank: How often it was empty.
        numbers: Its numbers.
        lengths: Characters of its texts.
        sizes: Items of its lists.
        choices: The few texts that it chooses from.
        format: The format that all its texts had, such as ``date``.
        order: ``ascending`` or ``descending``, if all its lists were.
        unique: Whether nothing ever stood twice in its lists.
        languages: The languages of its texts.
    """

    path: str
    runs: int
    present: int
    of: int
    types: dict[str, int]
    blank: int
    numbers: Range | None
    lengths: Range | None
    sizes: Range | None
    choices: tuple[str, ...] | None
    format: str | None
    order: str | None
    unique: bool
    languages: tuple[str, ...]


class LearnedRelation(Record, frozen=True, kw_only=True):
    """Something that held in every run.

    Attributes:
        says: As people read it.
        kind: See :class:`argus.model.profile.Relation`.
        runs: Runs that showed it.
        confidence: That it is no coincidence, from 0 to 1.
    """

    says: str
    kind: str
    runs: int
    confidence: float


class LearnedNode(Record, frozen=True, kw_only=True):
    """One node.

    Attributes:
        place: Its name, after those of the nodes it runs inside.
        runs: Runs in which it ran.
        executions: Its executions.
        width: Executions within one run.
        fields: In order of path.
    """

    place: str
    runs: int
    executions: int
    width: Range | None
    fields: tuple[LearnedField, ...]


class LearnedPipeline(Record, frozen=True, kw_only=True):
    """One pipeline and graph version.

    Attributes:
        pipeline_name: The pipeline.
        graph_version: The version of its graph, or None when unknown.
        runs: Runs that taught.
        nodes: In order of place.
        relations: Those that coincidence does not explain.
        is_full: Whether something was left out because what is learned is bounded.
    """

    pipeline_name: str
    graph_version: str | None
    runs: int
    nodes: tuple[LearnedNode, ...]
    relations: tuple[LearnedRelation, ...]
    is_full: bool


def learned_pipeline(pipeline_name: str, graph_version: str | None, profile: Profile) -> LearnedPipeline:
    """A profile to be shown.

    Args:
        pipeline_name: Whose it is.
        graph_version: Of which version of its graph.
        profile: What was learned.
    """
    return LearnedPipeline(
        pipeline_name=pipeline_name,
        graph_version=graph_version,
        runs=profile.runs,
        nodes=tuple(_node(node) for node in profile.nodes.values()),
        relations=tuple(
            LearnedRelation(says=str(one), kind=one.kind, runs=one.runs, confidence=round(one.confidence, 4))
            for one in profile.believed
        ),
        is_full=profile.is_full,
    )


def said_of(field: LearnedField) -> str:
    """What was learned of a path, in words.

    Args:
        field: The path.
    """
    return "; ".join(_said_of(field)) or "nothing yet"


def _said_of(field: LearnedField) -> Iterator[str]:
    yield " or ".join(sorted(field.types)) or "unknown"
    if field.of:
        yield "always there" if field.present == field.of else f"there {field.present:,} of {field.of:,} times"
    if field.format:
        yield f"always a {field.format}"
    elif field.choices:
        more = ", …" if field.choices[_CHOICES:] else ""
        yield "one of " + ", ".join(f"`{one}`" for one in field.choices[:_CHOICES]) + more
    if field.numbers:
        yield _span(field.numbers)
    if field.lengths and not field.choices and not field.format:
        yield _span(field.lengths, "character")
    if field.sizes and "dict" not in field.types:
        yield _span(field.sizes, "item")
    if field.order:
        yield f"always {field.order}"
    if field.unique:
        yield "nothing twice"
    if field.blank:
        yield f"empty {count(field.blank, 'time')}"


def _span(known: Range, noun: str = "") -> str:
    low, high = (f"{one:,.6g}" for one in (known.minimum, known.maximum))
    unit = f" {noun if low == high == '1' else noun + 's'}" if noun else ""
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}, median {known.median:,.6g}"


def _node(node: NodeProfile) -> LearnedNode:
    return LearnedNode(
        place=node.place,
        runs=node.runs,
        executions=node.executions,
        width=_range(node.width),
        fields=tuple(_field(field, node.opportunities(field.path)) for field in node.fields.values()),
    )


def _field(field: FieldProfile, opportunities: int) -> LearnedField:
    every = next((name for name, runs in field.formats.items() if field.texts and runs == field.texts), None)
    return LearnedField(
        path=field.path,
        runs=field.runs,
        present=field.present,
        of=0 if field.path.endswith("[]") else opportunities,
        types=field.types,
        blank=field.blank,
        numbers=_range(field.numbers),
        lengths=_range(field.lengths),
        sizes=_range(field.sizes),
        choices=field.choices,
        format=every,
        order=field.sequences.order if field.sequences else None,
        unique=bool(field.sequences and field.sequences.is_unique),
        languages=tuple(field.languages),
    )


def _range(spread: Spread | None) -> Range | None:
    if spread is None or not spread.count:
        return None
    return Range(minimum=spread.minimum, median=spread.median, maximum=spread.maximum, count=spread.count)
