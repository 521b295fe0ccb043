"""What is new since the last look: states are recorded by their changes.

The fields of a state are recorded in two ways. Small plain ones *together*, as one JSON object whenever one of them
changed: encoding them all again costs a microsecond, tells any change in them, in place or not, and is cheaper than
looking at each. All others, each *on its own*, by identity and by what it shares with what was there before
(:mod:`argus.capture.sharing`, :mod:`argus.capture.kept`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

import msgspec

from argus.capture.encode import Encoder, fields_of
from argus.capture.kept import UNCHANGED, Kept, Part, changed_since
from argus.capture.plain import encode_unchecked
from argus.capture.sharing import Records, Sharer, Wanted

__all__ = ["Change", "Fields", "Held", "Tracker"]

_TOGETHER: Final = 1024
_FULL: Final = 768
_SMALL: Final = 256
_REMEMBERED: Final = 256
_INT64: Final = 1 << 63
_MISSING: Final = object()
_NEVER_CHANGE: Final = frozenset({str, int, bool, float, bytes, type(None)})

_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Fields(NamedTuple):
    """A state or an update.

    Attributes:
        json: Its small fields as a JSON object; empty when there are none.
        parts: A part for each of the others.
    """

    json: bytes
    parts: dict[str, Part]


class Change(NamedTuple):
    """A field that changed in place.

    Attributes:
        field: Its name.
        since: The tick at which it was last known to be unchanged.
    """

    field: str
    since: int


class Held:
    """The fields of a state or an input, as they were recorded.

    Attributes:
        json: The small ones, as recorded together.
        small: Their values.
        fixed: Whether none of them can change under the same identity.
        vouched: The JSON of those among them that were looked at closely last.
        large: What was recorded of each of the others.
        looked: The tick of the last look.
    """

    __slots__ = ("fixed", "json", "large", "looked", "small", "vouched")

    def __init__(self) -> None:
        self.json = b"{}"
        self.small: dict[str, Any] = {}
        self.fixed = True
        self.vouched = b""
        self.large: dict[str, Kept] = {}
        self.looked = 0


class Tracker:
    """Records the states and values of one run; not thread-safe, the run's lock protects it.

    Args:
        encoder: Turns values into JSON.

    Attributes:
        states: What was recorded of the state of each scope.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.states: dict[str, Held] = {}
        self._sharer = Sharer(encoder)
        self._seen: dict[int, str] = {}

    @property
    def tick(self) -> int:
        """Counts the looks at the host's objects."""
        return self._sharer.tick

    def advance(self) -> int:
        """The next tick; called once before each look."""
        self._sharer.tick += 1
        return self._sharer.tick

    def take_fresh(self) -> Records:
        """The records made since the last call; they belong into the next frame."""
        fresh = self._sharer.fresh
        if fresh:
            self._sharer.fresh = []
        return fresh

    def value(self, value: object, path: str = "") -> Part:
        """Records one value that is not a field of a state.

        Args:
            value: Any object.
            path: Its dotted path.
        """
        return self._sharer.record([(None, value, path, None)])[0].part

    def state(self, scope: str, live: object, *, deep: bool = False) -> tuple[Fields, list[str]]:
        """What changed in a scope's state since the last look.

        Args:
            scope: Which graph's state.
            live: The state by field.
            deep: Whether the content of every field is compared.

        Returns:
            All small fields if one of them changed, and the others that changed; the names of others that are gone.
        """
        held = self.states.get(scope)
        if held is None:
            held = self.states[scope] = Held()
        now = fields_of(live)
        large = held.large
        small = {name: value for name, value in now.items() if name not in large} if large else now
        json, wanted = self._small_fields(held, small)
        gone: list[str] = []
        if large:
            encoder, tick = self._encoder, self._sharer.tick
            for name, kept in large.items():
                value = now.get(name, _MISSING)
                if value is _MISSING:
                    gone.append(name)
                elif kept.value is not value or (
                    kept.view is not None and changed_since(kept, encoder, tick, deep) != UNCHANGED
                ):
                    wanted.append((name, value, name, kept))
            for name in gone:
                del large[name]
        return Fields(json, self._record(held, wanted) if wanted else {}), gone

    def fields(self, scope: str, given: object, held: Held | None = None) -> Fields:
        """Records an update or an explicit input, sharing what the scope's state already holds.

        Args:
            scope: Which graph's state.
            given: A mapping, a model, or anything else.
            held: Keeps what is needed for :meth:`mutated`.
        """
        now = fields_of(given)
        state = self.states.get(scope)
        known = state.large if state is not None else {}
        held = held or Held()
        small = now
        wanted: list[Wanted] = []
        if known and not known.keys().isdisjoint(now):
            small = {name: value for name, value in now.items() if name not in known}
            wanted = [(name, value, name, known[name]) for name, value in now.items() if name in known]
        json, more = self._small_fields(held, small) if small else (b"", [])
        wanted += more
        return Fields(json, self._record(held, wanted) if wanted else {})

    def mutated_state(
        self, scope: str, names: Collection[str] | None = None, *, deep: bool = False
    ) -> tuple[list[Change], Fields]:
        """Which fields of a scope's state changed in place since the last look, and what they are now.

        Args:
            scope: Which graph's state.
            names: Only changes of these are told; None means all.
            deep: Whether the content of every field is compared.
        """
        held = self.states.get(scope)
        return self.mutated(held, names, deep=deep) if held is not None else ([], _NOTHING)

    def mutated(
        self, held: Held, names: Collection[str] | None = None, *, deep: bool = False
    ) -> tuple[list[Change], Fields]:
        """Which fields changed in place since the last look, and what they are now.

        Args:
            held: What was recorded; brought up to date.
            names: Only changes of these are told; None means all.
            deep: Whether the content of every field is compared.
        """
        changes: list[Change] = []
        wanted: list[Wanted] = []
        json = b""
        looked, before = held.looked, held.json
        if not held.fixed:
            json, wanted = self._small_fields(held, held.small)
            if json or wanted:
                moved = {name: value for _, value, name, _ in wanted}
                changes = [Change(name, looked) for name in _differing(before, held.json, moved)]
        held.looked = tick = self._sharer.tick
        for name, kept in held.large.items():
            if kept.view is not None:
                since = changed_since(kept, self._encoder, tick, deep, True)
                if since != UNCHANGED:
                    changes.append(Change(name, since))
                    wanted.append((name, kept.value, name, kept))
        if not changes and not wanted:
            return changes, _NOTHING
        fields = Fields(json, self._record(held, wanted) if wanted else {})
        return [change for change in changes if names is None or change.field in names], fields

    def _small_fields(self, held: Held, small: dict[str, Any]) -> tuple[bytes, list[Wanted]]:
        """Records small fields together.

        Args:
            held: Brought up to date.
            small: The fields that are not recorded on their own, as they are now.

        Returns:
            Their JSON if it is another than before, and those that are to be recorded on their own from now on.
        """
        before = held.small
        held.looked = self._sharer.tick
        held.small = small
        wanted: list[Wanted] = []
        try:
            json = encode_unchecked(small)
        except Exception:  # noqa: BLE001 - whatever the C encoder cannot say is recorded on its own
            json = b""
        if json == held.json:
            return b"", wanted
        if not json or len(json) > _TOGETHER or not self._vouched_for(held, before, small, json):
            wanted = self._sort_out(small)
            moved = {want[2] for want in wanted}
            held.small = small = {name: value for name, value in small.items() if name not in moved}
            held.fixed = _NEVER_CHANGE.issuperset(map(type, small.values()))
            json = encode_unchecked(small)
        same = json == held.json
        held.json = json
        return (b"" if same else json), wanted

    def _vouched_for(self, held: Held, before: dict[str, Any], small: dict[str, Any], json: bytes) -> bool:
        """Whether the JSON of small fields may be recorded as it is.

        Only what was not looked at before is looked at: numbers need no look, a string that a node returned is mostly
        the one that the state holds next, and containers are taken as the same while their JSON is the same.
        """
        seen = self._seen
        doubtful: dict[str, Any] = {}
        flat = fixed = True
        for name, value in small.items():
            kind = type(value)
            if kind is str:
                if seen.get(id(value)) is not value and before.get(name) is not value:
                    doubtful[name] = value
            elif kind is int:
                if not -_INT64 <= value < _INT64:
                    return False
            elif value is not None and kind is not bool:
                doubtful[name] = value
                flat = False
                fixed = fixed and kind in _NEVER_CHANGE
        held.fixed = fixed
        encoder = self._encoder
        if flat and encoder.trusts_flat(small):
            if not doubtful:
                return True
            data = json if len(doubtful) == len(small) else encode_unchecked(doubtful)
            if encoder.redactor.suspects(data):
                return False
        else:
            doubtful.update((name, value) for name, value in small.items() if name not in before)
            data = json if len(doubtful) == len(small) else encode_unchecked(doubtful)
            if data == held.vouched:
                return True
            if not encoder.vouches_for(doubtful, data):
                return False
            held.vouched = data
        if len(seen) > _REMEMBERED:
            seen.clear()
        for value in doubtful.values():
            if type(value) is str:
                seen[id(value)] = value
        return True

    def _sort_out(self, small: dict[str, Any]) -> list[Wanted]:
        """Those of the fields that cannot be recorded together with others: long, not plain, or with a secret."""
        sizes: dict[str, int] = {}
        wanted: list[Wanted] = []
        for name, value in small.items():
            one = {name: value}
            try:
                is_long = type(value) is str and len(value) > _SMALL  # seen without encoding it
                data = b"" if is_long else encode_unchecked(one)
            except Exception:  # noqa: BLE001 - whatever the C encoder cannot say is recorded on its own
                data = b""
            if not data or len(data) > _SMALL or not self._encoder.vouches_for(one, data):
                wanted.append((name, value, name, None))
            else:
                sizes[name] = len(data)
        for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
            if sum(sizes.values()) <= _FULL:
                break
            del sizes[name]
            wanted.append((name, small[name], name, None))
        return wanted

    def _record(self, held: Held, wanted: list[Wanted]) -> dict[str, Part]:
        parts: dict[str, Part] = {}
        large = held.large
        for (_, _, name, _), kept in zip(wanted, self._sharer.record(wanted), strict=True):
            large[name] = kept
            parts[name] = kept.part
        return parts


_NOTHING: Final = Fields(b"", {})


def _differing(before: bytes, after: bytes, moved: dict[str, Any]) -> list[str]:
    """The fields whose JSON is another than before; ``moved`` are those that are recorded on their own now."""
    old, new = _split(before), _split(after)
    differing: list[str] = []
    for name, raw in old.items():
        try:
            now = encode_unchecked(moved[name]) if name in moved else bytes(new[name])
        except Exception:  # noqa: BLE001 - it became something that the C encoder cannot say
            now = b""
        if now != bytes(raw):
            differing.append(name)
    return differing
