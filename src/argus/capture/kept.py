"""Objects that were recorded, and whether they still are what was recorded.

An object can change without changing identity. How much is looked at, and when:

* its *surface*, at every look: how many items it holds and which (by identity), a model's attributes; of more than
  1,000 items only their number and the last ones, all of them every ``items / 1,000`` looks;
* its *inner content*, that is the JSON of those items that can change themselves: up to 4 KB at every look (1.5 ns a
  byte), more every ``size / 4 KB`` looks;
* of a list recorded item by item, the last four items and four others in turn.

A *deep* look compares everything. The recorder takes one after a node raised and at the end of a run, so that a late
finding is late, not lost. Equality is never used: it runs the host's code.
"""

from __future__ import annotations

from operator import is_
from typing import Any, Final, TypeAlias

import msgspec
from xxhash import xxh3_128_digest

from argus.capture.encode import Encoder
from argus.capture.shapes import shape_of

__all__ = ["UNCHANGED", "Kept", "Part", "changed_since", "inside_as_recorded", "keep_watch"]

Part: TypeAlias = "bytes | int"
"""JSON, or the number of a value recorded earlier."""

UNCHANGED: Final = -1

_ALWAYS: Final = 4096
_MANY: Final = 1000
_LAST: Final = 4
_IN_TURN: Final = 4
_BUFFER: Final = 1 << 20
_HASHED_PER_BYTE: Final = 16

_NEVER_CHANGE = frozenset({str, int, bool, float, bytes, type(None)})
_CONTAINERS = frozenset({dict, list, tuple})


class Kept:
    """One object that was recorded, and what is needed to see whether it changed.

    Attributes:
        value: The object; holding it keeps its identity from being reused.
        path: Its dotted path.
        part: Where its record is.
        size: Bytes of JSON.
        view: Its items as they were: a list; a dict by key; ``()`` when only the content can be compared; None when it
            cannot change.
        attributes: For a model, the values of its ``__dict__`` as they were.
        children: For a list recorded item by item, what was recorded of each.
        inner: Its items that can change themselves.
        content: The JSON of these, secrets included, or the hash of it when it is long.
        cost: Bytes that have to be encoded or hashed to compare the content.
        looks: How often it was looked at.
        looked: The tick when it was last known to be unchanged on the surface.
        compared: The tick when its content was last known.
        stale: Whether it was found changed.
    """

    __slots__ = (
        "attributes", "children", "compared", "content", "cost", "inner", "looked", "looks", "part", "path", "size",
        "stale", "value", "view",
    )  # fmt: skip

    def __init__(self, value: Any, path: str, part: Part, size: int = 0) -> None:
        self.value = value
        self.path = path
        self.part = part
        self.size = size
        self.view: Any = None
        self.attributes: list[Any] | None = None
        self.children: list[Kept | None] | None = None
        self.inner: list[Any] | None = None
        self.content = b""
        self.cost = 0
        self.looks = 0
        self.looked = 0
        self.compared = 0
        self.stale = False


def keep_watch(kept: Kept, shown: Any, encoder: Encoder, tick: int) -> None:
    """Notes what is needed to see a change later.

    Args:
        kept: What was recorded.
        shown: One level of its value.
        encoder: Made its JSON.
        tick: The time.
    """
    value = kept.value
    kind = type(value)
    if kind in _NEVER_CHANGE:
        return
    items: Any
    if kind is list or kind is tuple:
        kept.view = items = list(value)
    elif kind is dict:
        kept.view = dict(value)
        items = kept.view.values()
    else:
        shape = shape_of(kind)
        if not shape.alive:
            return
        if shape.held_in_dict and type(shown) is dict:
            kept.view = shown
            kept.attributes = items = list(value.__dict__.values())
        else:
            kept.view = ()
            items = (value,)
    kept.looked = kept.compared = tick
    if kept.children is None and not _NEVER_CHANGE.issuperset(map(type, items)):
        kept.inner = [item for item in items if _can_change(type(item))]
        _note_content(kept, encoder)


