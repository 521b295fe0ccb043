"""A small function, such as a branch's, put into data: its answer can then be worked out again from a recorded state.

A rule is a nested list of JSON values, an operation's name first. It knows nothing but looking up, comparing, counting
and choosing; whatever else a function does has no rule. The function itself is never called.
"""

from __future__ import annotations

import ast
import builtins
import enum
import logging
from types import FunctionType
from typing import Any, Final

from argus.dataflow.static.callables import Definition, Target, attribute_of, definition_of, target_of
from argus.model.values import JsonValue

__all__ = ["NoRule", "rule_of"]

_MAX_OPERATIONS: Final = 400
_MAX_DEPTH: Final = 3
_MAX_ITEMS: Final = 200
_MAX_TEXT: Final = 200
_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_ARITHMETIC: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
}  # fmt: skip
_FUNCTIONS: Final = (len, any, all, sum, min, max, bool, abs, round, int, float, str, list, set, tuple, sorted)
_METHODS: Final = frozenset(
    {"lower", "upper", "strip", "startswith", "endswith", "split", "count", "keys", "values", "casefold", "isdisjoint"}
)


class NoRule(Exception):
    """The function does something that no rule can say."""


def rule_of(target: Target) -> JsonValue:
    """The rule of a function whose first free argument is the state.

    Args:
        target: The function with what is bound to it.

    Returns:
        A rule in which ``["name", parameter]`` is the state.

    Raises:
        NoRule: There is none.
    """
    return _Writer(_MAX_OPERATIONS).function(target, [["state"]], 0)


class _Writer:
    def __init__(self, budget: int) -> None:
        self._left = budget

    def function(self, target: Target, arguments: list[JsonValue], depth: int) -> JsonValue:
        """Writes ``["call", [[parameter, value], …], body]``."""
        definition = definition_of(target.function)
        if definition is None or depth > _MAX_DEPTH:
            raise NoRule
        given: list[JsonValue] = [*(_constant(one) for one in target.args), *arguments]
        named = {name: _constant(value) for name, value in target.kwargs}
        bound: list[JsonValue] = []
        parameters = (*definition.args.posonlyargs, *definition.args.args)
        defaults = dict(zip([one.arg for one in parameters][::-1], definition.args.defaults[::-1], strict=False))
        scope = _Scope(self, target.function, depth)
        for place, parameter in enumerate(parameters):
            name = parameter.arg
            if place < len(given):
                bound.append([name, given[place]])
            elif name in named:
                bound.append([name, named[name]])
            elif name in defaults and isinstance(defaults[name], ast.Constant):
                bound.append([name, scope.expression(defaults[name])])
            else:
                bound.append([name, ["unknown"]])
        for parameter, default in zip(definition.args.kwonlyargs, definition.args.kw_defaults, strict=True):
            known = named.get(parameter.arg)
            if known is None:
                known = scope.expression(default) if isinstance(default, ast.Constant) else ["unknown"]
            bound.append([parameter.arg, known])
        return ["call", bound, scope.body(definition)]

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise NoRule


