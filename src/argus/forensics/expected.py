"""Where an absent field should have come from."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal, TypeAlias

from argus.dataflow.lineage import Lineage
from argus.dataflow.order import Scope
from argus.model.graph import START, GraphSpec, TypeSpec
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Expected", "Gap", "Gaps", "closeness", "fits"]

Gap: TypeAlias = Literal["misspelled", "undeclared", "omitted", "skipped", "imagined", "beside", "silent"]
"""``misspelled``: wrote it under another name; ``undeclared``: wrote it, but the state has no place for it;
``omitted``: its source writes it, this time it did not; ``skipped``: it decided against the node that writes it;
``imagined``: reads what no state and no source knows; ``beside``: no source writes the field, and this step wrote what
is read together with it; ``silent``: nothing is known of what it writes, and it wrote no such field."""

_CLOSE: Final = 0.7
_SHAPES: Final[dict[str, type | tuple[type, ...]]] = {
    "bool": bool, "int": int, "float": (int, float), "str": str, "list": list, "tuple": list, "set": list,
    "dict": dict, "object": dict, "message": dict,
}  # fmt: skip
_Place: TypeAlias = "tuple[int, TraceStep]"


@dataclass(frozen=True)
class Expected:
    """A step from which an absent field should have come.

    Attributes:
        step: The step.
        gap: Why the field is absent.
        key: The name under which it was written instead, or the node that was not run.
        sure: Whether the source leaves no other way, or the two names are alike.
    """

    step: TraceStep
    gap: Gap
    key: str = ""
    sure: bool = False


class Gaps:
    """Knows for every field which steps left it out. Built once, in time linear in the trace.

    Args:
        lineage: The run's data flow.
    """

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._omitted: dict[tuple[Scope, str], dict[str, list[_Place]]] = defaultdict(lambda: defaultdict(list))
        self._strange: dict[Scope, dict[str, list[_Place]]] = defaultdict(lambda: defaultdict(list))
        self._unknown: dict[Scope, dict[str, list[_Place]]] = defaultdict(lambda: defaultdict(list))
        self._read: dict[Scope, set[str]] = defaultdict(set)
        self._made: set[str] = set()
        self._makes: dict[Scope, dict[str, frozenset[str]]] = defaultdict(dict)
        for step in lineage.trace.steps:
            self._note(step)

    def _note(self, step: TraceStep) -> None:
        order = self._lineage.order
        spec = order.node(step)
        places = list(self._places(step))
        if step.outcome in ("ok", "cached"):
            strange = () if order.children(step) else step.output_state.keys() - order.fields(step).keys()
            for key in strange:
                for scope, moment in places:
                    self._strange[scope][key].append((moment, step))
            if not order.children(step):
                for field in spec.writes or () if spec is not None else ():
                    if field not in step.output_state:
                        for scope, moment in places:
                            self._omitted[scope, field][step.node_name].append((moment, step))
                if spec is None or spec.writes is None:
                    for scope, moment in places:
                        self._unknown[scope][step.node_name].append((moment, step))
        if spec is not None and spec.makes and step.node_name not in self._makes[places[0][0]]:
            self._makes[places[0][0]][step.node_name] = frozenset(spec.makes)
            self._made.update(spec.makes)
        for read in (spec.reads if spec is not None else None) or ():
            for scope, _ in places:
                self._read[scope].add(read.path.partition(".")[0])

    def _places(self, step: TraceStep) -> Iterator[tuple[Scope, int]]:
        """A step's own scope and moment, and those of the steps it ran inside."""
        order = self._lineage.order
        outer: TraceStep | None = step
        while outer is not None:
            yield order.scope(outer), order.moment(outer)
            outer = order.parent(outer)

    def expected(self, field: str, reader: TraceStep) -> list[Expected]:
        """The steps from which a field should have come that a reader did not find, the likeliest first.

        Args:
            field: A top-level field.
            reader: The step that did not find it.
        """
        place: TraceStep | None = reader
        while place is not None:
            found = self._expected(field, place)
            if any(one.gap != "silent" for one in found):
                return found
            place = self._lineage.order.parent(place)
        return self._expected(field, reader) or list(self._beside(field, reader))

    def _expected(self, field: str, reader: TraceStep) -> list[Expected]:
        scope = self._lineage.order.scope(reader)
        moment = self._lineage.order.moment(reader)
        undeclared = _last_before(self._strange[scope].get(field, []), moment)
        if undeclared is not None and self._is_closed(reader):
            return [Expected(undeclared, "undeclared", field, sure=True)]
        omitted = [
            one
            for one in self._omitters(scope, moment, field)
            if one.sure or one.step.node_name != reader.node_name  # what a node may write is not what it waits for
        ]
        misspelled = list(self._misspelled(scope, moment, field))
        if not misspelled and not omitted:
            misspelled = list(self._renamed(scope, moment, field, reader))
        if misspelled or omitted:
            return [*misspelled, *omitted]
        skipped = list(self._skipped(scope, moment, field, self._lineage.order.graph(reader)))
        if skipped:
            return skipped
        latest = (_last_before(places, moment) for places in self._unknown[scope].values())
        return [Expected(step, "silent") for step in latest if step is not None]

    def _beside(self, field: str, reader: TraceStep) -> Iterator[Expected]:
        """Where no source writes a field and the caller did not give it: whoever wrote what is read beside it."""
        graph = self._lineage.order.graph(reader)
        if graph is None or any(one.name == field for one in graph.input or ()):
            return
        if self._is_imagined(field, reader):
            yield Expected(reader, "imagined", sure=True)
            return
        writers: dict[str, TraceStep] = {}
        for read in self._lineage.reads(reader):
            step = self._lineage.writer_of(read.path, reader) if read.required and read.path != field else None
            if step is not None:
                writers[step.node_name] = step
        order = self._lineage.order
        just_before = {step.id for step in order.beside_before(reader)}
        if writers:
            namesake = [step for step in writers.values() if _shares_a_word(step.node_name, field)]
            latest = max(writers.values(), key=lambda step: step.step_number)
            outermost = latest
            while (outer := order.parent(outermost)) is not None and order.scope(outermost) != order.scope(reader):
                outermost = outer
            sure = len(writers) == 1 or len(namesake) == 1 or outermost.id in just_before
            yield Expected(namesake[0] if len(namesake) == 1 else latest, "beside", sure=sure)
        elif len(just_before) == 1 and order.beside_before(reader)[0].output_state:
            yield Expected(order.beside_before(reader)[0], "beside", sure=True)

    def overdue(self, field: str, reader: TraceStep, since: int | None) -> list[Expected]:
        """The steps that should have written a field anew since it was written last.

        Args:
            field: A top-level field.
            reader: The step that found an older value in it.
            since: The moment of that value; None for the start of the run.
        """
        order = self._lineage.order
        found = [
            *self._misspelled(order.scope(reader), order.moment(reader), field),
            *self._omitters(order.scope(reader), order.moment(reader), field),
        ]
        return [one for one in found if one.sure and (since is None or order.moment(one.step) > since)]

    def unfinished(self, field: str, key: str, reader: TraceStep, since: int | None) -> list[Expected]:
        """The steps that made a nested key and did not put it into the field in which it was looked for.

        Args:
            field: A top-level field.
            key: The key that was lacking in it.
            reader: The step that looked for it.
            since: The moment of the value it found; None for the start of the run.
        """
        order = self._lineage.order
        scope, moment = order.scope(reader), order.moment(reader)
        found: list[Expected] = []
        for node, makes in self._makes[scope].items():
            places = [(order.moment(one), one) for one in order.by_node[scope, node]] if key in makes else []
            step = _last_before(places, moment)
            if step is None or field in step.output_state or (since is not None and order.moment(step) <= since):
                continue
            if any(read.path.partition(".")[0] == field for read in self._lineage.reads(step)):
                found.append(Expected(step, "omitted", key))
        return found

    def makers(self, key: str) -> bool:
        """Whether the source of any node is known to put a key into a dict."""
        return key in self._made

    def _is_imagined(self, field: str, reader: TraceStep) -> bool:
        """Whether a node cannot do without a field that its graph does not have."""
        spec = self._lineage.order.node(reader)
        if spec is None or spec.kind != "node" or field in self._lineage.order.fields(reader):
            return False
        needed = any(read.path.partition(".")[0] == field and read.required for read in spec.reads or ())
        return needed and self._is_closed(reader)

    def _is_closed(self, step: TraceStep) -> bool:
        graph = self._lineage.order.graph(step)
        return graph is not None and graph.closed and bool(graph.state)

    def _misspelled(self, scope: Scope, moment: int, field: str) -> Iterator[Expected]:
        best: tuple[float, Expected] | None = None
        for key, places in self._strange[scope].items():
            wanted = key == field or key in self._read[scope]
            likeness = 0.0 if wanted else closeness(key, field)
            step = _last_before(places, moment)
            if step is not None and likeness >= _CLOSE and (best is None or likeness > best[0]):
                best = (likeness, Expected(step, "misspelled", key, sure=True))
        if best is not None:
            yield best[1]

    def _renamed(self, scope: Scope, moment: int, field: str, reader: TraceStep) -> Iterator[Expected]:
        """Where nobody writes a declared field: keys without a place in the state whose values would fit it."""
        spec = self._lineage.order.fields(reader).get(field)
        if spec is None:
            return
        for key, places in self._strange[scope].items():
            step = _last_before(places, moment)
            if step is not None and key not in self._read[scope] and fits(step.output_state.get(key), spec.type):
                yield Expected(step, "misspelled", key)

    def _omitters(self, scope: Scope, moment: int, field: str) -> Iterator[Expected]:
        for places in self._omitted[scope, field].values():
            step = _last_before(places, moment)
            if step is None:
                continue
            spec = self._lineage.order.node(step)
            ways = spec.returns if spec is not None else None
            yield Expected(step, "omitted", sure=bool(ways) and all(field in way for way in ways or ()))

    def _skipped(self, scope: Scope, moment: int, field: str, graph: GraphSpec | None) -> Iterator[Expected]:
        """The decisions that kept a node from running that would have written the field."""
        if graph is None:
            return
        order = self._lineage.order
        ran = {
            node.name
            for node in graph.nodes
            if (steps := order.by_node.get((scope, node.name))) and order.moment(steps[0]) < moment
        }
        seen: set[str] = set()
        for node in graph.nodes:
            if node.name in ran or field not in (node.writes or ()):
                continue
            pending = [node.name]
            while pending:
                target = pending.pop()
                for edge in graph.edges:
                    if edge.target != target or edge.source in seen or edge.source == START:
                        continue
                    seen.add(edge.source)
                    if edge.source not in ran:
                        pending.append(edge.source)
                    elif edge.conditional:
                        places = [(order.moment(one), one) for one in order.by_node[scope, edge.source]]
                        step = _last_before(places, moment)
                        if step is not None:
                            yield Expected(step, "skipped", node.name)


