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

from collections.abc import Collection, Mapping, Sequence
from operator import is_
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from xxhash import xxh3_128_digest

from argus.capture.encode import Encoder, fields_of
from argus.capture.kept import UNCHANGED, Kept, Part, Watched, changed_since, inside_as_recorded, watched
from argus.capture.paths import join
from argus.capture.plain import encode_unchecked
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
_MAYBE_CUT: Final = 1 << 20
_INT64: Final = 1 << 63

_NUMBERS = frozenset({int, bool, float, type(None)})
_NEVER_CHANGE = frozenset({str, *_NUMBERS})
_STRINGS = frozenset({str})
_MISSING: Final = object()
_ATOM: Final = Kept(None, "", b"null")
"""Stands for an item that cannot change in a list recorded item by item."""

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


_Wanted: TypeAlias = "tuple[str | None, Any, str, Kept | None]"
"""A value to be recorded: its key (None for an item of a list), itself, its path, what was recorded in its place."""


class _State:
    """The state of one scope.

    Small fields that can change are watched together: encoding all of them again costs less than looking at two.

    Attributes:
        known: What was recorded of each field.
        watched: Those of them that can change in place.
    """

    __slots__ = ("_json", "_small", "_tick", "_values", "known", "watched")

    def __init__(self) -> None:
        self.known: dict[str, Kept] = {}
        self.watched: dict[str, Watched] = {}
        self._small: list[Watched] | None = None
        self._values: list[Any] = []
        self._json = b""
        self._tick = 0

    def learn(self, name: str, kept: Kept) -> None:
        before = self.known.get(name)
        self.known[name] = kept
        if kept.is_small or (before is not None and before.is_small):
            self._scatter()
        if isinstance(kept, Watched):
            self.watched[name] = kept
        elif name in self.watched:
            del self.watched[name]

    def forget(self, name: str) -> None:
        self._scatter()
        del self.known[name]
        self.watched.pop(name, None)

    def small_unchanged(self, tick: int) -> bool:
        """Whether all small fields are as they were; when not, or not known, they have to be looked at one by one."""
        if self._small is None:
            self._small = [kept for kept in self.watched.values() if kept.is_small and not kept.stale]
            self._values = [kept.value for kept in self._small]
            self._json = self._encoded()
            self._tick = 0
            return False
        json = self._encoded()
        if json and json == self._json:
            self._tick = tick
            return True
        self._scatter()
        return False

    def _encoded(self) -> bytes:
        try:
            return encode_unchecked(self._values)
        except Exception:  # noqa: BLE001 - one of them changed into something that only the careful way can say
            return b""

    def _scatter(self) -> None:
        """Notes in the fields themselves when they were last looked at together."""
        for kept in self._small or ():
            kept.looked = kept.compared = max(kept.looked, self._tick)
        self._small = None


