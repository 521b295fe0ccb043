"""Declared types as data: what a state schema says about its fields."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import inspect
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import typing_extensions

from argus._internal.guard import Guard
from argus.model.graph import FieldSpec, TypeKind, TypeSpec

__all__ = ["describe_fields", "describe_type"]

_MAX_DEPTH: Final = 8
_ANY: Final = TypeSpec(kind="any", name="Any")
_NONE: Final = TypeSpec(kind="none", name="None")

_guard = Guard("instrumentation.types")

_SCALARS: Final[dict[Any, TypeKind]] = {bool: "bool", int: "int", float: "float", str: "str", bytes: "bytes"}
_SEQUENCES: Final = (
    list, collections.deque, collections.abc.Sequence, collections.abc.MutableSequence, collections.abc.Collection,
    collections.abc.Iterable,
)  # fmt: skip
_SETS: Final = (set, frozenset, collections.abc.Set, collections.abc.MutableSet)
_MAPPINGS: Final = (
    dict, collections.OrderedDict, collections.defaultdict, collections.Counter, collections.abc.Mapping,
    collections.abc.MutableMapping,
)  # fmt: skip
_QUALIFIERS: Final = {
    form
    for name in ("Required", "NotRequired", "ReadOnly", "Final", "ClassVar")
    for module in (typing, typing_extensions)
    if (form := getattr(module, name, None)) is not None
}
_REQUIRED: Final = {getattr(module, "Required", None) for module in (typing, typing_extensions)} - {None}
_NOT_REQUIRED: Final = {getattr(module, "NotRequired", None) for module in (typing, typing_extensions)} - {None}


class _Declared(NamedTuple):
    """One field as its class declares it, before its type is looked at."""

    name: str
    annotation: Any
    required: bool


def describe_fields(schema: Any) -> tuple[FieldSpec, ...] | None:
    """The fields of a record type.

    Args:
        schema: A TypedDict, pydantic model, dataclass, NamedTuple or class with annotations.

    Returns:
        Its fields in order of declaration, or None when it declares none. Never raises.
    """
    with _guard:
        return _fields(schema, ()) or _fields_of_plain_class(schema)
    return None


def describe_type(annotation: Any) -> TypeSpec:
    """An annotation as data.

    Args:
        annotation: Anything that stands in an annotation; a string that cannot be resolved accepts everything.

    Returns:
        What it says; ``any`` when that cannot be told. Never raises.
    """
    with _guard:
        return _type(annotation, ())
    return _ANY


def _fields(schema: Any, outer: tuple[Any, ...]) -> tuple[FieldSpec, ...] | None:
    declared = _declared(schema)
    return None if declared is None else _described(declared, (*outer, schema))


def _fields_of_plain_class(cls: Any) -> tuple[FieldSpec, ...] | None:
    """As a state schema, any class with annotations will do."""
    if not inspect.isclass(cls) or _is_builtin_value(cls) or not inspect.get_annotations(cls):
        return None
    return _described([_Declared(name, hint, not hasattr(cls, name)) for name, hint in _hints(cls).items()], (cls,))


def _described(declared: list[_Declared], inside: tuple[Any, ...]) -> tuple[FieldSpec, ...]:
    return tuple(
        FieldSpec(name=name, type=spec, required=required, nullable=_nullable(spec))
        for name, annotation, required in declared
        for spec in (_type(annotation, inside),)
    )


def _nullable(spec: TypeSpec) -> bool:
    return (
        spec.kind in ("any", "none")
        or (spec.kind == "literal" and None in spec.values)
        or (spec.kind == "union" and any(_nullable(member) for member in spec.args))
    )


def _declared(schema: Any) -> list[_Declared] | None:
    cls: Any = typing.get_origin(schema) or schema
    if not inspect.isclass(cls):
        return None
    return _of_class(cls)


def _of_class(cls: Any) -> list[_Declared] | None:
    if typing_extensions.is_typeddict(cls):
        return list(_of_typed_dict(cls))
    if _is_pydantic(cls):
        return [
            _Declared(name, _of_model_field(field), field.is_required()) for name, field in cls.model_fields.items()
        ]
    if dataclasses.is_dataclass(cls):
        return list(_of_dataclass(cls))
    if hasattr(cls, "_field_defaults"):
        hints = _hints(cls)
        return [_Declared(name, hints.get(name, Any), name not in cls._field_defaults) for name in cls._fields]
    return None


def _is_pydantic(cls: type) -> bool:
    return isinstance(getattr(cls, "model_fields", None), Mapping) and hasattr(cls, "model_validate")


def _of_model_field(field: Any) -> Any:
    annotation = field.annotation
    for extra in field.metadata:
        annotation = typing.Annotated[annotation, extra]
    return annotation


def _of_typed_dict(cls: Any) -> Iterator[_Declared]:
    optional: frozenset[str] = getattr(cls, "__optional_keys__", frozenset())
    for name, hint in _hints(cls).items():
        required = _says_required(hint)
        yield _Declared(name, hint, name not in optional if required is None else required)


def _of_dataclass(cls: Any) -> Iterator[_Declared]:
    hints = _hints(cls)
    for field in dataclasses.fields(cls):
        bare = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        yield _Declared(field.name, hints.get(field.name, Any), bare)


def _says_required(hint: Any) -> bool | None:
    """Whether the annotation itself says so: quoted annotations hide it from the class before Python 3.11."""
    for _ in range(_MAX_DEPTH):
        origin = typing_extensions.get_origin(hint)
        if origin in _REQUIRED:
            return True
        if origin in _NOT_REQUIRED:
            return False
        if origin is not typing.Annotated and origin not in _QUALIFIERS:
            return None
        hint = typing_extensions.get_args(hint)[0]
    return None


def _hints(cls: Any) -> dict[str, Any]:
    """Annotations with quoted names resolved; one that cannot be resolved spoils no other."""
    try:
        return typing_extensions.get_type_hints(cls, include_extras=True)
    except Exception:  # noqa: BLE001 - a forward reference can raise anything when evaluated
        return {
            name: _resolved(hint, owner)
            for owner in reversed(cls.__mro__)
            if owner.__module__ != "builtins"
            for name, hint in inspect.get_annotations(owner).items()
        }


def _resolved(hint: Any, owner: type) -> Any:
    if isinstance(hint, typing.ForwardRef):
        hint = hint.__forward_arg__
    if not isinstance(hint, str):
        return hint
    holder = type("holder", (), {"__annotations__": {"it": hint}})
    scope = {**vars(sys.modules.get(owner.__module__, typing)), **vars(owner)}
    try:
        return typing_extensions.get_type_hints(holder, globalns=scope, include_extras=True)["it"]
    except Exception:  # noqa: BLE001 - see above
        return Any


def _type(annotation: Any, outer: tuple[Any, ...]) -> TypeSpec:
    annotation = _bare(annotation)
    if annotation is None or annotation is type(None):
        return _NONE
    if annotation is Any or annotation is object or annotation is inspect.Parameter.empty:
        return _ANY
    if isinstance(annotation, str | typing.ForwardRef | typing.TypeVar):
        return TypeSpec(kind="any", name=_name(annotation))
    origin, args = typing_extensions.get_origin(annotation), typing_extensions.get_args(annotation)
    if len(outer) >= _MAX_DEPTH or (origin or annotation) in outer:
        return TypeSpec(kind="opaque", name=_name(annotation))
    if origin is typing.Union or origin is types.UnionType:
        return _union(annotation, args, outer)
    if origin is typing.Literal or origin is typing_extensions.Literal:
        return TypeSpec(kind="literal", name=_name(annotation), values=tuple(map(_literal, args)))
    if tuple in (origin, annotation):
        return _tuple(annotation, args, outer)
    kind = _container(origin or annotation)
    if kind is not None:
        return TypeSpec(kind=kind, name=_name(annotation), args=tuple(_type(arg, outer) for arg in args))
    return _class(annotation, outer)


def _bare(annotation: Any) -> Any:
    """The annotation without ``Annotated``, ``Required`` and the like, aliases and new types followed."""
    for _ in range(_MAX_DEPTH):
        origin = typing_extensions.get_origin(annotation)
        if origin is typing.Annotated or origin in _QUALIFIERS:
            annotation = typing_extensions.get_args(annotation)[0]
        elif isinstance(annotation, typing_extensions.TypeAliasType):
            annotation = annotation.__value__
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        else:
            break
    return annotation


def _union(annotation: Any, args: tuple[Any, ...], outer: tuple[Any, ...]) -> TypeSpec:
    members = tuple(dict.fromkeys(_type(arg, outer) for arg in args))
    if all(member.kind == "message" for member in members):
        return TypeSpec(kind="message", name="AnyMessage")
    if any(member.kind == "any" for member in members):
        return TypeSpec(kind="any", name=_name(annotation))
    return TypeSpec(kind="union", name=_name(annotation), args=members)


def _tuple(annotation: Any, args: tuple[Any, ...], outer: tuple[Any, ...]) -> TypeSpec:
    variadic = not args or args[-1] is Ellipsis
    members = (args[:-1] or (Any,)) if variadic else args
    if members == ((),):  # how Python 3.10 writes the empty tuple
        members = ()
    return TypeSpec(
        kind="tuple", name=_name(annotation), args=tuple(_type(arg, outer) for arg in members), variadic=variadic
    )


def _container(cls: Any) -> TypeKind | None:
    if cls in _SEQUENCES:
        return "list"
    if cls in _SETS:
        return "set"
    if cls in _MAPPINGS:
        return "dict"
    return None


def _literal(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value


def _class(annotation: Any, outer: tuple[Any, ...]) -> TypeSpec:
    cls = typing.get_origin(annotation) or annotation
    name = _name(annotation)
    if not inspect.isclass(cls):
        return TypeSpec(kind="opaque", name=name)
    if cls in _SCALARS:
        return TypeSpec(kind=_SCALARS[cls], name=name)
    if _is_message(cls):
        return TypeSpec(kind="message", name=name)
    if issubclass(cls, enum.Enum) or _is_builtin_value(cls):
        return TypeSpec(kind="opaque", name=name)
    fields = _fields(cls, outer)
    if fields is None:
        return TypeSpec(kind="opaque", name=name)
    return TypeSpec(kind="object", name=name, fields=fields, total=_closed(cls))


def _is_message(cls: Any) -> bool:
    return inspect.isclass(cls) and any(
        base.__name__ == "BaseMessage" and base.__module__.startswith("langchain_core") for base in cls.__mro__
    )


def _is_builtin_value(cls: type) -> bool:
    """Standard-library classes are values, whatever annotations they happen to carry."""
    return cls.__module__.partition(".")[0] in sys.stdlib_module_names


def _closed(cls: Any) -> bool:
    """Whether a key that the class does not declare is refused."""
    if _is_pydantic(cls):
        return bool(cls.model_config.get("extra") == "forbid")
    return not typing_extensions.is_typeddict(cls)


def _name(annotation: Any) -> str:
    """How people write the type, without module paths."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, typing.ForwardRef):
        return annotation.__forward_arg__
    origin, args = typing_extensions.get_origin(annotation), typing_extensions.get_args(annotation)
    if origin is typing.Annotated:
        return _name(args[0])
    if origin is typing.Union or origin is types.UnionType:
        if all(_is_message(_bare(arg)) for arg in args):
            return "AnyMessage"
        return " | ".join(_name(arg) for arg in args)
    if annotation is None or annotation is type(None):
        return "None"
    if annotation is Ellipsis:
        return "..."
    own = getattr(origin or annotation, "__name__", None) or str(annotation).rpartition(".")[2]
    if not args:
        return own
    inner = (repr(_literal(arg)) if own == "Literal" else _name(arg) for arg in args)
    return f"{own}[{', '.join(inner)}]"
