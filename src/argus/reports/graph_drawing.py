"""Where everything in the picture of a graph stands, in pixels."""

from __future__ import annotations

from argus.model.graph import END, START
from argus.model.record import Record
from argus.views.amounts import duration
from argus.views.graph import GraphEdge, GraphNode, GraphView, ThreadHop
from argus.views.neutral import neutral

__all__ = ["Box", "Drawing", "Label", "Line", "draw_graph"]

_MOST_NODES = 60
_NARROWEST, _HEIGHT, _STOP_WIDTH, _STOP_HEIGHT = 84, 46, 48, 24
_COLUMN_GAP, _ROW_GAP, _MARGIN, _PADDING = 44, 26, 18, 10
_NAME_CHARACTERS, _FIELD_CHARACTERS = 16, 18
_NAME_WIDTH, _NOTE_WIDTH, _FIELD_WIDTH = 7.3, 6.2, 6.8
"""Pixels of one character in each of the three sizes of writing."""


class Box(Record, frozen=True, kw_only=True):
    """A node.

    Attributes:
        kind: ``stop`` (start and end), ``ran`` or ``idle``.
        role: ``cause``, ``path``, ``symptom`` or None.
        x: Its left edge.
        y: Its top edge.
        width: Its width.
        height: Its height.
        name: What is written on it.
        full_name: Its whole name.
        note: One fact below the name.
        stacked: Whether it ran more than once.
    """

    kind: str
    role: str | None
    x: int
    y: int
    width: int
    height: int
    name: str
    full_name: str
    note: str
    stacked: bool


class Line(Record, frozen=True, kw_only=True):
    """An edge, or a hop of the thread.

    Attributes:
        kind: ``edge``, ``idle`` (not taken) or ``thread``.
        path: SVG path data.
    """

    kind: str
    path: str


class Label(Record, frozen=True, kw_only=True):
    """A field's name on a hop.

    Attributes:
        x: Its centre.
        y: Its centre.
        width: The width of the ground behind it.
        text: The field, shortened.
    """

    x: int
    y: int
    width: int
    text: str


class Drawing(Record, frozen=True, kw_only=True):
    """A picture.

    Attributes:
        width: In pixels.
        height: In pixels.
        boxes: Nodes.
        lines: Edges first, then the thread.
        labels: Fields on the thread.
        title: One sentence for those who cannot see it.
    """

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    title: str


def draw_graph(view: GraphView) -> Drawing | None:
    """The picture of a graph, or None when it has too many nodes to be read.

    Args:
        view: The graph in columns.
    """
    if len(view.nodes) > _MOST_NODES:
        return None
    return _Picture(view).drawing()