def changed_since(kept: Kept, encoder: Encoder, tick: int, *, deep: bool = False, large: bool = False) -> int:
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
    if kept.view is None:
        return UNCHANGED
    if kept.stale:
        return kept.looked
    kept.looks += 1
    try:
        since = _look(kept, encoder, tick, deep, large)
    except Exception:  # noqa: BLE001 - whatever cannot be compared is recorded again
        since = kept.looked
    kept.stale = since != UNCHANGED
    return since


def inside_as_recorded(kept: Kept, encoder: Encoder) -> bool:
    """Whether the items of a recorded object are unchanged in themselves, wherever they are now.

    Args:
        kept: What was recorded.
        encoder: Made its JSON.
    """
    return not kept.inner or kept.content == _content_of(kept, encoder)


def _can_change(kind: type) -> bool:
    return kind in _CONTAINERS or (kind not in _NEVER_CHANGE and shape_of(kind).alive)


def _look(kept: Kept, encoder: Encoder, tick: int, deep: bool, large: bool) -> int:
    whole, same = _same_surface(kept, deep)
    if not same:
        return kept.looked
    if whole:
        kept.looked = tick
    if kept.children is not None:
        return _changed_child(kept, encoder, tick, deep, large)
    if not kept.inner:
        return UNCHANGED
    cost = kept.cost
    if not (deep or cost <= _ALWAYS or (large and kept.looks % (cost // _ALWAYS) == 0)):
        return UNCHANGED
    if kept.content != _content_of(kept, encoder):
        return kept.compared
    kept.compared = tick
    return UNCHANGED


def _same_surface(kept: Kept, deep: bool) -> tuple[bool, bool]:
    """Whether the whole surface was looked at, and whether it is the same."""
    value, view = kept.value, kept.view
    kind = type(view)
    if kind is list:
        if len(value) != len(view):
            return True, False
        if len(view) > _MANY and not deep and kept.looks % (len(view) // _MANY + 1):
            return False, all(map(is_, value[-_LAST:], view[-_LAST:]))
        return True, all(map(is_, value, view))
    if kept.attributes is not None:
        held = value.__dict__
        return True, len(held) == len(kept.attributes) and all(map(is_, held.values(), kept.attributes))
    if kind is dict:
        if len(value) != len(view):
            return True, False
        if len(view) > _MANY and not deep and kept.looks % (len(view) // _MANY + 1):
            return False, True
        return True, all(map(is_, value.values(), view.values())) and all(map(is_, value, view))
    return True, True


def _changed_child(kept: Kept, encoder: Encoder, tick: int, deep: bool, large: bool) -> int:
    children = kept.children or []
    count = len(children)
    first = max(0, count - _LAST)
    turn = (kept.looks * _IN_TURN) % (first or 1)
    places = range(count) if deep else (*range(first, count), *range(turn, min(turn + _IN_TURN, first)))
    for place in places:
        child = children[place]
        if child is not None:
            since = changed_since(child, encoder, tick, deep=deep, large=large)
            if since != UNCHANGED:
                return since
    return UNCHANGED


def _glimpse(value: Any) -> Any:
    """One level of an object as far as it is compared: what is not looked into counts by its type."""
    shape = shape_of(type(value))
    if (not shape.alive and not shape.plain_json) or getattr(value, "nbytes", 0) > _BUFFER:
        return type(value).__name__
    return shape.show(value)


_encode = msgspec.json.Encoder(enc_hook=_glimpse).encode


def _content_of(kept: Kept, encoder: Encoder) -> bytes:
    try:
        content = _encode(kept.inner)
    except Exception:  # noqa: BLE001 - cycles, odd keys, lone surrogates: compared the careful way
        content = encoder.exact(kept.inner, kept.path)
    if len(content) <= _ALWAYS:
        return content
    kept.cost = max(kept.cost, len(content))
    return xxh3_128_digest(content)


def _note_content(kept: Kept, encoder: Encoder) -> None:
    kept.cost = 0
    kept.content = _content_of(kept, encoder)
    if kept.view == ():
        size = getattr(kept.value, "nbytes", 0)
        kept.cost = max(kept.cost, size // _HASHED_PER_BYTE if type(size) is int else 0)
