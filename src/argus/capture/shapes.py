"""What an object looks like inside: one level of any object as a dict, a list, a scalar or a mark.

Only what is known to be data is looked into: dict and list subclasses, dataclasses, pydantic models, messages, named
tuples and the like, and always past their overridden methods where the real content can be reached. Everything else is
named, never iterated, copied or called, but for ``repr``.
"""

from __future__ import annotations

import dataclasses
import re
from array import array
from collections import deque
from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import islice
from pathlib import PurePath
from typing import Any, NamedTuple
from uuid import UUID

from argus.model.values import mark

__all__ = ["Shape", "failed", "opaque", "shape_of", "type_name"]

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_REPR_LENGTH = 200
_KNOWN_TYPES = 4096
_HASHED_BYTES = 64 << 20
_MOST_ITEMS = 100_000
_ATOMS = frozenset({str, int, float, bool, bytes, type(None)})
_IDENTIFYING_FIELDS = frozenset({"type", "content"})


class Shape(NamedTuple):
    """How the objects of a type are looked into.

    Attributes:
        show: One level of the object: a dict with any values, a list, a scalar or a mark.
        plain_json: Whether the C encoder comes to the same result by calling ``show``.
        alive: Whether the object's content may change under the same identity.
        held_in_dict: Whether the content is the object's ``__dict__``.
        is_message: Whether it is a chat message.
    """

    show: Callable[[Any], Any]
    plain_json: bool = False
    alive: bool = False
    held_in_dict: bool = False
    is_message: bool = False


def type_name(kind: type) -> str:
    """The qualified name of a class, without ``builtins``."""
    try:
        name = type.__dict__["__qualname__"].__get__(kind)
        module = type.__dict__["__module__"].__get__(kind)
    except Exception:  # noqa: BLE001 - a metaclass may hide anything
        return "object"
    return str(name) if module == "builtins" else f"{module}.{name}"


def opaque(value: object) -> dict[str, Any]:
    """The mark of an object that is not looked into: its type and the beginning of its ``repr``, addresses left out."""
    kind = type(value)
    try:
        text = repr(value)
        if len(text) > _REPR_LENGTH:
            text = text[: _REPR_LENGTH - 1] + "…"
        return mark("object", type=type_name(kind), repr=_ADDRESS.sub("", text))
    except Exception as error:  # noqa: BLE001 - repr is the host's code
        return failed(value, error)


def failed(value: object, error: BaseException) -> dict[str, Any]:
    """The mark of an object that raised while it was looked at."""
    return mark("error", type=type_name(type(value)), message=type_name(type(error)))


_known: dict[type, Shape] = {}


def shape_of(kind: type) -> Shape:
    """How to look into the objects of a type."""
    shape = _known.get(kind)
    if shape is None:
        try:
            shape = _work_out(kind)
        except Exception:  # noqa: BLE001 - metaclasses may raise from any check
            shape = Shape(opaque)
        if len(_known) >= _KNOWN_TYPES:
            _known.clear()
        _known[kind] = shape
    return shape


def _work_out(kind: type) -> Shape:
    if issubclass(kind, Enum):
        return Shape(lambda value: value._value_)
    for base, shape in _FAMILIES:
        if issubclass(kind, base):
            return shape
    fields = _declared(kind, "__pydantic_fields__") or _declared(kind, "__fields__")
    if isinstance(fields, dict) and _declared(kind, "model_dump", "dict") is not None:
        return _MESSAGE if fields.keys() >= _IDENTIFYING_FIELDS else _MODEL
    if dataclasses.is_dataclass(kind):
        return _attributes([field.name for field in dataclasses.fields(kind)])
    struct_fields = _declared(kind, "__struct_fields__")
    if isinstance(struct_fields, tuple):
        return _attributes([str(name) for name in struct_fields])
    attrs_fields = _declared(kind, "__attrs_attrs__")
    if isinstance(attrs_fields, tuple):
        return _attributes([field.name for field in attrs_fields])
    if type_name(kind).startswith("numpy.") and _declared(kind, "item") is not None:
        return Shape(_numpy, alive=True)
    if _declared(kind, "dtype") is not None and _declared(kind, "shape") is not None:
        return Shape(_tensor)
    if issubclass(kind, Mapping):
        return Shape(_mapping, alive=True)
    return Shape(_message_or_opaque)


def _declared(kind: type, *names: str) -> Any:
    """A class attribute, found without calling anything of the class's."""
    for base in type.__dict__["__mro__"].__get__(kind):
        for name in names:
            found = base.__dict__.get(name)
            if found is not None:
                return found
    return None


def _exact_dict(value: dict[Any, Any]) -> dict[Any, Any]:
    return dict(zip(dict.keys(value), dict.values(value), strict=True))


def _named_tuple(value: Any) -> Any:
    names = _declared(type(value), "_fields")
    items = list(tuple.__iter__(value))
    return dict(zip(names, items, strict=True)) if isinstance(names, tuple) and len(names) == len(items) else items


