"""Recorded values that share what they can.

Every value is either a *part* written where it is used (JSON of less than 256 bytes) or has a number by which later
records name it. A grown list is a record of its new items, a large dict with a changed key a record of that key, a
message that a reducer gave an id a record of the id. Identity tells what is unchanged: the objects themselves are held
until the run ends, so that their identities cannot be reused.

Two simplifications over sharing at every depth, both measured: a value is shared one level deep (a change deep inside a
large tree that was copied costs the branch it is in; one made in place costs the tree), and content is found again by
hash only from 256 bytes on, for looking it up costs more than writing it.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Any, Final, TypeAlias

import msgspec
from xxhash import xxh3_128_digest

from argus.capture.encode import Encoder
from argus.capture.kept import UNCHANGED, Kept, Part, Watched, changed_since, inside_as_recorded, watched
from argus.capture.paths import join
from argus.capture.shapes import shape_of

__all__ = ["Captured", "Records", "Sharer", "Wanted"]

Records: TypeAlias = "list[list[Any]]"
"""New values: ``[number, JSON]``, ``[number, base, kept items, parts]`` or ``[number, base, {key: part}, removed]``.

In a list's parts, bytes are the JSON of a list of one or more items.
"""

Wanted: TypeAlias = "tuple[str | None, Any, str, Kept | None]"
"""A value to be recorded: its key (None for an item of a list), itself, its path, what was recorded in its place."""

_INLINE: Final = 256
_SHARED: Final = 1024
_FEW: Final = 64
_MANY_CHANGING: Final = 2000
_MAYBE_CUT: Final = 1 << 20
_REMEMBERED: Final = 256
_REMEMBERED_BYTES: Final = 8 << 20
_MOST_ITEMS: Final = 20_000
_INT64: Final = 1 << 63

_NUMBERS = frozenset({int, bool, float, type(None)})
_NEVER_CHANGE = frozenset({str, *_NUMBERS})
_MISSING: Final = object()
_ATOM: Final = Kept(None, "", b"null")
"""Stands for an item that cannot change in a list recorded item by item."""

_encode = msgspec.json.Encoder().encode


class Captured:
    """A value that was recorded ahead of its use; it stands for the value wherever that could be given, in lists too.

    Attributes:
        part: Where its record is.
    """

    __slots__ = ("part",)

    def __init__(self, part: Part) -> None:
        self.part = part


class Sharer:
    """Records the values of one run; not thread-safe.

    Args:
        encoder: Turns values into JSON.

    Attributes:
        tick: Counts the looks at the host's objects; the caller advances it.
        fresh: Records that are in no frame yet; the caller takes them away.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._items: dict[int, Kept] = {}
        self._recent: dict[int, Kept] = {}
        self._before: dict[int, Kept] = {}
        self._recent_bytes = 0
        self._last_number = 0
        self._by_content: dict[bytes, int] = {}
        self.fresh: Records = []
        self.tick = 0

    def record(self, wanted: Sequence[Wanted], holder: str = "", depth: int = 0) -> list[Kept]:
        """Records several values that lie side by side, sharing whatever it can.

        New plain values are encoded first and searched for secrets together, for a search costs more than a small
        value's encoding.

        Args:
            wanted: What to record.
            holder: The dotted path of what holds the values.
            depth: Containers around them.
        """
        encoder = self._encoder
        done: list[Any] = []
        new: list[tuple[int, Any, bytes | None]] = []
        for want in wanted:
            key, value, path, old = want
            kind = type(value)
            kept: Kept | None = None
            asked = encoder.special(key, holder) if key is not None else None
            if asked is not None:
                kept = self._finished(Kept(value, path, b""), encoder.specially(asked, value, path, depth))
            elif kind in _NUMBERS:
                plain = -_INT64 <= value < _INT64 if kind is int else kind is not float or value - value == 0
                kept = Kept(value, path, _encode(value) if plain else encoder.exact(value, path))
            elif kind is str:
                kept = self._recent.get(id(value))
                if kept is None or kept.value is not value or (encoder.dotted and kept.path != path):
                    kept = None
                    new.append((len(done), value, encoder.text(value)))
            else:
                kept = self._known(value, path, old, depth)
                if kept is None:
                    shown = _shown(value) if shape_of(kind).held_in_dict else value
                    new.append((len(done), shown, encoder.fast(shown, depth)))
            done.append(kept)
        if new:
            suspects = encoder.redactor.suspects
            pieces = [raw for _, _, raw in new if raw is not None]
            suspicious = bool(pieces) and suspects(pieces[0] if len(pieces) == 1 else b"\n".join(pieces))
            for place, shown, raw in new:
                clean = raw is not None and not (suspicious and suspects(raw))
                _, value, path, _ = wanted[place]
                done[place] = self._new(value, path, shown, raw if clean else None, depth)
        return done

    def _known(self, value: Any, path: str, old: Kept | None, depth: int) -> Kept | None:
        """An object that was recorded before, or one that shares much with what was; None for a new one."""
        kind = type(value)
        if kind is Captured:
            return Kept(value, path, value.part)
        known = old
        if known is None or known.value is not value:
            identity = id(value)
            known = self._recent.get(identity) or self._items.get(identity) or self._before.get(identity)
        if known is not None and known.value is value and not (self._encoder.dotted and known.path != path):
            if known.view is None or changed_since(known, self._encoder, self.tick) == UNCHANGED:
                return known
            old = known
        base = old if isinstance(old, Watched) and self._can_be_shared(old) else None
        if kind is list and depth < self._encoder.limits.max_depth:
            changing = base is not None and type(base.view) is list
            if changing or (value and _goes_by_items(type(value[-1]))):
                return self._list(value, path, base if changing else None, depth)
        elif base is not None and type(base.view) is dict:
            return self._dict(value, path, base, depth)
        return None

    def _can_be_shared(self, base: Watched) -> bool:
        """Whether a later value may be recorded as what differs from this one: it is long, and was recorded whole."""
        if base.size < _SHARED or type(base.part) is not int:
            return False
        return base.count <= self._encoder.limits.max_items and not (base.careful and base.size > _MAYBE_CUT)

    def _new(self, value: Any, path: str, shown: Any, raw: bytes | None, depth: int) -> Kept:
        """Records a value of which nothing is known; ``raw`` is its JSON if that is plain and holds no secret."""
        if raw is None:
            data = self._encoder.exact(value, path, depth)
        else:
            data = raw
            if type(value) is list and len(raw) >= _SHARED and len(raw) >= _INLINE * len(value):
                by_items = self._list(value, path, None, depth)
                if by_items is not None:
                    return by_items
        kept = self._finished(Kept(value, path, b""), data)
        if type(value) is not str:
            kept = watched(kept, shown, self._encoder, self.tick)
            if isinstance(kept, Watched):
                kept.careful = raw is None
        self._remember(kept)
        return kept

    def _list(self, value: list[Any], path: str, base: Watched | None, depth: int) -> Kept | None:
        """Records a list as what it shares with an earlier one and the items that are new.

        Args:
            value: The list.
            path: Its dotted path.
            base: The list that stood in its place, if any.
            depth: Containers around it.

        Returns:
            None when the list had better be recorded as a whole.
        """
        if len(value) > self._encoder.limits.max_items:
            return None
        shared = self._same_items(value, base) if base is not None else 0
        tail = value[shared:]
        items: list[Kept] | None = None
        if len(tail) > _FEW and _NEVER_CHANGE.issuperset(map(type, tail)):
            data = self._encoder.encode(tail, path, depth)
            parts: list[Part] = [data]
            size = len(data)
        elif len(tail) <= (_FEW if base is None else _MANY_CHANGING) or _goes_by_items(type(tail[-1])):
            items = self.record([(None, item, path, None) for item in tail], path, depth + 1)
            for item in items:
                if item.view is not None or type(item.part) is int:
                    self._remember_item(item)
            parts = _merged(items)
            size = sum([item.size for item in items])
        else:
            return None
        if base is not None and shared:
            size += base.size * shared // base.count
        part: Part
        if not shared and size < _INLINE and all(type(part) is bytes for part in parts):
            part = parts[0] if parts else b"[]"
        else:
            part = self._number([base.part if base is not None and shared else None, shared, parts])
        kept = Watched(Kept(value, path, part, size), None, self.tick)
        kept.grow(base, shared, tail, items, _ATOM)
        self._remember(kept)
        return kept

    def _same_items(self, value: list[Any], base: Watched) -> int:
        """How many items at the beginning are those recorded in ``base``, as they were."""
        if base.inner:
            return 0
        before = base.view
        count = min(len(value), base.count)
        if not all(map(is_, value, before)) or len(before) > base.count:
            count = next((place for place in range(count) if value[place] is not before[place]), count)
        if base.children is not None and base.stale:
            return next((place for place in range(count) if _is_stale(base.children[place])), count)
        return count

    def _dict(self, value: Any, path: str, base: Watched, depth: int) -> Kept | None:
        """Records a dict or model as what differs from an earlier one.

        Returns:
            None when it differs in more than half of its keys or had better be recorded as a whole.
        """
        shown = _shown(value)
        if type(shown) is not dict or len(shown) > self._encoder.limits.max_items:
            return None
        before = base.view
        changed = {key: item for key, item in shown.items() if before.get(key, _MISSING) is not item}
        removed = [key for key in before if key not in shown]
        if len(changed) * 2 > len(shown) or not inside_as_recorded(base, self._encoder):
            return None
        part = base.part
        size = base.size
        names = [*changed, *removed]
        if names:
            name_text = self._encoder.fast(names) if all(type(name) is str for name in names) else None
            if name_text is None or self._encoder.redactor.suspects(name_text):
                return None
            wanted: list[Wanted] = [(key, item, join(path, key), None) for key, item in changed.items()]
            items = self.record(wanted, path, depth + 1)
            parts = {key: item.part for key, item in zip(changed, items, strict=True)}
            part = self._number([base.part, parts, removed])
            size += sum(item.size for item in items)
        kept = watched(Kept(value, path, part, size), shown, self._encoder, self.tick)
        self._remember(kept)
        return kept

    def _finished(self, kept: Kept, data: bytes) -> Kept:
        kept.size = len(data)
        kept.part = data if len(data) < _INLINE else self._numbered(data)
        return kept

    def _numbered(self, data: bytes) -> int:
        digest = xxh3_128_digest(data)
        number = self._by_content.get(digest)
        if number is None:
            number = self._by_content[digest] = self._number([data])
        return number

    def _number(self, record: list[Any]) -> int:
        self._last_number += 1
        self.fresh.append([self._last_number, *record])
        return self._last_number

    def _remember(self, kept: Kept) -> None:
        """Remembers an object for a while: what a node returned is mostly what the state holds next."""
        self._recent[id(kept.value)] = kept
        self._recent_bytes += kept.size
        if len(self._recent) > _REMEMBERED or self._recent_bytes > _REMEMBERED_BYTES:
            self._before, self._recent, self._recent_bytes = self._recent, {}, 0

    def _remember_item(self, kept: Kept) -> None:
        """Remembers an item of a list until the run ends: windows over a list of messages come back to it."""
        if len(self._items) >= _MOST_ITEMS:
            self._items.clear()
        self._items[id(kept.value)] = kept


def _goes_by_items(kind: type) -> bool:
    """Whether a list that ends in such an item is recorded item by item from the start."""
    return kind is not str and (kind is list or kind is Captured or shape_of(kind).held_in_dict)


def _is_stale(kept: Kept) -> bool:
    return isinstance(kept, Watched) and kept.stale


def _shown(value: Any) -> Any:
    """One level of a dict or model; anything else is itself."""
    if type(value) is dict:
        return value
    try:
        return shape_of(type(value)).show(value)
    except Exception:  # noqa: BLE001 - a hostile object goes the careful way
        return value


def _merged(items: Sequence[Kept]) -> list[Part]:
    """The parts of items, neighbours written in place joined into one JSON list."""
    parts: list[Part] = []
    written: list[bytes] = []
    for item in items:
        if type(item.part) is bytes:
            written.append(item.part)
            continue
        if written:
            parts.append(b"[" + b",".join(written) + b"]")
            written = []
        parts.append(item.part)
    if written:
        parts.append(b"[" + b",".join(written) + b"]")
    return parts