class Tracker:
    """Records the values of one run; not thread-safe, the run's lock protects it.

    Args:
        encoder: Turns values into JSON.

    Attributes:
        tick: Counts the looks at the host's objects; the caller advances it.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._states: dict[str, _State] = {}
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
        fresh = self._fresh
        if fresh:
            self._fresh = []
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
        state = self._states.get(scope)
        if state is None:
            state = self._states[scope] = _State()
        known = state.known
        now: dict[str, Any] = dict(live) if type(live) is dict else fields_of(live)
        encoder, tick = self._encoder, self.tick
        small_unchanged = state.small_unchanged(tick) if state.watched else True
        wanted: list[_Wanted] = []
        for name, value in now.items():
            kept = known.get(name)
            if (
                kept is None
                or kept.value is not value
                or (
                    kept.view is not None
                    and not (small_unchanged and kept.is_small)
                    and changed_since(kept, encoder, tick, deep) != UNCHANGED
                )
            ):
                wanted.append((name, value, name, kept))
        changed: dict[str, Part] = {}
        if wanted:
            if not _STRINGS.issuperset([type(want[0]) for want in wanted]):
                return self.state(scope, fields_of(live), deep=deep)
            for want, kept in zip(wanted, self._record(wanted, "", 0), strict=True):
                name = want[2]
                changed[name] = kept.part
                if kept.view is None and name not in state.watched:
                    known[name] = kept
                else:
                    state.learn(name, kept)
        gone = [name for name in known if name not in now] if len(known) > len(now) else []
        for name in gone:
            state.forget(name)
        return changed, gone

    def fields(self, scope: str, given: object) -> tuple[dict[str, Part], dict[str, Kept]]:
        """Records an update or an explicit input by field, sharing what the scope's state already holds.

        Args:
            scope: Which graph's state.
            given: A mapping, a model, or anything else.

        Returns:
            The parts of all fields, and what can change in place of them.
        """
        state = self._states.get(scope)
        known: dict[str, Kept] = state.known if state is not None else {}
        wanted: list[_Wanted] = [(name, value, name, known.get(name)) for name, value in fields_of(given).items()]
        parts: dict[str, Part] = {}
        can_change: dict[str, Kept] = {}
        for (_, _, name, _), kept in zip(wanted, self._record(wanted, "", 0), strict=True):
            parts[name] = kept.part
            if kept.view is not None:
                can_change[name] = kept
        return parts, can_change

    def value(self, value: object, path: str = "") -> Part:
        """Records one value that is not a field of a state.

        Args:
            value: Any object.
            path: Its dotted path.
        """
        return self._record([(None, value, path, None)], "", 0)[0].part

    def mutated_state(
        self, scope: str, names: Collection[str] | None = None, *, deep: bool = False
    ) -> tuple[list[Change], dict[str, Part]]:
        """Which fields of a scope's state changed in place since the last look, and their new parts.

        Args:
            scope: Which graph's state.
            names: The fields to look at; None means all.
            deep: Whether the content of every field is compared.
        """
        state = self._states.get(scope)
        if state is None or not state.watched:
            return [], {}
        if state.small_unchanged(self.tick):
            large = {name: kept for name, kept in state.watched.items() if not kept.is_small}
            changes = self.mutated(large, names, deep=deep) if large else []
        else:
            changes = self.mutated(state.watched, names, deep=deep)
        if not changes:
            return changes, {}
        wanted: list[_Wanted] = []
        for name, _ in changes:
            old = state.watched[name]
            wanted.append((name, old.value, name, old))
        parts: dict[str, Part] = {}
        for (_, _, name, _), kept in zip(wanted, self._record(wanted, "", 0), strict=True):
            state.learn(name, kept)
            parts[name] = kept.part
        return changes, parts

    def mutated(
        self, watched_fields: Mapping[str, Kept], names: Collection[str] | None = None, *, deep: bool = False
    ) -> list[Change]:
        """Which fields changed in place since they were recorded or last looked at.

        Args:
            watched_fields: What was recorded of each.
            names: The fields to look at; None means all.
            deep: Whether the content of every field is compared.
        """
        encoder, tick = self._encoder, self.tick
        changes: list[Change] = []
        for name, kept in watched_fields.items():
            if names is None or name in names:
                since = changed_since(kept, encoder, tick, deep, True)
                if since != UNCHANGED:
                    changes.append(Change(name, since))
        return changes

    def _record(self, wanted: Sequence[_Wanted], holder: str, depth: int) -> list[Kept]:
        """Records several values that lie side by side, sharing whatever it can.

        New plain values are encoded first and searched for secrets together, for a search costs more than a small
        value's encoding. Numbers and strings, which most values are, never leave this function.
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
        if kind is list:
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
        return len(base.view) <= self._encoder.limits.max_items and not (base.careful and base.size > _MAYBE_CUT)

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
                kept.is_small = raw is not None and len(raw) < _SHARED and type(kept.view) is not tuple
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
        view = list(value)
        if len(view) > self._encoder.limits.max_items:
            return None
        shared = self._same_items(view, base) if base is not None else 0
        tail = view[shared:]
        children: list[Kept] | None = None
        if base is not None and shared:
            children = base.children[:shared] if base.children is not None else [_ATOM] * shared
        if len(tail) > _FEW and _NEVER_CHANGE.issuperset(map(type, tail)):
            data = self._encoder.encode(tail, path, depth)
            parts: list[Part] = [data]
            size = len(data)
            children = [*children, *[_ATOM] * len(tail)] if children is not None else None
        elif len(tail) <= (_FEW if base is None else _MANY_CHANGING) or _goes_by_items(type(tail[-1])):
            items = self._record([(None, item, path, None) for item in tail], path, depth + 1)
            for item in items:
                if item.view is not None or type(item.part) is int:
                    self._remember_item(item)
            parts = _merged(items)
            size = sum([item.size for item in items])
            children = [*children, *items] if children is not None else items
        else:
            return None
        if base is not None and shared:
            size += base.size * shared // len(base.view)
        kept = Kept(value, path, b"", size)
        if not shared and size < _INLINE and all(type(part) is bytes for part in parts):
            kept.part = parts[0] if parts else b"[]"
        else:
            kept.part = self._number([base.part if base is not None and shared else None, shared, parts])
        result = watched(kept, value, self._encoder, self.tick, children)
        self._remember(result)
        return result

    def _same_items(self, view: list[Any], base: Watched) -> int:
        """How many items at the beginning are those recorded in ``base``, as they were."""
        if base.inner:
            return 0
        before = base.view
        count = min(len(view), len(before))
        if not all(map(is_, view, before)):
            count = next(place for place in range(count) if view[place] is not before[place])
        if base.children is not None and base.stale:
            children = base.children[:count]
            return next((place for place, child in enumerate(children) if _is_stale(child)), count)
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
            wanted: list[_Wanted] = [(key, item, join(path, key), None) for key, item in changed.items()]
            items = self._record(wanted, path, depth + 1)
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
