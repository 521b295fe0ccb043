"""The shape of a watched graph, captured when it is watched."""

from __future__ import annotations

from typing import Literal

from argus.model.knowledge import SourceKnowledge
from argus.model.record import Record
from argus.model.values import JsonValue

__all__ = ["END", "START", "DecisionSpec", "EdgeSpec", "FieldRead", "FieldSpec", "GraphSpec", "NodeSpec", "TypeSpec"]

START = "__start__"
END = "__end__"

TypeKind = Literal[
    "any", "none", "bool", "int", "float", "str", "bytes", "list", "tuple", "set", "dict", "literal", "union",
    "object", "message", "opaque",
]  # fmt: skip


class TypeSpec(Record, frozen=True, kw_only=True):
    """A declared type, as data.

    Attributes:
        kind: ``object`` is a typed record (TypedDict, pydantic model, dataclass, NamedTuple); ``message`` a LangChain
            message; ``opaque`` a class that is not looked into; ``any`` accepts everything.
        name: How the type is written, for people.
        args: Element types: of ``list``/``set`` one, of ``dict`` key and value, of ``tuple`` one per item
            (``variadic`` if one stands for all), of ``union`` the members.
        fields: The fields of an ``object``.
        values: The allowed values of a ``literal``.
        variadic: Whether a tuple repeats its only argument.
        total: Whether a class accepts keys that it does not declare (False) or not (True).
    """

    kind: TypeKind
    name: str = ""
    args: tuple[TypeSpec, ...] = ()
    fields: tuple[FieldSpec, ...] = ()
    values: tuple[JsonValue, ...] = ()
    variadic: bool = False
    total: bool = False


class FieldSpec(Record, frozen=True, kw_only=True):
    """One declared field of a state or record.

    Attributes:
        name: The key.
        type: Its declared type, ``Annotated``, ``Required`` and ``NotRequired`` taken off.
        required: Whether the key must be there (TypedDict totality, no default in a model).
        nullable: Whether None is an allowed value.
        reducer: The reducer's name (``add_messages``, ``operator.add``), or None if the last write wins.
    """

    name: str
    type: TypeSpec
    required: bool = True
    nullable: bool = False
    reducer: str | None = None


class FieldRead(Record, frozen=True, kw_only=True):
    """A place in a node's source that reads a state field.

    Attributes:
        path: The field, or a dotted path into it (``order.total``).
        required: True for ``state["x"]`` and ``state.x`` (raises when absent), False for ``.get`` and ``in``.
        file: The source file.
        line: The 1-based line.
        conditional: Whether it stands under a condition or behind an early return, so that a run need not reach it.
    """

    path: str
    required: bool
    file: str | None = None
    line: int | None = None
    conditional: bool = False


