"""What is new since the last look: states are recorded by their changes, and values are shared.

Every value recorded in a run is either a *part* written where it is used (JSON of less than 256 bytes) or has a number
by which later records name it. A grown list is a record of its new items, a large dict with a changed key a record of
that key, a message that a reducer gave an id a record of the id. Identity tells what is unchanged: the tracker holds
the objects themselves until the run ends, so that their identities cannot be reused.

Two simplifications over sharing at every depth, both measured: a value is shared one level deep (a change deep inside a
large tree that was copied costs the branch it is in; one made in place costs the tree), and content is found again by
hash only from 256 bytes on, for looking it up costs more than writing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import is_
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from xxhash import xxh3_128_digest

from argus.capture.encode import Encoder, fields_of
from argus.capture.kept import UNCHANGED, Kept, Part, changed_since, inside_as_recorded, keep_watch
from argus.capture.paths import join
from argus.capture.shapes import shape_of

__all__ = ["Captured", "Change", "Kept", "Part", "Records", "Tracker"]

Records: TypeAlias = "list[list[Any]]"
"""New values: ``[number, JSON]``, ``[number, base, kept items, parts]`` or ``[number, base, {key: part}, removed]``.

In a list's parts, bytes are the JSON of a list of one or more items.
"""

_INLINE: Final = 256
_SHARED: Final = 1024
_FEW: Final = 64
_REMEMBERED: Final = 256
_REMEMBERED_BYTES: Final = 8 << 20
_MOST_ITEMS: Final = 20_000
_MANY_CHANGING: Final = 2000
_INT64: Final = 1 << 63

_NUMBERS = frozenset({int, bool, float, type(None)})
_NEVER_CHANGE = frozenset({str, *_NUMBERS})
_MISSING: Final = object()

_encode = msgspec.json.Encoder().encode


class Change(NamedTuple):
    """A field that changed in place.

    Attributes:
        field: Its name.
        since: The tick at which it was last known to be unchanged.
    """

    field: str
    since: int


class Captured:
    """A value that was recorded ahead of its use; it stands for the value wherever that could be given, in lists too.

    Attributes:
        part: Where its record is.
    """

    __slots__ = ("part",)

    def __init__(self, part: Part) -> None:
        self.part = part


class _Wanted(NamedTuple):
    """A value to be recorded.

    Attributes:
        key: Its field name or its key in a dict; None for an item of a list.
        value: The value.
        path: Its own dotted path.
        old: What was recorded in its place before.
    """

    key: str | None
    value: Any
    path: str
    old: Kept | None = None


class Tracker:
    """Records the values of one run; not thread-safe, the run's lock protects it.

    Args:
        encoder: Turns values into JSON.

    Attributes:
        tick: Counts the looks at the host's objects; the caller advances it.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._states: dict[str, dict[str, Kept]] = {}
        self._items: dict[int, Kept] = {}
        self._recent: dict[int, Kept] = {}
        self._before: dict[int, Kept] = {}
        self._recent_bytes = 0
        self._last_number = 0
        self._by_content: dict[bytes, int] = {}
        self._fresh: Records = []
        self.tick = 0

    def take_fresh(self) -> Records:
        """The records made since the last call; they belong into the next frame."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def state(self, scope: str, live: object, *, deep: bool = False) -> tuple[dict[str, Part], list[str]]:
        """What changed in a scope's state since the last look.

        Args:
            scope: Which graph's state.
            live: The state by field.
            deep: Whether the content of every field is compared.

        Returns:
            The fields that are new or changed, and the names of those that are gone.
        """
        known = self._states.setdefault(scope, {})
        now = fields_of(live)
        encoder, tick = self._encoder, self.tick
        wanted: list[_Wanted] = []
        for name, value in now.items():
            kept = known.get(name)
            if (
                kept is None
                or kept.value is not value
                or (kept.view is not None and changed_since(kept, encoder, tick, deep=deep) != UNCHANGED)
            ):
                wanted.append(_Wanted(name, value, name, kept))
        changed = {}
        if wanted:
            fresh = self._fields(wanted)
            known.update(fresh)
            changed = {name: kept.part for name, kept in fresh.items()}
        gone = [name for name in known if name not in now] if len(known) > len(now) else []
        for name in gone:
            del known[name]
        return changed, gone

    def fields(self, scope: str, given: object) -> dict[str, Kept]:
        """Records an update or an explicit input by field, sharing what the scope's state already holds.

        Args:
            scope: Which graph's state.
            given: A mapping, a model, or anything else.
        """
        known = self._states.get(scope, {})
        return self._fields([_Wanted(name, value, name, known.get(name)) for name, value in fields_of(given).items()])

    def value(self, value: object, path: str = "") -> Part:
        """Records one value that is not a field of a state.

        Args:
            value: Any object.
            path: Its dotted path.
        """
        return self._record([_Wanted(None, value, path)], "", 0)[0].part

    def mutated_state(
        self, scope: str, names: Iterable[str] | None, *, deep: bool = False
    ) -> tuple[list[Change], dict[str, Part]]:
        """Which fields of a scope's state changed in place since the last look, and their new parts.

        Args:
            scope: Which graph's state.
            names: The fields to look at; None means all.
            deep: Whether the content of every field is compared.
        """
        return self.mutated(self._states.get(scope, {}), names, deep=deep)

    def mutated(
        self, known: dict[str, Kept], names: Iterable[str] | None = None, *, deep: bool = False
    ) -> tuple[list[Change], dict[str, Part]]:
        """The same for fields that :meth:`fields` recorded.

        Args:
            known: What was recorded; brought up to date.
            names: The fields to look at; None means all.
            deep: Whether the content of every field is compared.
        """
        encoder, tick = self._encoder, self.tick
        changes: list[Change] = []
        wanted: list[_Wanted] = []
        for name in known if names is None else names:
            kept = known.get(name)
            if kept is None or kept.view is None:
                continue
            since = changed_since(kept, encoder, tick, deep=deep, large=True)
            if since != UNCHANGED:
                changes.append(Change(name, since))
                wanted.append(_Wanted(name, kept.value, name, kept))
        if not wanted:
            return changes, {}
        fresh = self._fields(wanted)
        known.update(fresh)
        return changes, {name: kept.part for name, kept in fresh.items()}

    def _fields(self, wanted: Sequence[_Wanted]) -> dict[str, Kept]:
        kept = self._record(wanted, "", 0)
        return {want.key or "": one for want, one in zip(wanted, kept, strict=True)}

    def _record(self, wanted: Sequence[_Wanted], holder: str, depth: int) -> list[Kept]:
        """Records several values that lie side by side, sharing whatever it can.

        New plain values are encoded first and searched for secrets together, for a search costs more than a small
        value's encoding.
        """
        done: list[Kept | None] = []
        new: list[tuple[int, Any, bytes | None]] = []
        encoder = self._encoder
        for place, want in enumerate(wanted):
            kept = self._known(want, holder, depth)
            done.append(kept)
            if kept is None:
                value = want.value
                shape = shape_of(type(value)) if type(value) is not str else None
                shown = _shown(value) if shape is not None and shape.held_in_dict else value
                new.append((place, shown, encoder.fast(shown, depth)))
        if new:
            pieces = [raw for _, _, raw in new if raw is not None]
            suspicious = bool(pieces) and encoder.redactor.suspects(b"\n".join(pieces))
            for place, shown, raw in new:
                clean = raw is not None and not (suspicious and encoder.redactor.suspects(raw))
                done[place] = self._new(wanted[place], shown, raw, clean, depth)
        return [kept for kept in done if kept is not None]

    def _known(self, want: _Wanted, holder: str, depth: int) -> Kept | None:
        """A value that needs no look inside, was recorded before, or shares most of what was; None for a new one."""
        key, value, path, old = want
        encoder = self._encoder
        if key is not None:
            asked = encoder.special(key, holder)
            if asked is not None:
                return self._finished(Kept(value, path, b""), encoder.specially(asked, value, path, depth))
        kind = type(value)
        if kind is Captured:
            return Kept(value, path, value.part)
        if kind in _NUMBERS:
            return Kept(value, path, _encode(value) if _is_small(value) else encoder.exact(value, path))
        known = old if old is not None and old.value is value else self._remembered(value)
        if known is not None and not (encoder.dotted and known.path != path):
            if changed_since(known, encoder, self.tick) == UNCHANGED:
                return known
            old = known
        shares = old is not None and old.size >= _SHARED
        if kind is list:
            changing = old is not None and shares and type(old.view) is list
            last = type(value[-1]) if value else None
            if changing or last is list or (last is not None and _is_captured_or_model(last)):
                return self._list(value, path, old if changing else None, depth, changing=changing)
        elif old is not None and shares and type(old.view) is dict:
            return self._dict(value, path, old, depth)
        return None

    def _remembered(self, value: Any) -> Kept | None:
        identity = id(value)
        kept = self._items.get(identity) or self._recent.get(identity) or self._before.get(identity)
        return kept if kept is not None and kept.value is value else None

    def _new(self, want: _Wanted, shown: Any, raw: bytes | None, clean: bool, depth: int) -> Kept:
        """Records a value of which nothing is known."""
        value, path = want.value, want.path
        if clean and raw is not None:
            data = raw
            if type(value) is list and len(raw) >= _SHARED and len(raw) >= _INLINE * len(value):
                by_items = self._list(value, path, None, depth, changing=False)
                if by_items is not None:
                    return by_items
        else:
            data = self._encoder.exact(value, path, depth)
        kept = self._finished(Kept(value, path, b""), data)
        keep_watch(kept, shown, self._encoder, self.tick)
        self._remember(kept)
        return kept

    def _list(self, value: list[Any], path: str, base: Kept | None, depth: int, *, changing: bool) -> Kept | None:
        """Records a list as what it shares with an earlier one and the items that are new.

        Returns:
            None when the list had better be recorded as a whole.
        """
        view = list(value)
        shared = self._same_items(view, base) if base is not None else 0
        tail = view[shared:]
        before: list[Kept | None] | None = None
        if base is not None and shared:
            before = base.children[:shared] if base.children is not None else None
        if _NEVER_CHANGE.issuperset(map(type, tail)) and len(tail) > _FEW:
            data = self._encoder.encode(tail, path, depth)
            parts: list[Part] = [data]
            size = len(data)
            children = [*before, *[None] * len(tail)] if before is not None else None
        elif len(tail) <= (_MANY_CHANGING if changing else _FEW) or _is_captured_or_model(type(tail[-1])):
            items = self._record([_Wanted(None, item, path) for item in tail], path, depth + 1)
            for item in items:
                if item.view is not None or isinstance(item.part, int):
                    self._remember_item(item)
            parts = _merged(items)
            size = sum(item.size for item in items)
            children = [*(before if before is not None else [None] * shared), *items]
        else:
            return None
        if base is not None and shared:
            size += base.size * shared // len(base.view)
        kept = Kept(value, path, b"", size)
        if not shared and size < _INLINE and all(isinstance(part, bytes) for part in parts):
            kept.part = parts[0] if parts else b"[]"
        else:
            kept.part = self._number([base.part if base is not None and shared else None, shared, parts])
        kept.children = children
        keep_watch(kept, value, self._encoder, self.tick)
        self._remember(kept)
        return kept

    def _same_items(self, view: list[Any], base: Kept) -> int:
        """How many items at the beginning are those recorded in ``base``, as they were."""
        if not isinstance(base.part, int) or base.inner:
            return 0
        before = base.view
        count = min(len(view), len(before))
        if not all(map(is_, view, before)):
            count = next(place for place in range(count) if view[place] is not before[place])
        if base.children is not None:
            changed = (place for place, child in enumerate(base.children[:count]) if child is not None and child.stale)
            return next(changed, count)
        return count

    def _dict(self, value: Any, path: str, base: Kept, depth: int) -> Kept | None:
        """Records a dict or model as what differs from an earlier one.

        Returns:
            None when it differs in more than half of its keys or had better be recorded as a whole.
        """
        shown = _shown(value)
        if type(shown) is not dict or not isinstance(base.part, int):
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
            wanted = [_Wanted(key, item, join(path, key)) for key, item in changed.items()]
            items = self._record(wanted, path, depth + 1)
            parts = {key: item.part for key, item in zip(changed, items, strict=True)}
            part = self._number([base.part, parts, removed])
            size += sum(item.size for item in items)
        kept = Kept(value, path, part, size)
        keep_watch(kept, shown, self._encoder, self.tick)
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
        self._fresh.append([self._last_number, *record])
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


def _is_captured_or_model(kind: type) -> bool:
    return kind is Captured or shape_of(kind).held_in_dict


def _is_small(number: Any) -> bool:
    """Whether a number can be written as JSON that every reader understands."""
    if type(number) is int:
        return -_INT64 <= number < _INT64
    return type(number) is not float or number - number == 0


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
        if isinstance(item.part, bytes):
            written.append(item.part)
            continue
        if written:
            parts.append(b"[" + b",".join(written) + b"]")
            written = []
        parts.append(item.part)
    if written:
        parts.append(b"[" + b",".join(written) + b"]")
    return parts
