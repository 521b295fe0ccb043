"""Objects that were recorded, and whether they still are what was recorded.

An object can change without changing identity. How much is looked at, and when:

* its *surface*, at every look: how many items it holds and which (by identity), a model's attributes; of more than
  128 items only their number and the last ones, all of them every ``items / 128`` looks;
* its *inner content*, that is the JSON of those items that can change themselves: up to 4 KB at every look (1.5 ns a
  byte), more every ``size / 4 KB`` looks;
* of a list recorded item by item, the surface of the last two items and of two others in turn, the content of one.

A *deep* look compares everything. The recorder takes one after a node raised and at the end of a run, so that a late
finding is late, not lost. Equality is never used: it runs the host's code.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Any, Final, TypeAlias

import msgspec
from xxhash import xxh3_128_digest

from argus.capture.encode import Encoder
from argus.capture.shapes import shape_of

__all__ = ["UNCHANGED", "Kept", "Part", "Watched", "changed_since", "inside_as_recorded", "watched"]

Part: TypeAlias = "bytes | int"
"""JSON, or the number of a value recorded earlier."""

UNCHANGED: Final = -1

_ALWAYS: Final = 4096
_MANY: Final = 128
_LAST: Final = 2
_IN_TURN: Final = 2
_BUFFER: Final = 1 << 20
_HASHED_PER_BYTE: Final = 16

_NEVER_CHANGE = frozenset({str, int, bool, float, bytes, type(None)})
_CONTAINERS = frozenset({dict, list, tuple})


class Kept:
    """One object that was recorded; holding it keeps its identity from being reused.

    Attributes:
        value: The object.
        path: Its dotted path.
        part: Where its record is.
        size: Bytes of JSON.
        view: None, for it cannot change.
    """

    __slots__ = ("part", "path", "size", "value")

    view: Any = None

    def __init__(self, value: Any, path: str, part: Part, size: int = 0) -> None:
        self.value = value
        self.path = path
        self.part = part
        self.size = size


class Watched(Kept):
    """One object that can change, and what is needed to see whether it did.

    Attributes:
        view: Its items as they were: a list, which may go on beyond them; a dict by key; ``()`` when only the content
            can be compared.
        count: How many items there were.
        attributes: For a model, the values of its ``__dict__`` as they were.
        children: For a list recorded item by item, what was recorded of each.
        inner: Its items that can change themselves.
        content: The JSON of these, secrets included, or the hash of it when it is long.
        cost: Bytes that have to be encoded or hashed to compare the content.
        careful: Whether it was recorded the careful way, so that parts of it may be cut.
        looks: How often it was looked at.
        glanced: The tick when its length and its last items were last known to be unchanged.
        looked: The tick when its whole surface was.
        compared: The tick when its content was last known.
        stale: Whether it was found changed.
    """

    __slots__ = (
        "attributes", "careful", "children", "compared", "content", "cost", "count", "glanced", "inner",
        "looked", "looks", "stale", "view",
    )  # fmt: skip

    def __init__(self, kept: Kept, view: Any, tick: int) -> None:
        super().__init__(kept.value, kept.path, kept.part, kept.size)
        self.view = view
        self.count = len(view) if view is not None else 0
        self.attributes: list[Any] | None = None
        self.children: list[Kept] | None = None
        self.inner: list[Any] | None = None
        self.content = b""
        self.cost = 0
        self.careful = False
        self.looks = 0
        self.glanced = self.looked = self.compared = tick
        self.stale = False

    def grow(self, base: Watched | None, shared: int, tail: list[Any], items: list[Kept] | None, atom: Kept) -> None:
        """Makes this the watch over a list that begins like an earlier one, whose own watch is over.

        The earlier list's view and children are taken over and appended to: copying them would touch every item.

        Args:
            base: The earlier list, or None.
            shared: How many of its items the list begins with.
            tail: The items after them.
            items: What was recorded of these; None when they cannot change.
            atom: Stands for an item that cannot change among those that can.
        """
        self.count = shared + len(tail)
        view: list[Any] = base.view if base is not None else []
        children = base.children if base is not None else None
        if len(view) != shared:
            view = view[:shared]
            children = children[:shared] if children is not None else None
        if children is None and items is not None:
            children = [atom] * shared
        if children is not None:
            children.extend(items if items is not None else [atom] * len(tail))
        view.extend(tail)
        self.view = view
        self.children = children


def watched(kept: Kept, shown: Any, encoder: Encoder, tick: int) -> Kept:
    """What was recorded, with what is needed to see a change later if its value can change.

    Args:
        kept: What was recorded.
        shown: One level of its value.
        encoder: Made its JSON.
        tick: The time.
    """
    value = kept.value
    kind = type(value)
    if kind in _NEVER_CHANGE:
        return kept
    items: Any
    attributes = None
    if kind is list or kind is tuple:
        view: Any = list(value)
        items = view
    elif kind is dict:
        view = dict(value)
        items = view.values()
    else:
        shape = shape_of(kind)
        if not shape.alive:
            return kept
        if shape.held_in_dict and type(shown) is dict:
            view = shown
            items = attributes = list(value.__dict__.values())
        else:
            view = ()
            items = (value,)
    result = Watched(kept, view, tick)
    result.attributes = attributes
    if not _NEVER_CHANGE.issuperset(map(type, items)):
        result.inner = [item for item in items if _can_change(type(item))]
        if result.inner:
            result.content = _content_of(result, encoder)
            if view == ():
                size = getattr(value, "nbytes", 0)
                result.cost = max(result.cost, size // _HASHED_PER_BYTE if type(size) is int else 0)
    return result


def changed_since(kept: Kept, encoder: Encoder, tick: int, deep: bool = False, large: bool = False) -> int:
    """Whether a recorded object has changed.

    Args:
        kept: What was recorded; found changed, it stays so.
        encoder: Made its JSON.
        tick: The time.
        deep: Whether everything is compared.
        large: Whether the content of a large object may be compared, if it is its turn.

    Returns:
        The tick at which it was last known to be unchanged, or :data:`UNCHANGED`.
    """
    if not isinstance(kept, Watched):
        return UNCHANGED
    if kept.stale:
        return kept.looked
    try:
        since = _look(kept, encoder, tick, deep, large)
    except Exception:  # noqa: BLE001 - whatever cannot be compared is recorded again
        since = kept.looked
    kept.stale = since != UNCHANGED
    return since


def inside_as_recorded(kept: Watched, encoder: Encoder) -> bool:
    """Whether the items of a recorded object are unchanged in themselves, wherever they are now.

    Args:
        kept: What was recorded.
        encoder: Made its JSON.
    """
    return not kept.inner or kept.content == _content_of(kept, encoder)


def _can_change(kind: type) -> bool:
    return kind in _CONTAINERS or (kind not in _NEVER_CHANGE and shape_of(kind).alive)


def _same_items(kept: Watched) -> bool:
    """Whether it holds what it held, each item the same object."""
    value, view = kept.value, kept.view
    if type(view) is list:
        return len(value) == kept.count and all(map(is_, value, view))
    if kept.attributes is not None:
        held = value.__dict__
        return len(held) == len(kept.attributes) and all(map(is_, held.values(), kept.attributes))
    if type(view) is dict:
        return (
            len(value) == len(view)
            and all(map(is_, value.values(), view.values()))
            and all(map(is_, value, view))
        )  # fmt: skip
    return True


def _same_at_a_glance(kept: Watched) -> bool:
    """Whether a long container is as long as it was and ends as it did."""
    value, view, count = kept.value, kept.view, kept.count
    if len(value) != count:
        return False
    return type(view) is not list or all(map(is_, value[-_LAST:], view[count - _LAST : count]))


def _look(kept: Watched, encoder: Encoder, tick: int, deep: bool, large: bool) -> int:
    kept.looks += 1
    many = kept.count
    if many <= _MANY or deep:
        if not _same_items(kept):
            return kept.glanced
        kept.looked = tick
    else:
        if not _same_at_a_glance(kept):
            return kept.glanced
        if kept.looks % (many // _MANY + 1) == 0:
            if not _same_items(kept):
                return kept.looked
            kept.looked = tick
    kept.glanced = tick
    if kept.children is not None:
        return _changed_child(kept, kept.children, encoder, tick, deep, large)
    if not kept.inner:
        return UNCHANGED
    cost = kept.cost
    if not (deep or cost <= _ALWAYS or (large and kept.looks % (cost // _ALWAYS) == 0)):
        return UNCHANGED
    if kept.content != _content_of(kept, encoder):
        return kept.compared
    kept.compared = tick
    return UNCHANGED


def _changed_child(
    kept: Watched, children: list[Kept], encoder: Encoder, tick: int, deep: bool, large: bool
) -> int:  # fmt: skip
    count = kept.count
    places: Sequence[int]
    if deep or count <= _LAST + _IN_TURN:
        places = range(count)
    else:
        first = count - _LAST
        turn = kept.looks * _IN_TURN % first
        places = (count - 1, count - 2, turn, (turn + 1) % first)
    in_turn = kept.looks % (len(places) or 1)
    for turn, place in enumerate(places):
        child = children[place]
        if not isinstance(child, Watched):
            continue
        if deep or (large and turn == in_turn) or child.stale:
            since = changed_since(child, encoder, tick, deep, True)
            if since != UNCHANGED:
                return since
        elif _same_items(child):
            child.looked = tick
        else:
            child.stale = True
            return child.looked
    return UNCHANGED


def _glimpse(value: Any) -> Any:
    """One level of an object as far as it is compared: what is not looked into counts by its type."""
    shape = shape_of(type(value))
    if (not shape.alive and not shape.plain_json) or getattr(value, "nbytes", 0) > _BUFFER:
        return type(value).__name__
    return shape.show(value)


_encode = msgspec.json.Encoder(enc_hook=_glimpse).encode


def _content_of(kept: Watched, encoder: Encoder) -> bytes:
    try:
        content = _encode(kept.inner)
    except Exception:  # noqa: BLE001 - cycles, odd keys, lone surrogates: compared the careful way
        content = encoder.exact(kept.inner, kept.path)
    if len(content) <= _ALWAYS:
        return content
    kept.cost = max(kept.cost, len(content))
    return xxh3_128_digest(content)
