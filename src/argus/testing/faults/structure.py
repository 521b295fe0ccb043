"""Faults of form: what a node returns has the wrong keys, types or nothing in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from argus.testing.faults.fault import Call, Layer, NodeFault, ValueFault
from argus.testing.faults.places import fields_of, has, look_up, removed, replaced, set_at

__all__ = ["DroppedField", "EmptyValue", "MissingValue", "NoUpdate", "RenamedKey", "UnparsedText", "WrongType"]

_SYNONYMS: Final = {
    "answer": "response", "documents": "docs", "total": "amount", "customer": "client", "summary": "abstract",
    "text": "content", "query": "question", "items": "entries", "price": "cost", "score": "rating", "user": "account",
    "result": "output", "results": "outputs", "lines": "rows", "report": "document", "draft": "proposal",
    "name": "title",
}  # fmt: skip

_SWAPPED: Final = str.maketrans(",.", ".,")


@dataclass(frozen=True, kw_only=True)
class DroppedField(NodeFault):
    """A field, or a key inside one, is no longer returned."""

    kind: ClassVar[str] = "dropped_field"
    layer: ClassVar[Layer] = "structural"

    def after(self, call: Call, result: Any) -> Any:
        """Takes the field out."""
        path = self.field or next(iter(fields_of(result)), None)
        return removed(result, path) if path and has(result, path) else result


@dataclass(frozen=True, kw_only=True)
class RenamedKey(NodeFault):
    """A field is returned under another name.

    Attributes:
        new_name: The wrong name; None makes one by seed: plural, synonym, camelCase, typo, prefix, capital.
    """

    kind: ClassVar[str] = "renamed_key"
    layer: ClassVar[Layer] = "structural"

    new_name: str | None = None

    def after(self, call: Call, result: Any) -> Any:
        """Moves the value to the wrong key."""
        path = self.field or next(iter(fields_of(result)), None)
        if not path or not has(result, path):
            return result
        head, _, last = path.rpartition(".")
        if head:
            return replaced(result, head, lambda holder: self._moved(holder, last))
        value = look_up(result, path)[0]
        return set_at(removed(result, path), self.name_for(path), value)

    def name_for(self, name: str) -> str:
        """The wrong name for a key.

        Args:
            name: The right one.
        """
        if self.new_name is not None:
            return self.new_name
        words = name.split("_")
        candidates = (
            name[:-1] if name.endswith("s") else f"{name}s",
            _SYNONYMS.get(name, f"{words[-1]}_value" if len(words) > 1 else f"{name}_value"),
            "".join([words[0], *(word.capitalize() for word in words[1:])]) if len(words) > 1 else name.capitalize(),
            name[:-2] + name[-1] + name[-2] if len(name) > 3 and name[-1] != name[-2] else f"{name}{name[-1]}",
            f"new_{name}",
            f"{name}_",
            name.upper(),
        )
        return self.pick([candidate for candidate in candidates if candidate != name])

    def _moved(self, holder: Any, last: str) -> Any:
        if not isinstance(holder, Mapping) or last not in holder:
            return holder
        return {self.name_for(last) if key == last else key: value for key, value in holder.items()}


@dataclass(frozen=True, kw_only=True)
class MissingValue(ValueFault):
    """A required value is None."""

    kind: ClassVar[str] = "missing_value"
    layer: ClassVar[Layer] = "structural"

    def fits(self, value: Any) -> bool:
        """Anything but None."""
        return value is not None

    def change(self, value: Any) -> Any:
        """None."""
        return None


@dataclass(frozen=True, kw_only=True)
class WrongType(ValueFault):
    """A value has another type than it should: text for a number, a list for an item, a dict for a list, and so on."""

    kind: ClassVar[str] = "wrong_type"
    layer: ClassVar[Layer] = "structural"

    def fits(self, value: Any) -> bool:
        """Any plain value."""
        return isinstance(value, (bool, int, float, str, list, tuple, dict)) and value not in ("", [], {}, ())

    def change(self, value: Any) -> Any:
        """The same content in the wrong shape."""
        if isinstance(value, bool):
            return self.pick([str(value).lower(), "yes" if value else "no", [value]])
        if isinstance(value, (int, float)):
            return self.pick([f"{value}", f"{value:,} units", [value], {"value": value}, f"about {value}"])
        if isinstance(value, str):
            return self.pick([[value], {"text": value}, list(value.split()), len(value)])
        if isinstance(value, Mapping):
            return self.pick([list(value.items()), [dict(value)], str(dict(value)), list(value.values())])
        items = list(value)
        return self.pick([dict(enumerate(items)), {"items": items}, str(items), items[0]])


@dataclass(frozen=True, kw_only=True)
class EmptyValue(ValueFault):
    """A text, list or dict that should have content is empty."""

    kind: ClassVar[str] = "empty_output"
    layer: ClassVar[Layer] = "structural"

    def fits(self, value: Any) -> bool:
        """Texts and collections with content."""
        return isinstance(value, (str, list, tuple, dict)) and bool(value)

    def change(self, value: Any) -> Any:
        """Nothing of the same type."""
        if isinstance(value, str):
            return self.pick(["", "   ", "\n", "\u200b"])
        return type(value)()


@dataclass(frozen=True, kw_only=True)
class NoUpdate(NodeFault):
    """The node returns nothing, as if it had forgotten its ``return``."""

    kind: ClassVar[str] = "no_update"
    layer: ClassVar[Layer] = "structural"

    def after(self, call: Call, result: Any) -> Any:
        """None or an empty update instead of the node's."""
        if not fields_of(result):
            return result
        return self.pick([None, {}])


@dataclass(frozen=True, kw_only=True)
class UnparsedText(ValueFault):
    """A number, date or flag is handed on as it stood in the text it was read from."""

    kind: ClassVar[str] = "unparsed_text"
    layer: ClassVar[Layer] = "structural"

    def fits(self, value: Any) -> bool:
        """Numbers."""
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    def change(self, value: Any) -> Any:
        """The number as people write it."""
        plain = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
        return self.pick([plain, f"€ {plain}", f"{plain} (net)", plain.translate(_SWAPPED)])
