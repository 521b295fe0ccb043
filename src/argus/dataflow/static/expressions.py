"""Expressions: which parts of the state they touch, and what they may stand for."""

from __future__ import annotations

import ast
from abc import abstractmethod
from dataclasses import replace

from argus.dataflow.static.callables import attribute_of
from argus.dataflow.static.frame import Frame
from argus.dataflow.static.kinds import (
    BOOL,
    DICT,
    LIST,
    NUMBER,
    STR,
    TEXT,
    THING,
    Kinds,
    kinds_of_constant,
    kinds_of_literal,
    kinds_of_operation,
    kinds_of_slice,
    truthy,
)
from argus.dataflow.static.values import EMPTY, NOTHING, UNKNOWN, LocalFunction, Path, Value, merge, spread, value_of

__all__ = ["Expressions"]

NO_PATHS: frozenset[Path] = frozenset()


class Expressions(Frame):
    """Evaluates expressions to abstract values."""

    @abstractmethod
    def call(self, node: ast.Call) -> Value:
        """What a call may return.

        Args:
            node: The call.
        """

    def evaluate(self, node: ast.expr | None) -> Value:
        """What an expression may be; the reads in it are noted.

        Args:
            node: The expression; None stands for nothing.
        """
        if node is None:
            return NOTHING
        self.ledger.spend()
        match node:
            case ast.Constant(value=value):
                known = value_of(value) if value is None or isinstance(value, str) else NOTHING
                return replace(known, kinds=kinds_of_constant(value))
            case ast.Name(id=name):
                return self.name(name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self.call(node)
            case ast.Dict():
                return self._dict(node)
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                values = [self.evaluate(item) for item in items]
                inner = NOTHING
                for one in values:
                    inner = merge(inner, one)
                return Value(inner=inner, kinds=kinds_of_literal(items, [one.kinds for one in values]))
            case ast.BoolOp():
                return self._bool_op(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.use(self.evaluate(test), test)
                with self.under(self.presence(test, outcome=True)):
                    then = self.evaluate(body)
                with self.under(self.presence(test, outcome=False)):
                    return merge(then, self.evaluate(orelse))
            case ast.Compare():
                return self._compare(node)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._either_union(self.evaluate(left), self.evaluate(right), node)
            case ast.BinOp(left=left, op=op, right=right):
                sides = self.evaluate(left), self.evaluate(right)
                self.use(sides[0], left)
                self.use(sides[1], right)
                return replace(UNKNOWN, kinds=kinds_of_operation(op, sides[0].kinds, sides[1].kinds))
            case ast.UnaryOp(op=op, operand=operand):
                held = self.evaluate(operand)
                self.use(held, operand)
                number = NUMBER if held.kinds == NUMBER else THING
                return replace(UNKNOWN, kinds=BOOL if isinstance(op, ast.Not) else number)
            case ast.JoinedStr(values=parts):
                for part in parts:
                    self.use(self.evaluate(part), part)
                return replace(UNKNOWN, kinds=TEXT if any(_is_word(part) for part in parts) else STR)
            case ast.NamedExpr(target=target, value=value):
                result = self.evaluate(value)
                self.bind(target, result)
                return result
            case ast.Await(value=value) | ast.Starred(value=value):
                return self.evaluate(value)
            case ast.Yield(value=value):
                self.returned = merge(self.returned, merge(Value(loose=True), self.evaluate(value)))
                return UNKNOWN
            case ast.YieldFrom(value=value):
                self.returned = merge(self.returned, self.evaluate(value).element)
                return UNKNOWN
            case ast.Lambda(body=body):
                self._peek(node, [body])
                return Value(local=LocalFunction(node, self.env))
            case ast.ListComp(elt=item) | ast.SetComp(elt=item) | ast.GeneratorExp(elt=item):
                self._generators(node.generators)
                return Value(inner=self.evaluate(item), kinds=LIST | _filtered(node.generators))
            case ast.DictComp(key=key, value=value):
                self._generators(node.generators)
                names = self.evaluate(key)
                held = self.evaluate(value)
                return self._dict_of_all(names, held, filtered=any(one.ifs for one in node.generators))
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.use(self.evaluate(child), child)
                return UNKNOWN

    def _peek(self, node: ast.Lambda, body: list[ast.expr]) -> None:
        """Looks into a nested function for what it reads of the names around it."""
        hidden = {
            argument.arg: UNKNOWN for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        }
        shadowed = {name: self.env[name] for name in hidden if name in self.env}
        self.env.update(hidden)
        with self.under():
            for part in body:
                self.use(self.evaluate(part), part)
        for name in hidden:
            self.env.pop(name, None)
        self.env.update(shadowed)

    def _attribute(self, node: ast.Attribute) -> Value:
        base = self.evaluate(node.value)
        if base.paths:
            return self.read(base, node.attr, node, required=True)
        if base.target is not None:
            return value_of(attribute_of(base.target, node.attr))
        return UNKNOWN

    def _subscript(self, node: ast.Subscript) -> Value:
        base = self.evaluate(node.value)
        key = self.evaluate(node.slice)
        if key.texts and not key.opaque:
            return self._parts(base, key, node)
        self.use(key, node.slice)
        if isinstance(node.slice, ast.Slice):
            return replace(base, kinds=kinds_of_slice(base.kinds), told=())
        if base.is_state:
            self.use(base, node)
            return UNKNOWN
        self.use(Value(paths=base.paths), node)
        return base.element

    def _parts(self, base: Value, key: Value, node: ast.AST, *, required: bool = True) -> Value:
        result = NOTHING
        for text in sorted(key.texts):
            result = merge(result, self.read(base, text, node, required=required))
        return result

    def _dict(self, node: ast.Dict) -> Value:
        made = EMPTY
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.evaluate(value)
            if key is None:
                made = spread(made, held)
                continue
            names = self.evaluate(key)
            self.use(Value(paths=names.paths), key)
            self.ledger.make(sorted(names.texts))
            made = made.with_key(names, held)
        return made

    def _dict_of_all(self, names: Value, held: Value, *, filtered: bool) -> Value:
        """A dict with an entry for each of several names."""
        unknown = names.opaque or bool(names.paths) or not names.texts
        return Value(
            keys=tuple(sorted(names.texts)),
            ways=frozenset({names.texts}),
            loose=unknown or filtered,
            opaque=unknown,
            inner=held,
            kinds=DICT | {"empty"} if filtered else DICT,
        )

    def _either_union(self, one: Value, other: Value, node: ast.AST) -> Value:
        """``one | other``: two dicts joined, or something that is none of our business."""
        if one.keys is not None or other.keys is not None or one.is_state or other.is_state:
            return spread(one, other)
        self.use(one, node)
        self.use(other, node)
        return UNKNOWN

    def _bool_op(self, node: ast.BoolOp) -> Value:
        result = NOTHING
        outcome = isinstance(node.op, ast.And)
        present = NO_PATHS
        kinds: Kinds = frozenset()
        for place, part in enumerate(node.values):
            with self.under(present, conditional=place > 0):
                value = self.evaluate(part)
            result = merge(result, value)
            last = place == len(node.values) - 1
            kinds |= value.kinds if last or outcome else truthy(value.kinds)
            present |= self.presence(part, outcome=outcome)
        return replace(result, kinds=kinds)

    def _compare(self, node: ast.Compare) -> Value:
        left = self.evaluate(node.left)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(comparator)
            if isinstance(op, (ast.In, ast.NotIn)) and right.paths and left.texts and not left.opaque:
                self._parts(right, left, node, required=False)
            else:
                self.use(left, node)
                self.use(right, comparator)
            left = right
        return Value(kinds=BOOL)

    def _generators(self, generators: list[ast.comprehension]) -> None:
        for generator in generators:
            source = self.evaluate(generator.iter)
            self.use(Value(paths=source.paths), generator.iter)
            self.bind(generator.target, source.element)
            for condition in generator.ifs:
                self.use(self.evaluate(condition), condition)

    # what a test tells about the presence of fields

    def presence(self, test: ast.expr, *, outcome: bool) -> frozenset[Path]:
        """The paths that are known to be there when a test has come out in this way.

        Args:
            test: The test's expression, already evaluated.
            outcome: How it came out.
        """
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.presence(operand, outcome=not outcome)
            case ast.BoolOp(op=op, values=parts):
                if isinstance(op, ast.And) is outcome:
                    return frozenset().union(*(self.presence(part, outcome=outcome) for part in parts))
                return NO_PATHS
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[right]):
                return self._named(right, left) if isinstance(op, ast.In) is outcome else NO_PATHS
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
                return self.presence(left, outcome=True) if isinstance(op, ast.IsNot) is outcome else NO_PATHS
            case ast.NamedExpr(value=value):
                return self.presence(value, outcome=outcome)
            case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[key, *_]) if outcome:
                return self._named(base, key)
            case ast.Call(func=ast.Name(id="hasattr" | "getattr"), args=[base, key, *_]) if outcome:
                return self._named(base, key)
            case ast.Name(id=name) if outcome:
                return self.env[name].paths - {()} if name in self.env else NO_PATHS
            case _:
                return NO_PATHS

    def _named(self, base: ast.expr, key: ast.expr) -> frozenset[Path]:
        """The paths ``base[key]``, for simple expressions; nothing is noted."""
        where = self._paths(base)
        match key:
            case ast.Constant(value=str() as text):
                texts = frozenset({text})
            case ast.Name(id=name):
                texts = self.name(name).texts
            case _:
                texts = frozenset()
        return frozenset((*path, text) for path in where for text in texts)

    def _paths(self, node: ast.expr) -> frozenset[Path]:
        match node:
            case ast.Name(id=name):
                return self.name(name).paths
            case ast.Subscript(value=base, slice=key):
                return self._named(base, key)
            case ast.Attribute(value=base, attr=name):
                return frozenset((*path, name) for path in self._paths(base))
            case _:
                return NO_PATHS


def _is_word(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and isinstance(part.value, str) and bool(part.value.strip())


def _filtered(generators: list[ast.comprehension]) -> frozenset[str]:
    return frozenset({"empty"}) if any(one.ifs for one in generators) else frozenset()
