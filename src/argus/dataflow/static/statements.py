"""Statements, in the order of the source; each branch is walked with its own names and joined again."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any

from argus.dataflow.static.callables import Definition, Target, definition_of
from argus.dataflow.static.calls import Arguments, Calls
from argus.dataflow.static.kinds import kinds_of_operation
from argus.dataflow.static.ledger import Ledger
from argus.dataflow.static.values import NONE, NOTHING, UNKNOWN, LocalFunction, Path, Value, merge, spread, value_of

__all__ = ["Statements"]

_TRY = (ast.Try, getattr(ast, "TryStar", ast.Try))
"""``try`` with ``except``, and from Python 3.11 on with ``except*``."""

_CATCHES_MISSING = frozenset({"KeyError", "LookupError", "AttributeError", "Exception", "BaseException"})


class Statements(Calls):
    """Walks one function.

    Args:
        function: The function.
        ledger: Where reads are noted.
        depth: How many calls deep it was reached from the node.
        active: The functions being walked at this moment, so that recursion ends.
        conditional: Whether it was reached under a condition.
    """

    def __init__(
        self,
        function: FunctionType,
        ledger: Ledger,
        depth: int = 0,
        active: tuple[object, ...] = (),
        *,
        conditional: bool = False,
    ) -> None:
        super().__init__(function, ledger, depth, conditional=conditional)
        self._active = active
        self.parameters: tuple[str, ...] = ()

    def run(self, definition: Definition, arguments: Arguments) -> Value:
        """What the function returns when it is given these arguments.

        Args:
            definition: Its syntax tree.
            arguments: What is passed; parameters beyond it are unknown.
        """
        self._bind_parameters(definition.args, arguments)
        if isinstance(definition, ast.Lambda):
            return self._give_back(self.evaluate(definition.body), definition)
        if not self.block(definition.body):
            self.returned = merge(self.returned, NONE)
        return self.returned

    def _bind_parameters(self, parameters: ast.arguments, arguments: Arguments) -> None:
        self.parameters = tuple(one.arg for one in (*parameters.posonlyargs, *parameters.args))
        left = list(arguments.positional)
        starred = arguments.starred
        named = dict(arguments.named)
        defaults = len(parameters.posonlyargs) + len(parameters.args) - len(parameters.defaults)
        for place, parameter in enumerate((*parameters.posonlyargs, *parameters.args)):
            if left:
                self.env[parameter.arg] = left.pop(0)
            elif starred is not None:
                self.env[parameter.arg], starred = starred, UNKNOWN
            else:
                self.env[parameter.arg] = self._passed(parameter, named, arguments, required=place < defaults)
        for parameter, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            self.env[parameter.arg] = self._passed(parameter, named, arguments, required=default is None)
        if parameters.vararg is not None:
            rest = arguments.starred or NOTHING
            for value in left:
                rest = merge(rest, value)
            self.env[parameters.vararg.arg] = Value(inner=rest)
        if parameters.kwarg is not None:
            held = NOTHING
            for value in named.values():
                held = merge(held, value)
            spread = arguments.spread
            if spread is not None:
                self.use(spread, parameters.kwarg)
            self.env[parameters.kwarg.arg] = Value(keys=tuple(named), opaque=spread is not None, inner=held)

    def _passed(self, parameter: ast.arg, named: dict[str, Value], arguments: Arguments, *, required: bool) -> Value:
        """The argument for one parameter, by name or out of a spread state."""
        if parameter.arg in named:
            return named.pop(parameter.arg)
        spread = arguments.spread
        if spread is not None and spread.paths:
            return self.read(spread, parameter.arg, parameter, required=required)
        return spread.element if spread is not None else UNKNOWN

    # helpers

    def follow(self, target: Target, arguments: Arguments) -> Value:
        """What a helper function returns; its reads are noted.

        Args:
            target: The helper.
            arguments: What is passed.
        """
        whole = replace(
            arguments,
            positional=(*(value_of(one) for one in target.args), *arguments.positional),
            named=(*((name, value_of(one)) for name, one in target.kwargs), *arguments.named),
        )
        code = target.function.__code__
        definition = None if code in self._active else definition_of(target.function)
        if definition is None:
            if code not in self._active:
                self.use_all(NOTHING, arguments, ast.Pass(lineno=code.co_firstlineno))
            return UNKNOWN
        inner = Statements(
            target.function, self.ledger, self.depth + 1, (*self._active, code), conditional=self.conditional
        )
        inner.forgiving = self.forgiving
        inner.present = self.present
        inner.made = self.made
        result = inner.run(definition, whole)
        self.handed = tuple(inner.env.get(name) for name in inner.parameters[len(target.args) :])
        return result

    def follow_local(self, function: LocalFunction, arguments: Arguments) -> Value:
        """The same for a function defined inside this one.

        Args:
            function: The function.
            arguments: What is passed.
        """
        if function.node in self._active:
            return UNKNOWN
        inner = Statements(
            self.function, self.ledger, self.depth + 1, (*self._active, function.node), conditional=self.conditional
        )
        inner.forgiving = self.forgiving
        inner.present = self.present
        inner.env = dict(function.env)
        result = inner.run(function.node, arguments)
        self.handed = tuple(inner.env.get(name) for name in inner.parameters)
        return result

    # statements

    def block(self, body: Sequence[ast.stmt]) -> bool:
        """Walks statements.

        Args:
            body: The statements.

        Returns:
            Whether the end of the block cannot be reached.
        """
        return any(self.statement(statement) for statement in body)

    def statement(self, node: ast.stmt) -> bool:
        """Walks one statement.

        Args:
            node: The statement.

        Returns:
            Whether what follows it in the same block cannot be reached.
        """
        self.ledger.spend()
        match node:
            case ast.Return(value=value):
                self._give_back(self.evaluate(value), node)
                return True
            case ast.Raise(exc=error, cause=cause):
                self.use(self.evaluate(error), node)
                self.use(self.evaluate(cause), node)
                return True
            case ast.Continue() | ast.Break():
                return True
            case ast.Assign(targets=targets, value=value):
                result = self.evaluate(value)
                for target in targets:
                    self._assign(target, value, result)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._assign(target, value, self.evaluate(value))
            case ast.AugAssign():
                self._augment(node)
            case ast.Expr(value=value):
                result = self.evaluate(value)
                if not isinstance(value, ast.Call):
                    self.use(result, node)
            case ast.Delete(targets=targets):
                for target in targets:
                    if not isinstance(target, ast.Name):
                        self.evaluate(target)
            case ast.If():
                return self._if(node)
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    held = self.evaluate(item.context_expr)
                    self.use(held, node)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, UNKNOWN)
                return self.block(body)
            case _ if isinstance(node, _TRY):
                return self._try(node)
            case ast.Match():
                self._match(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(node)
            case ast.Assert(test=test, msg=message):
                self.use(self.evaluate(test), node)
                self.use(self.evaluate(message), node)
                self.present |= self.presence(test, outcome=True)
            case _:
                pass
        return False

    def _give_back(self, value: Value, node: ast.AST) -> Value:
        self.use(Value(paths=value.carried() - {()}), node)
        self.returned = merge(self.returned, value)
        return self.returned

    def _assign(self, target: ast.expr, source: ast.expr, value: Value) -> None:
        match target:
            case ast.Tuple(elts=lefts) | ast.List(elts=lefts) if isinstance(source, (ast.Tuple, ast.List)) and len(
                source.elts
            ) == len(lefts):
                for left, right in zip(lefts, source.elts, strict=True):
                    self._assign(left, right, self.evaluate(right))
            case ast.Subscript(value=base, slice=key):
                self._store(base, self.evaluate(base), self.evaluate(key), value, target)
            case ast.Attribute(value=base, attr=name):
                self._store(base, self.evaluate(base), Value(texts=frozenset({name})), value, target)
            case _:
                self.use(Value(paths=value.paths - {()}), source) if isinstance(target, (ast.Tuple, ast.List)) else None
                self.bind(target, value)

    def _store(self, base: ast.expr, held: Value, key: Value, value: Value, node: ast.AST) -> None:
        """``base[key] = value``: a key more for a dict made here, or a field that the node itself has set."""
        self.ledger.make(sorted(key.texts))
        if held.is_state:
            self.ledger.store(sorted(key.texts), sure=bool(key.texts) and not key.opaque)
        if held.paths:
            if not self.conditional:
                self.made.update((*path, text) for path in held.paths for text in key.texts)
        elif isinstance(base, ast.Name) and held.keys is not None:
            self.env[base.id] = held.with_key(key, value)
            return
        self.use(Value(paths=value.carried() - {()}), node)

    def _augment(self, node: ast.AugAssign) -> None:
        added = self.evaluate(node.value)
        if isinstance(node.target, ast.Name):
            old = self.name(node.target.id)
            if old.keys is not None and isinstance(node.op, ast.BitOr):
                self.env[node.target.id] = spread(old, added)
                return
            self.use(old, node)
            left = merge(old, UNKNOWN) if old.inner else UNKNOWN
            self.env[node.target.id] = replace(left, kinds=kinds_of_operation(node.op, old.kinds, added.kinds))
        else:
            self.use(self.evaluate(node.target), node)
        self.use(added, node)

    # blocks

    def _if(self, node: ast.If) -> bool:
        self.use(self.evaluate(node.test), node.test)
        before = dict(self.env)
        with self.under(self.presence(node.test, outcome=True)):
            ended = self.block(node.body)
        after = self.env
        self.env = before
        with self.under(self.presence(node.test, outcome=False)):
            other_ended = self.block(node.orelse)
        if ended and other_ended:
            return True
        if ended or other_ended:
            self.env = self.env if ended else after
            self.present |= self.presence(node.test, outcome=other_ended)
            self.conditional = self.conditional or not _raises(node.body if ended else node.orelse)
        else:
            self.env = _joined(after, self.env)
        return False

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        present: frozenset[Path] = frozenset()
        if isinstance(node, ast.While):
            self.use(self.evaluate(node.test), node.test)
            present = self.presence(node.test, outcome=True)
        else:
            source = self.evaluate(node.iter)
            self.use(Value(paths=source.paths), node.iter)
            self.bind(node.target, source.element)
        before = dict(self.env)
        with self.under(present):
            self.block(node.body)
        self.env = _joined(before, {name: _repeated(value, before.get(name)) for name, value in self.env.items()})
        with self.under():
            self.block(node.orelse)

    def _try(self, node: Any) -> bool:
        forgiving = any(_catches_missing(handler) for handler in node.handlers)
        before = dict(self.env)
        with self.under(conditional=False, forgiving=forgiving):
            ended = self.block(node.body)
        broken_off = _joined(before, self.env)  # it may have got as far as any line of the body
        with self.under():
            ended = self.block(node.orelse) or ended
        joined = None if ended else self.env
        for handler in node.handlers:
            self.env = dict(broken_off)
            if handler.name:
                self.env[handler.name] = UNKNOWN
            with self.under():
                if not self.block(handler.body):
                    joined = self.env if joined is None else _joined(joined, self.env)
        self.env = before if joined is None else joined
        return self.block(node.finalbody) or joined is None

    def _match(self, node: ast.Match) -> None:
        subject = self.evaluate(node.subject)
        before = self.env
        joined = dict(before)
        for case in node.cases:
            self.env = dict(before)
            with self.under():
                self._pattern(case.pattern, subject)
                self.use(self.evaluate(case.guard), case.pattern)
                if not self.block(case.body):
                    joined = _joined(joined, self.env)
        self.env = joined

    def _pattern(self, pattern: ast.pattern, subject: Value) -> None:
        match pattern:
            case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
                for key, inner in zip(keys, patterns, strict=True):
                    text = self.evaluate(key).text
                    part = UNKNOWN if text is None else self.read(subject, text, key, required=False)
                    self._pattern(inner, part)
                if rest is not None:
                    self.env[rest] = subject
            case ast.MatchClass(kwd_attrs=names, kwd_patterns=patterns):
                for name, inner in zip(names, patterns, strict=True):
                    part = self.read(subject, name, pattern, required=False) if subject.paths else UNKNOWN
                    self._pattern(inner, part)
            case ast.MatchAs(pattern=inner_pattern, name=name):
                if inner_pattern is not None:
                    self._pattern(inner_pattern, subject)
                if name is not None:
                    self.env[name] = subject
            case ast.MatchOr(patterns=patterns):
                for inner_pattern in patterns:
                    self._pattern(inner_pattern, subject)
            case _:
                self.use(Value(paths=subject.paths - {()}), pattern)
                for child in ast.walk(pattern):
                    if isinstance(child, (ast.MatchAs, ast.MatchStar)) and child.name is not None:
                        self.env[child.name] = UNKNOWN

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A nested function: what it reads of the names around it counts, called or not."""
        local = LocalFunction(node, self.env)
        self.env[node.name] = Value(local=local)
        if node not in self._active:
            with self.under():
                self.follow_local(local, Arguments())


def _joined(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    """The names after two branches."""
    joined = dict(one)
    for name, value in other.items():
        joined[name] = merge(joined[name], value) if name in joined else value
    return joined


def _repeated(value: Value, before: Value | None) -> Value:
    """What a dict may be after any number of rounds, told from one: two sets of keys may have come together."""
    old = before.ways if before is not None else frozenset()
    return replace(value, loose=True) if value.keys is not None and len(value.ways - old) > 1 else value


def _raises(body: Sequence[ast.stmt]) -> bool:
    """Whether a block ends by raising: then whoever gets past it has not been spared anything."""
    return bool(body) and isinstance(body[-1], ast.Raise)


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _CATCHES_MISSING) for kind in kinds)