class NodeSpec(Record, frozen=True, kw_only=True):
    """A node.

    Attributes:
        name: The node's name in its graph.
        kind: ``node``, ``subgraph``, ``tools`` (a ToolNode) or ``error_handler``.
        qualname: Module and qualified name of what runs, if known.
        file: The source file of the function, if known.
        line: The 1-based line of its definition.
        input: The declared input schema's fields, or None when it is the whole state.
        reads: What the source reads, or None when the source could not be read.
        reads_complete: Whether the source reads nothing beyond ``reads``; False when the state as a whole goes where
            the analysis cannot follow (then nothing may be concluded from a field's absence in the list).
        item_reads: What the source reads of the items of a list, or of the values of a dict, as paths such as
            ``lines[].price``.
        writes: The keys that the source returns, or None when they cannot be told.
        returns: The set of keys of each way to return (``()`` for None and an empty dict), or None when they cannot
            all be told; a run that returns a set not listed here was altered between the source and the graph.
        adds: The keys that the source puts on top of the state where it returns the state as a whole; None when it does
            not, or when they cannot all be told.
        yields: The kinds of values that the source gives to a key of its update, where all can be told: ``text`` (not
            blank), ``str``, ``number``, ``bool``, ``dict``, ``list``, ``items`` and ``lines`` (lists that surely have
            some), ``null``, ``empty`` (written down as empty, or filtered) and ``thing`` (anything but None).
        output: The fields of its result as it declares them itself (a task's return annotation; ``__root__`` stands for
            the result as a whole), or None when the graph's state says it.
        makes: Every key that the source puts into a dict of any kind, nested ones included, or passes by name; None
            when the source could not be read.
        says: The different words of the fixed texts in its source (templates, canned replies, prompts), in alphabetical
            order and bounded; None when unknown.
        knows: The constants within reach of the code and what it can do with them, or None when that cannot be told.
        deferred: Whether the node waits until the run is about to end.
        retries: Attempts allowed by its retry policy; 1 without one.
        subgraph: The graph that runs inside, if any.
    """

    name: str
    kind: Literal["node", "subgraph", "tools", "error_handler"] = "node"
    qualname: str | None = None
    file: str | None = None
    line: int | None = None
    input: tuple[FieldSpec, ...] | None = None
    reads: tuple[FieldRead, ...] | None = None
    reads_complete: bool = True
    item_reads: tuple[FieldRead, ...] = ()
    writes: tuple[str, ...] | None = None
    returns: tuple[tuple[str, ...], ...] | None = None
    adds: tuple[str, ...] | None = None
    yields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    output: tuple[FieldSpec, ...] | None = None
    makes: tuple[str, ...] | None = None
    says: tuple[str, ...] | None = None
    knows: SourceKnowledge | None = None
    deferred: bool = False
    retries: int = 1
    subgraph: GraphSpec | None = None


class EdgeSpec(Record, frozen=True, kw_only=True):
    """An edge.

    Attributes:
        source: Node name or ``__start__``.
        target: Node name or ``__end__``.
        conditional: Whether a branch, a ``Command`` or a ``Send`` decides at run time.
        label: The branch's label, if it has one.
        reads: What the branch's function reads to decide, or None when there is none or its source cannot be read.
    """

    source: str
    target: str
    conditional: bool = False
    label: str | None = None
    reads: tuple[FieldRead, ...] | None = None


class DecisionSpec(Record, frozen=True, kw_only=True):
    """How the way on from a node is decided, as far as the source says so in a form that can be worked out again.

    Attributes:
        source: The node.
        rule: What the deciding function answers for a state, see ``argus.dataflow.static.rules``.
        ends: Where each answer leads, as text and target; empty when answers are the targets themselves.
        command: Whether the node itself decides, by the ``Command`` it returns, on what it was given; else a branch
            decides, on the state with the node's update.
    """

    source: str
    rule: JsonValue = None
    ends: tuple[tuple[str, str], ...] = ()
    command: bool = False


class GraphSpec(Record, frozen=True, kw_only=True):
    """A watched graph.

    Attributes:
        name: The graph's name.
        version: A hash of nodes, edges and schemas; source code and file names do not count.
        nodes: In order of definition.
        edges: Every edge that is known; a conditional edge without declared targets leads to every node.
        decisions: How the ways on are decided, of those that can be told.
        state: The fields of the state schema, in order of declaration; empty when there is none.
        input: The fields the caller must give, or None when it is the whole state.
        output: The fields the caller gets back, or None when it is the whole state.
        closed: Whether keys outside ``state`` are dropped by the framework (LangGraph) or kept (sessions).
    """

    name: str
    version: str
    nodes: tuple[NodeSpec, ...] = ()
    edges: tuple[EdgeSpec, ...] = ()
    decisions: tuple[DecisionSpec, ...] = ()
    state: tuple[FieldSpec, ...] = ()
    input: tuple[FieldSpec, ...] | None = None
    output: tuple[FieldSpec, ...] | None = None
    closed: bool = True

    def node(self, name: str) -> NodeSpec | None:
        """The node of this name, or None."""
        return next((node for node in self.nodes if node.name == name), None)

    def field(self, name: str) -> FieldSpec | None:
        """The state field of this name, or None."""
        return next((field for field in self.state if field.name == name), None)

    def successors(self, name: str) -> tuple[str, ...]:
        """The nodes that an edge leads to from this one, ``__end__`` included."""
        return tuple(dict.fromkeys(edge.target for edge in self.edges if edge.source == name))