class _Scope:
    """One function being put into a rule."""

    def __init__(self, writer: _Writer, function: FunctionType, depth: int) -> None:
        self._writer = writer
        self._function = function
        self._depth = depth
        code = function.__code__
        self._locals = {*code.co_varnames, *code.co_cellvars}

    def body(self, definition: Definition) -> JsonValue:
        if isinstance(definition, ast.Lambda):
            return [["return", self.expression(definition.body)]]
        return self._block(definition.body)

    def _block(self, statements: list[ast.stmt]) -> list[JsonValue]:
        return [written for one in statements for written in self._statement(one)]

    def _statement(self, node: ast.stmt) -> list[JsonValue]:
        self._writer.spend()
        match node:
            case ast.Return(value=value):
                return [["return", ["const", None] if value is None else self.expression(value)]]
            case ast.If(test=test, body=body, orelse=orelse):
                return [["if", self.expression(test), self._block(body), self._block(orelse)]]
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return [["let", name, self._or_unknown(value)]]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                return [["let", name, self._or_unknown(value)]]
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(values):
                if all(isinstance(name, ast.Name) for name in names):
                    made = [self._or_unknown(value) for value in values]
                    return [
                        ["let", name.id, one]
                        for name, one in zip(names, made, strict=True)
                        if isinstance(name, ast.Name)
                    ]
            case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Global():
                return []
            case ast.Expr(value=ast.Constant()) | ast.Assert():
                return []
            case ast.Expr(value=ast.Call(func=func)) if self._only_tells(func):
                return []
            case ast.Raise():
                return [["return", ["unknown"]]]
            case _:
                pass
        raise NoRule

    def _only_tells(self, func: ast.expr) -> bool:
        """Whether a call prints or logs; any other may change what the answer hangs on."""
        if isinstance(func, ast.Attribute):
            return type(self._object(func.value)) is logging.Logger
        return self._object(func) is print

    def _or_unknown(self, node: ast.expr) -> JsonValue:
        """An intermediate result that has no rule is no harm unless the answer hangs on it."""
        try:
            return self.expression(node)
        except NoRule:
            return ["unknown"]

    def expression(self, node: ast.expr) -> JsonValue:
        self._writer.spend()
        match node:
            case ast.Constant(value=value):
                return _constant(value)
            case ast.Name(id=name):
                return ["name", name] if name in self._locals else self._fixed(name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript(value=base, slice=ast.Slice(lower=lower, upper=upper, step=None)):
                ends = [["const", None] if one is None else self.expression(one) for one in (lower, upper)]
                return ["slice", self.expression(base), *ends]
            case ast.Subscript(value=base, slice=key):
                return ["item", self.expression(base), self.expression(key)]
            case ast.BoolOp(op=op, values=values):
                return ["and" if isinstance(op, ast.And) else "or", *(self._or_unknown(value) for value in values)]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ["not", self.expression(operand)]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return ["-", ["const", 0], self.expression(operand)]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return ["choose", self.expression(test), self._or_unknown(body), self._or_unknown(orelse)]
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                sides = [left, *comparators]
                written: list[JsonValue] = [
                    [_COMPARISONS[type(op)], self.expression(one), self.expression(other)]
                    for op, one, other in zip(ops, sides, comparators, strict=False)
                ]
                return written[0] if len(written) == 1 else ["and", *written]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return [_ARITHMETIC[type(op)], self.expression(left), self.expression(right)]
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                if not any(isinstance(item, ast.Starred) for item in items):
                    return ["list", *(self._or_unknown(item) for item in items)]
            case ast.Dict(keys=keys, values=values) if None not in keys:
                return [
                    "dict",
                    *([self.expression(k), self._or_unknown(v)] for k, v in zip(keys, values, strict=True) if k),
                ]
            case ast.ListComp(elt=item) | ast.SetComp(elt=item) | ast.GeneratorExp(elt=item):
                return self._gathered(node.generators, item)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                return ["named", name, self.expression(value)]
            case ast.Await(value=value):
                return self.expression(value)
            case ast.Call():
                return self._call(node)
            case _:
                pass
        raise NoRule

    def _attribute(self, node: ast.Attribute) -> JsonValue:
        base = self._object(node.value)
        if isinstance(base, type):
            members = attribute_of(base, "_member_map_") if issubclass(base, enum.Enum) else None
            found = members.get(node.attr) if type(members) is dict else attribute_of(base, node.attr)
            return ["unknown"] if found is None else _constant(found)
        if base is not _UNTOLD:
            raise NoRule  # an object's attributes may have changed by the time the function runs
        return ["attribute", self.expression(node.value), node.attr]

    def _object(self, node: ast.expr) -> Any:
        """The object of the program that a name outside stands for."""
        if isinstance(node, ast.Name) and node.id not in self._locals:
            return self._outside(node.id)
        if isinstance(node, ast.Attribute):
            base = self._object(node.value)
            return _UNTOLD if base is _UNTOLD else attribute_of(base, node.attr)
        return _UNTOLD

    def _outside(self, name: str) -> Any:
        function = self._function
        if name in function.__code__.co_freevars:
            cell = (function.__closure__ or ())[function.__code__.co_freevars.index(name)]
            try:
                return cell.cell_contents
            except ValueError:  # not bound yet
                raise NoRule from None
        if name in function.__globals__:
            return function.__globals__[name]
        if name in builtins.__dict__:
            return builtins.__dict__[name]
        raise NoRule

    def _fixed(self, name: str) -> JsonValue:
        """A name from outside that is not rebound: by custom one in capitals, or what a closure holds."""
        value = self._outside(name)
        kept = name.isupper() or name in self._function.__code__.co_freevars
        changes = isinstance(value, (list, dict, set, bytearray)) and not name.isupper()
        return _constant(value) if kept and not changes else ["unknown"]

    def _gathered(self, generators: list[ast.comprehension], item: ast.expr) -> JsonValue:
        if len(generators) != 1 or not isinstance(generators[0].target, ast.Name) or generators[0].is_async:
            raise NoRule
        one = generators[0]
        name = one.target.id if isinstance(one.target, ast.Name) else ""
        source = self.expression(one.iter)
        self._locals.add(name)
        tests = [self.expression(test) for test in one.ifs]
        return ["each", name, source, ["and", *tests] if tests else ["const", True], self.expression(item)]

    def _call(self, node: ast.Call) -> JsonValue:
        if any(isinstance(one, ast.Starred) for one in node.args):
            raise NoRule
        target = self._object(node.func)
        if target is _UNTOLD:
            return self._method(node)
        name = getattr(target, "__name__", "") if isinstance(target, type) else ""
        if name == "Send" and len(node.args) == 2:
            return ["send", self.expression(node.args[0])]
        if name == "Command":
            goto = next((one.value for one in node.keywords if one.arg == "goto"), None)
            if goto is None or any(one.arg in (None, "graph") for one in node.keywords):
                raise NoRule
            return ["command", self.expression(goto)]
        if any(target is one for one in _FUNCTIONS):
            if node.keywords or len(node.args) != 1:
                raise NoRule
            return [f"{target.__name__}()", self.expression(node.args[0])]
        followed = target_of(target) if not isinstance(target, type) else None
        if followed is None or node.keywords or followed.function.__globals__ is not self._function.__globals__:
            raise NoRule
        arguments = [self._or_unknown(argument) for argument in node.args]
        return self._writer.function(followed, arguments, self._depth + 1)

    def _method(self, node: ast.Call) -> JsonValue:
        if not isinstance(node.func, ast.Attribute) or node.keywords:
            raise NoRule
        base, name = self.expression(node.func.value), node.func.attr
        arguments = [self.expression(one) for one in node.args]
        if name == "get" and 1 <= len(arguments) <= 2:
            return ["get", base, *arguments]
        if name in _METHODS and len(arguments) <= 1:
            return [f".{name}", base, *arguments]
        raise NoRule


_UNTOLD: Final = object()


def _constant(value: Any) -> JsonValue:
    """``["const", value]`` of plain data; ``["unknown"]`` of anything else."""
    try:
        return ["const", _plain(value, 3)]
    except NoRule:
        return ["unknown"]


def _plain(value: Any, depth: int) -> JsonValue:
    if isinstance(value, enum.Enum):
        value = value.value
    kind = type(value)
    if value is None or kind in (bool, int, float):
        plain: JsonValue = value
        return plain
    if issubclass(kind, str):
        text = str.__str__(value)
        if len(text) <= _MAX_TEXT:
            return text
    elif kind in (list, tuple, set, frozenset) and depth and len(value) <= _MAX_ITEMS:
        return [_plain(item, depth - 1) for item in list(value)]
    elif kind is dict and depth and len(value) <= _MAX_ITEMS and all(type(key) is str for key in list(value)):
        return {key: _known(item, depth - 1) for key, item in list(value.items())}
    raise NoRule


def _known(value: Any, depth: int) -> JsonValue:
    """The entry of a table: what is not plain data is only known to be there."""
    try:
        return _plain(value, depth)
    except NoRule:
        return {"$argus": "opaque"}
