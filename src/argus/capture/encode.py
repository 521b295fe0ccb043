"""Any value to JSON, always: redacted, bounded, and saying what was replaced.

There are two ways to the same result. Plain values are encoded in C (:mod:`argus.capture.plain`) and then searched once
for hints of secrets. Everything else, and whatever the search finds suspicious, is walked value by value.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from argus.capture.limits import PREVIEW, FieldPolicies, Limits, cut, hash_of_text
from argus.capture.paths import join
from argus.capture.plain import has_long_string, is_plain, plain_json
from argus.capture.redact import Redactor
from argus.capture.shapes import failed, opaque, shape_of, type_name
from argus.config.settings import FieldPolicy, Settings
from argus.model.values import MARK, REDACTED, ROOT_FIELD, cut_marker, mark

__all__ = ["MORE", "Encoder", "fields_of"]

MORE = "…"
"""The key under which a dict says how many of its items were left out."""

_NOTHING_TO_HIDE = frozenset({bool, type(None)})
_INT64 = 1 << 63
_REMEMBERED = 4096
_SMALL = 1024
_STRINGS = frozenset({str})
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Encoder:
    """Turns values into JSON under one configuration; thread-safe.

    Args:
        limits: How much of a value is kept.
        redactor: What is hidden.
        policies: Fields that are kept in part or not at all.
    """

    def __init__(self, limits: Limits, redactor: Redactor, policies: FieldPolicies | None = None) -> None:
        self.limits = limits
        self.redactor = redactor
        self.policies = policies or FieldPolicies({})
        self.dotted = redactor.keys.dotted or self.policies.dotted
        """Whether the same value is recorded differently at different paths."""
        self._leaves_small_whole = (
            not self.policies and limits.max_depth > 0 and min(limits.max_string, limits.max_items) >= _SMALL
        )
        self._special: dict[str, FieldPolicy | Literal["redact"] | None] = {}

    @classmethod
    def of(cls, settings: Settings, redactor: Redactor) -> Encoder:
        """The encoder that settings ask for."""
        return cls(Limits.of(settings), redactor, FieldPolicies(settings.capture.fields))

    def encode(self, value: object, path: str = "", depth: int = 0) -> bytes:
        """The JSON of any value; never raises, takes time linear in what is kept.

        Args:
            value: Any object; never changed.
            path: The dotted path of the value; empty for a whole state.
            depth: Containers around the value.
        """
        data = self.fast(value, depth)
        if data is not None and not self.redactor.suspects(data):
            return data
        return self.exact(value, path, depth)

    def fast(self, value: object, depth: int = 0) -> bytes | None:
        """The JSON of a plain value with its secrets still in it, or None; see :func:`argus.capture.plain.plain_json`.

        Args:
            value: Any object.
            depth: Containers around the value.
        """
        return None if self.policies.dotted else plain_json(value, self.limits, self.redactor.keys, depth)

    def vouches_for(self, value: object, data: bytes) -> bool:
        """Whether JSON that the C encoder made is what would be recorded: of a plain value, within limits, no secret.

        Args:
            value: What was encoded.
            data: Its JSON.
        """
        return (
            not self.policies
            and is_plain(value, self.limits, self.redactor.keys)
            and not self.redactor.suspects(data)
            and (len(data) <= self.limits.max_string or not has_long_string(data, self.limits.max_string))
        )

    def trusts_flat(self, values: dict[str, Any]) -> bool:
        """Whether a few strings and numbers may be recorded as the C encoder says them, secrets in strings aside.

        Args:
            values: Strings, 64-bit integers, booleans and None by name; at most 1,024 bytes of JSON.
        """
        return self._leaves_small_whole and self.redactor.keys.clears(values)

    def text(self, value: str) -> bytes | None:
        """The JSON of a string with its secrets still in it; None when it is too long or not sayable in UTF-8.

        Args:
            value: The string.
        """
        if len(value) > self.limits.max_string or self.policies.dotted:
            return None
        try:
            return _encode(value)
        except UnicodeEncodeError:
            return None

    def exact(self, value: object, path: str = "", depth: int = 0, policy: FieldPolicy | None = None) -> bytes:
        """The JSON of any value, walked value by value.

        Args:
            value: Any object; never changed.
            path: The dotted path of the value.
            depth: Containers around the value.
            policy: How much of it is kept.
        """
        try:
            return _encode(_Walk(self).under(policy, value, path, depth))
        except Exception as error:  # noqa: BLE001 - the last resort: some value defeated every care taken
            return _encode(failed(value, error))

    def special(self, key: str, path: str = "") -> FieldPolicy | Literal["redact"] | None:
        """What a key asks for: ``redact``, a policy, or None for the usual.

        Args:
            key: A field of the state, or a key inside one.
            path: The dotted path of what holds it; empty for a field of the state.
        """
        place = f"{path}.{key}" if path else key
        try:
            return self._special[place]
        except KeyError:
            asked = "redact" if self.redactor.keys.fits(key, path) else self.policies.of(key, path)
            if len(self._special) >= _REMEMBERED:
                self._special.clear()
            self._special[place] = asked
            return asked

    def specially(self, asked: FieldPolicy | Literal["redact"], value: object, path: str, depth: int = 0) -> bytes:
        """The JSON of a value whose key asks for something.

        Args:
            asked: From :meth:`special`.
            value: The value.
            path: Its own dotted path.
            depth: Containers around the value.
        """
        if asked == "redact":
            return _encode(value if type(value) in _NOTHING_TO_HIDE else REDACTED)
        return self.exact(value, path, depth, asked)

    def fields(self, state: object) -> dict[str, bytes]:
        """Any state as the JSON of its fields; what is not a mapping becomes the field ``__root__``.

        Args:
            state: A mapping, a model, or anything else.
        """
        kept: dict[str, bytes] = {}
        for name, value in fields_of(state).items():
            asked = self.special(name)
            kept[name] = self.encode(value, name) if asked is None else self.specially(asked, value, name)
        return kept


def fields_of(state: object) -> dict[str, Any]:
    """A state by field name, its values untouched; what is not a mapping becomes the field ``__root__``.

    Args:
        state: A mapping, a model, or anything else; never changed.
    """
    shown: Any = state
    if type(shown) is not dict:
        try:
            shown = shape_of(type(state)).show(state)
        except Exception:  # noqa: BLE001 - a hostile state is recorded as what it is
            return {ROOT_FIELD: state}
        if type(shown) is not dict or MARK in shown or shape_of(type(state)).is_message:
            return {ROOT_FIELD: state}
    fields: dict[Any, Any] = dict(shown)  # in one go: another thread of the host may be changing it
    if _STRINGS.issuperset(map(type, fields)):
        return fields
    return {name if type(name) is str else opaque(name).get("repr", "?"): value for name, value in fields.items()}


class _Walk:
    """One value on the careful way."""

    def __init__(self, encoder: Encoder) -> None:
        self._limits = encoder.limits
        self._redactor = encoder.redactor
        self._policies = encoder.policies
        self._left = encoder.limits.max_nodes
        self._max_string = encoder.limits.max_string
        self._around: set[int] = set()

    def under(self, policy: FieldPolicy | None, value: Any, path: str, depth: int) -> Any:
        if policy is None:
            return self.value(value, path, depth)
        if policy == "skip":
            return mark("skipped")
        if policy == "full":
            before, self._max_string = self._max_string, 1 << 62
            try:
                return self.value(value, path, depth)
            finally:
                self._max_string = before
        shown = self.value(value, path, depth)
        text = shown if isinstance(shown, str) else _encode(shown).decode()
        if policy == "hash":
            return mark("hashed", length=len(text), xxh3=hash_of_text(text))
        if len(text) <= PREVIEW:
            return shown
        return text[:PREVIEW] + cut_marker(len(text), hash_of_text(text))

    def value(self, value: Any, path: str, depth: int) -> Any:
        self._left -= 1
        kind = type(value)
        if kind is str:
            return self._text(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if -_INT64 <= value < _INT64 else _huge(value)
        if kind is float:
            return value if value - value == 0 else mark("float", value=str(value))
        if kind is dict or kind is list or kind is tuple:
            return self._container(value, value, path, depth)
        try:
            shown = shape_of(kind).show(value)
        except Exception as error:  # noqa: BLE001 - properties, iterators and the like are the host's code
            return failed(value, error)
        shown_kind = type(shown)
        if shown_kind is dict and MARK in shown:
            return {name: self._text(fact) if name == "repr" else fact for name, fact in shown.items()}
        if shown_kind is dict or shown_kind is list or shown_kind is tuple:
            return self._container(value, shown, path, depth)
        return self.value(shown, path, depth) if shown_kind is not kind else opaque(value)

    def _container(self, owner: Any, shown: Any, path: str, depth: int) -> Any:
        if id(owner) in self._around:
            return mark("cycle")
        if depth >= self._limits.max_depth:
            return mark("deep", type=type_name(type(owner)))
        self._around.add(id(owner))
        try:
            if type(shown) is dict:
                return self._dict(shown, path, depth + 1)
            return self._list(list(shown), path, depth + 1)
        except RecursionError:
            return mark("deep", type=type_name(type(owner)))
        finally:
            self._around.discard(id(owner))

    def _list(self, items: list[Any], path: str, depth: int) -> list[Any]:
        kept: list[Any] = []
        for item in items:
            if self._left <= 0 or len(kept) >= self._limits.max_items:
                kept.append(mark("more", count=len(items) - len(kept)))
                break
            kept.append(self.value(item, path, depth))
        return kept

    def _dict(self, items: dict[Any, Any], path: str, depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, item in list(items.items()):
            if self._left <= 0 or len(kept) >= self._limits.max_items:
                kept[MORE] = mark("more", count=len(items) - len(kept))
                break
            name = self._key(key, kept)
            if self._redactor.keys.fits(name, path):
                self._left -= 1
                kept[name] = item if type(item) in _NOTHING_TO_HIDE else REDACTED
            elif self._policies.dotted:
                policy = self._policies.of(name, path) if path else None
                kept[name] = self.under(policy, item, join(path, name), depth)
            else:
                kept[name] = self.value(item, join(path, name), depth)
        return kept

    def _key(self, key: Any, kept: dict[str, Any]) -> str:
        if type(key) is not str:
            try:
                key = str.__str__(key) if isinstance(key, str) else repr(key)[:PREVIEW]
            except Exception:  # noqa: BLE001 - repr is the host's code
                key = f"<{type_name(type(key))}>"
        name = stem = self._text(key)
        number = 1
        while name in kept:
            number += 1
            name = f"{stem} ({number})"
        return name

    def _text(self, text: str) -> str:
        kept = cut(text, self._max_string, self._redactor.text)
        try:
            kept.encode()
        except UnicodeEncodeError:
            kept = kept.encode("utf-8", "backslashreplace").decode()
        return kept


def _huge(value: int) -> dict[str, Any]:
    bits = value.bit_length()
    return mark("object", type="int", repr=str(value) if bits <= 512 else f"{hex(value >> (bits - 64))}… ({bits} bits)")