def fits(value: JsonValue, kind: TypeSpec) -> bool:
    """Whether a value may stand in a field of this type, going by its outermost shape.

    Args:
        value: A recorded value.
        kind: The declared type.
    """
    if kind.kind == "union":
        return any(fits(value, one) for one in kind.args)
    shape = _SHAPES.get(kind.kind)
    return shape is None or (isinstance(value, shape) and (kind.kind == "bool" or not isinstance(value, bool)))


def _last_before(places: list[_Place], moment: int) -> TraceStep | None:
    place = bisect_left(places, moment, key=lambda entry: entry[0])
    return places[place - 1][1] if place else None


def _shares_a_word(node: str, field: str) -> bool:
    return not {*node.lower().split("_")}.isdisjoint(field.lower().split("_"))


def closeness(name: str, other: str) -> float:
    """How likely one name was written for another, from 0 to 1.

    Args:
        name: A field name.
        other: Another one.
    """
    one, two = (text[:64].lower().replace("_", "").replace("-", "") for text in (name, other))
    if not one or not two:
        return 0.0
    if one == two:
        return 1.0
    short, long = sorted((one, two), key=len)
    if len(short) >= 3 and (long.startswith(short.rstrip("s")) or long.endswith(short)):
        return 0.9
    return SequenceMatcher(None, one, two, autojunk=False).ratio()
