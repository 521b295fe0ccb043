"""Declared types as data, written in the old ways too."""
# ruff: noqa: UP006, UP007, UP013, UP045

import collections
import dataclasses
import datetime
import enum
import typing
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, TypeVar, Union

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import NotRequired, Required, TypedDict

from argus.instrumentation.langgraph.types import describe_fields, describe_type
from argus.model.graph import TypeSpec

UserId = NewType("UserId", int)
T = TypeVar("T")


class Colour(enum.Enum):
    RED = "red"


class Total(TypedDict):
    a: int
    b: NotRequired[str | None]


class Loose(TypedDict, total=False):
    a: Required[int]
    b: str


class Quoted(TypedDict):
    a: "int"
    b: "NotRequired[str]"
    c: "NoSuchThing"  # noqa: F821 - what a forward reference that cannot be resolved looks like


class Model(BaseModel):
    a: int
    b: list[str] = Field(default_factory=list)
    c: Total | None = None


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int


@dataclasses.dataclass
class Data:
    a: int
    b: str = "x"


class Named(NamedTuple):
    a: int
    b: str = "x"


class Plain:
    a: int
    b: str = "x"


class Recursive(TypedDict):
    children: "list[Recursive]"
    parent: "Recursive | None"


def written(spec: TypeSpec) -> Any:
    inner = [written(arg) for arg in spec.args]
    return (spec.kind, *inner) if inner else spec.kind


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, "int"), (bool, "bool"), (float, "float"), (str, "str"), (bytes, "bytes"), (None, "none"),
        (Any, "any"), (object, "any"), (T, "any"), ("Nowhere", "any"), (typing.ForwardRef("Nowhere"), "any"),
        (list, "list"), (list[int], ("list", "int")), (typing.List[int], ("list", "int")),
        (Sequence[str], ("list", "str")), (collections.deque, "list"),
        (dict[str, list[int]], ("dict", "str", ("list", "int"))), (collections.defaultdict, "dict"),
        (set[int], ("set", "int")), (frozenset, "set"),
        (tuple[int, str], ("tuple", "int", "str")), (tuple[int, ...], ("tuple", "int")), (tuple, ("tuple", "any")),
        (Optional[int], ("union", "int", "none")), (int | None, ("union", "int", "none")),
        (Union[int, str, None], ("union", "int", "str", "none")), (Union[int, Any], "any"),
        (Literal["a", 1], "literal"), (Annotated[int, "x"], "int"), (Required[int], "int"), (UserId, "int"),
        (AIMessage, "message"), (AnyMessage, "message"), (list[AnyMessage], ("list", "message")),
        (Colour, "opaque"), (datetime.datetime, "opaque"), (Callable[[int], str], "opaque"), (type[int], "opaque"),
        (Total, "object"), (Model, "object"), (Data, "object"), (Named, "object"), (Plain, "opaque"),
        (Recursive, "object"),
    ],
)  # fmt: skip
def test_kinds(annotation, expected):
    assert written(describe_type(annotation)) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (Total, {"a": True, "b": False}),
        (Loose, {"a": True, "b": False}),
        (Quoted, {"a": True, "b": False, "c": True}),
        (Model, {"a": True, "b": False, "c": False}),
        (Data, {"a": True, "b": False}),
        (Named, {"a": True, "b": False}),
        (Plain, {"a": True, "b": False}),
    ],
)
def test_which_fields_are_required(schema, expected):
    assert {field.name: field.required for field in describe_fields(schema)} == expected


def test_an_annotation_that_cannot_be_resolved_spoils_no_other():
    assert [field.type.kind for field in describe_fields(Quoted)] == ["int", "str", "any"]


@pytest.mark.parametrize(
    ("annotation", "nullable"),
    [(int, False), (Optional[int], True), (Any, True), (None, True), (Literal["a", None], True), (list[None], False)],
)
def test_which_fields_may_be_none(annotation, nullable):
    schema = TypedDict("Schema", {"field": annotation})
    assert describe_fields(schema)[0].nullable is nullable


def test_records_inside_records():
    (_, _, field) = describe_fields(Model)
    record = field.type.args[0]
    assert (record.kind, record.name, [inner.name for inner in record.fields]) == ("object", "Total", ["a", "b"])


def test_which_records_refuse_more_keys():
    totals = [describe_type(one).total for one in (Total, Model, Strict, Data, Named)]
    assert totals == [False, False, True, True, True]


def test_a_type_that_holds_itself_ends():
    children, parent = describe_type(Recursive).fields
    assert (children.type.args[0].kind, parent.type.args[0].kind) == ("opaque", "opaque")


def test_values_of_a_literal():
    assert describe_type(Literal["a", 1, None, Colour.RED]).values == ("a", 1, None, "red")


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (int, "int"), (Optional[int], "int | None"), (dict[str, list[int]], "dict[str, list[int]]"),
        (Literal["a", 1], "Literal['a', 1]"), (list[AnyMessage], "list[AnyMessage]"), (Model, "Model"),
        (tuple[int, ...], "tuple[int, ...]"), (Annotated[int, "x"], "int"),
    ],
)  # fmt: skip
def test_names_are_what_people_write(annotation, name):
    assert describe_type(annotation).name == name


@pytest.mark.parametrize("schema", [int, str, list[int], None, 7, "text", Callable])
def test_what_declares_no_fields(schema):
    assert describe_fields(schema) is None


class Hostile(type):
    def __getattribute__(cls, name):
        raise RuntimeError("no")

    def __repr__(cls):
        raise RuntimeError("no")


def test_a_hostile_class_is_anything():
    class Trap(metaclass=Hostile):
        pass

    assert describe_type(Trap).kind == "any"
    assert describe_fields(Trap) is None


ANNOTATIONS = st.recursive(
    st.sampled_from([int, str, None, Any, Total, Model, Colour, AnyMessage, Literal["a"]]),
    lambda inner: st.one_of(
        inner.map(lambda one: list[one]),
        inner.map(lambda one: dict[str, one]),
        inner.map(lambda one: Optional[one]),
        st.tuples(inner, inner).map(lambda two: tuple[two]),
        st.tuples(inner, inner).map(lambda two: Union[two]),
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(ANNOTATIONS)
def test_any_annotation_has_a_description(annotation):
    spec = describe_type(annotation)
    assert spec == describe_type(annotation)
    assert spec.name