class _Picture:
    """Places boxes, then lines between them, then crops to what was drawn."""

    def __init__(self, view: GraphView) -> None:
        self._view = view
        self._columns = {node.name: node.column for node in view.nodes}
        self._boxes = self._place()
        self._top = min(box.y for box in self._boxes.values())
        self._bottom = max(box.y + box.height for box in self._boxes.values())
        self._labels: list[Label] = []

    def drawing(self) -> Drawing:
        direct = {(hop.source, hop.target) for hop in self._view.thread if self._is_neighbour(hop.source, hop.target)}
        edges = [self._edge(edge) for edge in self._view.edges if (edge.source, edge.target) not in direct]
        thread = [self._hop(hop) for hop in self._view.thread]
        shift = _MARGIN - self._top
        return Drawing(
            width=max(box.x + box.width for box in self._boxes.values()) + _MARGIN,
            height=self._bottom + shift + _MARGIN,
            boxes=tuple(_moved(box, shift) for box in self._boxes.values()),
            lines=tuple(
                Line(kind=kind, path=_path(points, shift))
                for kind, points in sorted([*edges, *thread], key=lambda line: line[0] == "thread")
            ),
            labels=tuple(
                Label(x=label.x, y=label.y + shift, width=label.width, text=label.text) for label in self._labels
            ),
            title=f"Graph: {self._view.ran} of {self._view.declared} nodes ran",
        )

    def _place(self) -> dict[str, Box]:
        widths = [_STOP_WIDTH] * self._view.columns
        counts = [0] * self._view.columns
        for node in self._view.nodes:
            counts[node.column] += 1
            widths[node.column] = max(widths[node.column], _width(node))
        gaps = self._gaps()
        lefts = [_MARGIN + sum(widths[:column]) + sum(gaps[:column]) for column in range(self._view.columns)]
        boxes = {}
        for node in self._view.nodes:
            stop = node.name in (START, END)
            middle = int((node.row - (counts[node.column] - 1) / 2) * (_HEIGHT + _ROW_GAP))
            width, height = (_STOP_WIDTH, _STOP_HEIGHT) if stop else (widths[node.column], _HEIGHT)
            x = lefts[node.column] + (widths[node.column] - width) // 2
            boxes[node.name] = _box(node, x, middle - height // 2, width, height)
        return boxes

    def _gaps(self) -> list[int]:
        """The room after each column: more where a field's name stands on a hop to the next one."""
        gaps = [_COLUMN_GAP] * self._view.columns
        for hop in self._view.thread:
            if hop.field and self._is_neighbour(hop.source, hop.target):
                column = self._columns[hop.source]
                gaps[column] = max(gaps[column], int(len(_field(hop.field)) * _FIELD_WIDTH) + 24)
        return gaps

    def _is_neighbour(self, source: str, target: str) -> bool:
        return self._columns[target] - self._columns[source] == 1

    def _edge(self, edge: GraphEdge) -> tuple[str, list[tuple[float, float]]]:
        kind = "edge" if edge.taken else "idle"
        if self._is_neighbour(edge.source, edge.target):
            return kind, self._straight(edge.source, edge.target)
        source, target = self._boxes[edge.source], self._boxes[edge.target]
        span = abs(self._columns[edge.target] - self._columns[edge.source])
        height = self._lift(edge.source, edge.target, 24 + 12 * span)
        x1, x2 = source.x + source.width / 2, target.x + target.width / 2
        if edge.source == edge.target:
            x1, x2 = x1 + 16, x2 - 16
        return kind, [(x1, source.y), (x1, height), (x2, height), (x2, target.y - 6)]

    def _hop(self, hop: ThreadHop) -> tuple[str, list[tuple[float, float]]]:
        if self._is_neighbour(hop.source, hop.target):
            points = self._straight(hop.source, hop.target)
        else:
            source, target = self._boxes[hop.source], self._boxes[hop.target]
            span = abs(self._columns[hop.target] - self._columns[hop.source])
            depth = self._drop(hop.source, hop.target, 24 + 14 * span)
            x1, x2 = source.x + source.width / 2, target.x + target.width / 2
            points = [(x1, source.y + source.height), (x1, depth), (x2, depth), (x2, target.y + target.height + 7)]
        if hop.field:
            self._label(hop.field, points, beside=self._is_neighbour(hop.source, hop.target))
        return "thread", points

    def _straight(self, source: str, target: str) -> list[tuple[float, float]]:
        one, other = self._boxes[source], self._boxes[target]
        x1, y1 = one.x + one.width, one.y + one.height / 2
        x2, y2 = other.x - 6, other.y + other.height / 2
        bend = (x2 - x1) / 2
        return [(x1, y1), (x1 + bend, y1), (x2 - bend, y2), (x2, y2)]

    def _between(self, source: str, target: str) -> list[Box]:
        low, high = sorted((self._columns[source], self._columns[target]))
        return [box for name, box in self._boxes.items() if low <= self._columns[name] <= high]

    def _lift(self, source: str, target: str, by: int) -> float:
        """A height above everything between two nodes."""
        height = min(box.y for box in self._between(source, target)) - by
        self._top = min(self._top, int(height + by * 0.25))
        return height

    def _drop(self, source: str, target: str, by: int) -> float:
        """A depth below everything between two nodes."""
        depth = max(box.y + box.height for box in self._between(source, target)) + by
        self._bottom = max(self._bottom, int(depth - by * 0.1))
        return depth

    def _label(self, field: str, points: list[tuple[float, float]], *, beside: bool) -> None:
        text = _field(field)
        (x1, y1), (_, y2), (_, y3), (x4, y4) = points
        self._labels.append(
            Label(
                x=int((x1 + x4) / 2),
                y=int((y1 + 3 * y2 + 3 * y3 + y4) / 8) - (11 if beside else 0),
                width=int(len(text) * _FIELD_WIDTH + 8),
                text=text,
            )
        )


def _box(node: GraphNode, x: int, y: int, width: int, height: int) -> Box:
    stop = node.name in (START, END)
    name = {START: "start", END: "end"}.get(node.name, neutral(node.name))
    return Box(
        kind="stop" if stop else "ran" if node.runs else "idle",
        role=node.role,
        x=x,
        y=y,
        width=width,
        height=height,
        name=_middle_cut(name, _NAME_CHARACTERS),
        full_name=name,
        note="" if stop else _note(node),
        stacked=node.runs > 1,
    )


def _width(node: GraphNode) -> int:
    if node.name in (START, END):
        return _STOP_WIDTH
    name = len(_middle_cut(neutral(node.name), _NAME_CHARACTERS)) * _NAME_WIDTH
    return max(_NARROWEST, int(max(name, len(_note(node)) * _NOTE_WIDTH)) + 2 * _PADDING)


def _field(field: str) -> str:
    return _middle_cut(neutral(field), _FIELD_CHARACTERS)


def _note(node: GraphNode) -> str:
    if not node.runs:
        return "not taken"
    if node.error and node.role == "symptom":
        return _middle_cut(neutral(node.error), _NAME_CHARACTERS)
    times = f"×{node.runs} · " if node.runs > 1 else ""
    place = {"cause": ", began here", "symptom": ", surfaced here"}.get(node.role or "", "")
    return f"{times}{duration(node.duration_ms)}{place}"


def _middle_cut(text: str, characters: int) -> str:
    if len(text) <= characters:
        return text
    kept = characters - 1
    return f"{text[: kept - kept // 3]}…{text[-(kept // 3) :]}"


def _moved(box: Box, shift: int) -> Box:
    from msgspec.structs import replace

    return replace(box, y=box.y + shift)


def _path(points: list[tuple[float, float]], shift: int) -> str:
    (x1, y1), *rest = ((round(x), round(y + shift)) for x, y in points)
    return f"M{x1} {y1}C" + " ".join(f"{x} {y}" for x, y in rest)