def _set(value: Any) -> list[Any]:
    items = list(islice(value, _MOST_ITEMS))
    kinds = set(map(type, items))
    return sorted(items) if len(kinds) == 1 and kinds <= _ATOMS else items


def _time(value: Any) -> str:
    kind = next(base for base in (datetime, date, time) if isinstance(value, base))
    text: str = kind.isoformat(value)
    return f"{text.removesuffix('+00:00')}Z" if text.endswith("+00:00") else text


def _mapping(value: Any) -> dict[Any, Any]:
    return dict(islice(value.items(), _MOST_ITEMS))


def _model(value: Any) -> dict[str, Any]:
    extra = getattr(value, "__pydantic_extra__", None)
    return {**value.__dict__, **extra} if extra else dict(value.__dict__)


def _message(value: Any) -> dict[str, Any]:
    """A chat message without its empty fields."""
    return {
        name: field
        for name, field in _model(value).items()
        if name in _IDENTIFYING_FIELDS or not (field is None or (type(field) in _CONTAINERS and not field))
    }


_CONTAINERS = frozenset({dict, list, tuple, str})


def _message_or_opaque(value: Any) -> Any:
    """Anything that holds a ``type`` and a ``content`` of its own counts as a message."""
    held = getattr(value, "__dict__", None)
    if type(held) is dict and type(held.get("type")) is str and "content" in held:
        return {name: field for name, field in held.items() if not name.startswith("_")}
    return opaque(value)


def _attributes(names: list[str]) -> Shape:
    def show(value: Any) -> dict[str, Any]:
        missing = object()
        pairs = ((name, getattr(value, name, missing)) for name in names)
        return {name: held for name, held in pairs if held is not missing}

    return Shape(show, alive=True)


def _bytes(value: Any) -> dict[str, Any]:
    return mark("bytes", **_sized(memoryview(value)))


def _buffer(value: Any) -> dict[str, Any]:
    view = memoryview(value)
    return mark(
        "buffer", type=type_name(type(value)), dtype=view.format, shape=list(view.shape or ()),
        **_sized(view if view.c_contiguous else view.tobytes()),
    )  # fmt: skip


def _numpy(value: Any) -> Any:
    if value.shape == ():
        return value.item()
    facts = {"type": type_name(type(value)), "dtype": str(value.dtype), "shape": list(value.shape)}
    if value.dtype.hasobject:
        return mark("buffer", **facts)
    return mark("buffer", **facts, **_sized(value if value.flags.c_contiguous else value.tobytes()))


def _tensor(value: Any) -> dict[str, Any]:
    return mark(
        "buffer", type=type_name(type(value)), dtype=str(value.dtype), shape=[int(size) for size in value.shape]
    )  # fmt: skip


def _sized(data: Any) -> dict[str, Any]:
    """Length in bytes and hash; of more than 64 MB the beginning is hashed, and that is said."""
    from xxhash import xxh3_128_hexdigest

    view = memoryview(data).cast("B") if memoryview(data).ndim != 1 else memoryview(data)
    length = view.nbytes
    if length <= _HASHED_BYTES:
        return {"length": length, "xxh3": xxh3_128_hexdigest(view)}
    return {"length": length, "xxh3": xxh3_128_hexdigest(view.cast("B")[:_HASHED_BYTES]), "hashed": _HASHED_BYTES}


_MODEL = Shape(_model, plain_json=True, alive=True, held_in_dict=True)
_MESSAGE = Shape(_message, plain_json=True, alive=True, held_in_dict=True, is_message=True)

_FAMILIES: tuple[tuple[type | tuple[type, ...], Shape], ...] = (
    (str, Shape(str.__str__, plain_json=True)),
    (int, Shape(int.__pos__, plain_json=True)),
    (float, Shape(float.__pos__)),
    (dict, Shape(_exact_dict, alive=True)),
    (list, Shape(list.copy, alive=True)),
    (tuple, Shape(_named_tuple, alive=True)),
    ((set, frozenset), Shape(_set, alive=True)),
    (deque, Shape(lambda value: list(islice(value, _MOST_ITEMS)), alive=True)),
    ((KeysView, ValuesView, ItemsView), Shape(lambda value: list(islice(value, _MOST_ITEMS)), alive=True)),
    (bytes, Shape(_bytes)),
    (bytearray, Shape(_bytes, alive=True)),
    ((memoryview, array), Shape(_buffer, alive=True)),
    ((datetime, date, time), Shape(_time)),
    (timedelta, Shape(timedelta.__str__)),
    (UUID, Shape(UUID.__str__)),
    (Decimal, Shape(Decimal.__str__)),
    (Fraction, Shape(Fraction.__str__)),
    (complex, Shape(complex.__repr__)),
    (PurePath, Shape(PurePath.__str__)),
    (BaseException, Shape(opaque)),
)
