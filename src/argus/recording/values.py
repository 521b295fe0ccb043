"""Recorded values, read back: from numbered records to Python values that share what was shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from argus.model.values import JsonValue, mark

__all__ = ["Values"]

_decode = msgspec.json.Decoder().decode
_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Values:
    """The values of one run; records are added in the order in which they were made.

    A grown list and the list it grew from hold the same items, a dict and its changed copy the same values, and the
    same JSON gives the same object. Nothing handed out may be changed.
    """

    def __init__(self) -> None:
        self._numbered: dict[int, JsonValue] = {}
        self._written: dict[bytes, JsonValue] = {}

    def add(self, records: Iterable[Sequence[Any]]) -> None:
        """Takes in records as made by :class:`argus.capture.delta.Tracker`.

        Args:
            records: The records of one frame.
        """
        for record in records:
            number = record[0]
            if len(record) == 2:
                self._numbered[number] = self.of(record[1])
            elif isinstance(record[2], Mapping):
                self._numbered[number] = self._changed_dict(record[1], record[2], record[3])
            else:
                self._numbered[number] = self._grown_list(record[1], record[2], record[3])

    def of(self, part: bytes | int | None) -> JsonValue:
        """The value of a part; a record that was lost leaves a mark.

        Args:
            part: JSON, the number of a record, or None for no value.
        """
        if part is None:
            return None
        if isinstance(part, int):
            if part in self._numbered:
                return self._numbered[part]
            return mark("error", type="lost", message="the record of this value was lost")
        try:
            return self._written[part]
        except KeyError:
            value = self._written[part] = _decode(part)
            return value

    def fields(self, fields: tuple[bytes, Mapping[str, bytes | int]]) -> dict[str, JsonValue]:
        """The values of a state's or update's fields.

        Args:
            fields: Its small fields as a JSON object, and a part for each of the others.
        """
        json, parts = fields
        return {**self.small_fields(json), **self._each(parts)}

    def small_fields(self, json: bytes) -> dict[str, JsonValue]:
        """The values of fields that were recorded together.

        Args:
            json: A JSON object; empty for no fields.
        """
        return {name: self.of(bytes(raw)) for name, raw in _split(json).items()} if json else {}

    def _each(self, parts: Mapping[str, bytes | int]) -> dict[str, JsonValue]:
        return {name: self.of(part) for name, part in parts.items()}

    def _changed_dict(self, base: int, parts: Mapping[str, bytes | int], removed: Sequence[str]) -> JsonValue:
        before = self.of(base)
        value = dict(before) if isinstance(before, dict) else {}
        for name in removed:
            value.pop(name, None)
        value.update(self._each(parts))
        return value

    def _grown_list(self, base: int | None, kept: int, parts: Sequence[bytes | int]) -> JsonValue:
        before = self.of(base) if base is not None else []
        value = before[:kept] if isinstance(before, list) else []
        for part in parts:
            if isinstance(part, int):
                value.append(self.of(part))
            else:
                value.extend(self.of(part))
        return value
