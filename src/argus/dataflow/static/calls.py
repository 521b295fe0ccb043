"""Calls: the state's own methods, updates that are built, and helper functions that are followed."""

from __future__ import annotations

import ast
import copy
import logging
import operator
import string
import typing
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final

from argus.dataflow.static.callables import Target, attribute_of, target_of
from argus.dataflow.static.expressions import Expressions
from argus.dataflow.static.kinds import ANY, LIST, grown, kinds_called, kinds_of_method
from argus.dataflow.static.values import EMPTY, NOTHING, UNKNOWN, LocalFunction, Value, merge, spread, value_of

__all__ = ["Arguments", "Calls"]

_COPIES: Final = frozenset({"copy", "__copy__", "model_copy", "model_dump", "dict", "_asdict"})
_HARMLESS: Final = (isinstance, type, id, callable, issubclass, print)
_REPACKERS: Final = (list, tuple, set, sorted, reversed, frozenset)
_PICKERS: Final = (min, max, next)
_PAIRERS: Final = (enumerate, zip)
_PASS_THROUGH: Final = (typing.cast, copy.copy, copy.deepcopy)
_RECORD_SIGNS: Final = ("__total__", "__pydantic_fields__", "__dataclass_fields__", "_fields")
_MAX_DEPTH: Final = 4


@dataclass(frozen=True)
class Arguments:
    """The evaluated arguments of a call.

    Attributes:
        positional: In order.
        named: By keyword.
        spread: What is spread by ``**``, or None.
        starred: The elements of what is spread by ``*``, or None.
    """

    positional: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()
    spread: Value | None = None
    starred: Value | None = None

    def all(self) -> tuple[Value, ...]:
        """Every value passed."""
        more = [value for value in (self.spread, self.starred) if value is not None]
        return (*self.positional, *(value for _, value in self.named), *more)

    def get(self, name: str) -> Value | None:
        """The argument of this keyword, or None."""
        return next((value for key, value in self.named if key == name), None)


class Calls(Expressions):
    """Evaluates calls.

    Attributes:
        handed: What the arguments of the call just followed had become when it returned, by position.
    """

    handed: tuple[Value | None, ...] = ()

    @abstractmethod
    def follow(self, target: Target, arguments: Arguments) -> Value:
        """What a helper function returns; its reads are noted.

        Args:
            target: The helper.
            arguments: What is passed.
        """

    @abstractmethod
    def follow_local(self, function: LocalFunction, arguments: Arguments) -> Value:
        """The same for a function defined inside this one."""

    def call(self, node: ast.Call) -> Value:
        """What a call may return.

        Args:
            node: The call.
        """
        self.handed = ()
        result = self._called(node)
        self._note_growth(node)
        return result

    def _called(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        function = self.evaluate(node.func)
        if isinstance(node.func, ast.Call):
            picked = self._item_getter(node.func, node)
            if picked is not None:
                return picked
        return self._apply(function, self._arguments(node), node, _name_of(node.func))

    def _note_growth(self, node: ast.Call) -> None:
        """A dict that is passed by name may have got more keys in the function that was called."""
        handed, self.handed = self.handed, ()
        for place, argument in enumerate(node.args):
            if not isinstance(argument, ast.Name):
                continue
            held = self.env.get(argument.id)
            if held is None or held.keys is None:
                continue
            grown = handed[place] if place < len(handed) else None
            self.env[argument.id] = replace(held, loose=True) if grown is None or grown.keys is None else grown

    def _arguments(self, node: ast.Call) -> Arguments:
        positional: list[Value] = []
        starred: Value | None = None
        for argument in node.args:
            value = self.evaluate(argument)
            if isinstance(argument, ast.Starred):
                starred = merge(starred or NOTHING, value.element)
            else:
                positional.append(value)
        named: list[tuple[str, Value]] = []
        spread: Value | None = None
        self.ledger.make(keyword.arg for keyword in node.keywords if keyword.arg is not None)
        for keyword in node.keywords:
            value = self.evaluate(keyword.value)
            if keyword.arg is None:
                spread = merge(spread or NOTHING, value)
            else:
                named.append((keyword.arg, value))
        return Arguments(tuple(positional), tuple(named), spread, starred)

    # methods

    def _method(self, node: ast.Call, func: ast.Attribute) -> Value:
        base = self.evaluate(func.value)
        arguments = self._arguments(node)
        result = self._method_of(base, func, arguments, node)
        if "any" not in result.kinds or base.paths:
            return result
        kinds = kinds_of_method(func.attr, base.kinds, [value.kinds for value in arguments.positional])
        return result if kinds is None else replace(result, kinds=kinds)

    def _method_of(self, base: Value, func: ast.Attribute, arguments: Arguments, node: ast.Call) -> Value:
        if base.paths:
            return self._method_of_state(base, func, arguments, node)
        if base.texts and func.attr in ("format", "format_map"):
            return self._format(base, arguments, node)
        if base.keys is not None:
            return self._method_of_dict(base, func, arguments, node)
        kinds = grown(func.attr, base.kinds) if base.inner is not None else None
        if base.inner is not None and kinds is not None:
            if func.attr in ("append", "extend", "add"):
                self._rebind(func.value, Value(inner=_joined(base.inner, arguments.positional, func.attr), kinds=kinds))
                return NOTHING
            self._rebind(func.value, replace(base, kinds=kinds))
        if func.attr in ("to_thread", "run_in_executor", "submit") and arguments.positional:
            return self._handed_over(arguments, node)
        if type(base.target) is logging.Logger:
            return NOTHING
        if base.target is not None:
            return self._apply(_bound(base.target, func.attr), arguments, node, func.attr)
        self.use_all(base, arguments, node)
        return UNKNOWN

    def _method_of_state(self, base: Value, func: ast.Attribute, arguments: Arguments, node: ast.Call) -> Value:
        name = func.attr
        key = arguments.positional[0] if arguments.positional else NOTHING
        if name in ("setdefault", "__setitem__") and base.is_state:
            self.ledger.store(sorted(key.texts), sure=bool(key.texts) and not key.opaque)
        if name in ("get", "pop", "setdefault", "__getitem__") and key.texts and not key.opaque:
            fallback = arguments.positional[1] if len(arguments.positional) > 1 else NOTHING
            required = name == "__getitem__" or (name == "pop" and len(arguments.positional) == 1)
            parts = NOTHING
            for text in sorted(key.texts):
                parts = merge(parts, self.read(base, text, node, required=required))
            return merge(parts, fallback)
        if name in _COPIES and base.is_state:
            for value in arguments.all():
                self.use(value, node)
            update = arguments.get("update")
            return base if update is None else merge(base, update)
        if name in ("values", "items") and not base.is_state:
            self.use(base, node)
            inner = base.element
            return Value(inner=inner if name == "values" else Value(inner=inner, opaque=True))
        if name == "sort":
            key_function = arguments.get("key")
            self.use(base, node)
            if key_function is not None:
                self._each(key_function, base.element, node)
            return NOTHING
        if name == "update" and base.is_state:
            for value in arguments.all():
                self.use(replace(value, paths=value.paths - {()}), node)
            self._stored(arguments)
            return NOTHING
        self.use_all(base, arguments, node)
        return UNKNOWN

    def _stored(self, arguments: Arguments) -> None:
        """``state.update(…)``."""
        self.ledger.store((name for name, _ in arguments.named), sure=True)
        for value in (*arguments.positional, *([arguments.spread] if arguments.spread is not None else [])):
            sure = value.keys is not None and not value.opaque and not value.paths
            self.ledger.store(value.keys or (), sure=sure)

    def _method_of_dict(self, base: Value, func: ast.Attribute, arguments: Arguments, node: ast.Call) -> Value:
        held = base.element if base.inner is not None else NOTHING
        if func.attr == "update":
            grown = base
            for value in arguments.positional:
                grown = spread(grown, value)
            for name, value in arguments.named:
                grown = grown.with_key(Value(texts=frozenset({name})), value)
            if arguments.spread is not None:
                grown = spread(grown, arguments.spread)
            self._rebind(func.value, grown)
            return NOTHING
        if func.attr == "setdefault" and arguments.positional:
            self._rebind(func.value, base.with_key(arguments.positional[0], NOTHING))
            return merge(held, UNKNOWN)
        if func.attr == "copy":
            return base
        for value in arguments.all():
            self.use(value, node)
        if func.attr in ("items", "values"):
            return Value(inner=Value(inner=held, opaque=True))
        return merge(held, UNKNOWN)

    def _rebind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.env[target.id] = value

    def _format(self, base: Value, arguments: Arguments, node: ast.Call) -> Value:
        """``"… {question} …".format(**state)`` reads the fields that the text names."""
        given = [arguments.spread, *arguments.positional] if arguments.spread else list(arguments.positional)
        states = [value for value in given if value is not None and value.is_state]
        if not states:
            self.use_all(base, arguments, node)
            return NOTHING
        for text in sorted(base.texts):
            try:
                names = [name for _, name, _, _ in string.Formatter().parse(text) if name]
            except ValueError:
                self.ledger.complete = False
                continue
            for name in names:
                field = name.replace("[", ".").partition(".")[0]
                for state in states:
                    self.use(self.read(state, field, node, required=True), node)
        return NOTHING

    def _handed_over(self, arguments: Arguments, node: ast.Call) -> Value:
        """A function and its arguments given to a thread or an executor."""
        for place, value in enumerate(arguments.positional[:2]):
            if value.local is not None or target_of(value.target) is not None:
                rest = replace(arguments, positional=arguments.positional[place + 1 :])
                return self._apply(value, rest, node, "")
        self.use_all(NOTHING, arguments, node)
        return UNKNOWN

    # functions, classes, built-ins

    def _apply(self, function: Value, arguments: Arguments, node: ast.Call, name: str) -> Value:
        result = self._applied(function, arguments, node, name)
        kinds = kinds_called(function.target) if function.target is not None else None
        return result if kinds is None else replace(result, kinds=kinds)

    def _applied(self, function: Value, arguments: Arguments, node: ast.Call, name: str) -> Value:
        if function.local is not None and self.depth < _MAX_DEPTH:
            return self.follow_local(function.local, arguments)
        target = function.target
        if name == "Command" or (_is_class(target) and target.__name__ == "Command"):
            return self._command(arguments, node)
        if _is_one_of(target, _HARMLESS):
            return UNKNOWN
        if _is_one_of(target, _PASS_THROUGH):
            return arguments.positional[-1] if arguments.positional else UNKNOWN
        if target is dict:
            return self._dict_made(arguments)
        if _is_one_of(target, (getattr, hasattr)) and len(arguments.positional) > 1:
            return self._attribute_asked(arguments, node, required=target is getattr)
        if _is_one_of(target, (*_REPACKERS, *_PICKERS, *_PAIRERS)) and arguments.positional:
            return self._taken_apart(target, arguments, node)
        if _is_one_of(target, (map, filter)) and len(arguments.positional) > 1:
            source = arguments.positional[1]
            made = self._each(arguments.positional[0], source.element, node)
            self.use(Value(paths=source.paths), node)
            return Value(inner=made if target is map else source.element)
        if _is_one_of(target, (operator.itemgetter, operator.attrgetter)):
            texts = frozenset(text for value in arguments.positional for text in value.texts)
            return Value(opaque=True, loose=True, target=target, texts=texts)
        if _is_class(target) and _is_record(target):
            return self._record_made(arguments, node)
        found = target_of(target) if target is not None and not _is_class(target) else None
        if found is not None and self.depth < _MAX_DEPTH and self._is_near(found.function):
            return self.follow(found, arguments)
        self.use_all(NOTHING, arguments, node)
        return UNKNOWN

    def _taken_apart(self, target: Any, arguments: Arguments, node: ast.Call) -> Value:
        """The same items in another container, one of them, or each with something beside it."""
        key = arguments.get("key")
        element = NOTHING
        for source in arguments.positional:
            self.use(Value(paths=source.paths), node)
            element = merge(element, source.element)
        if key is not None:
            self._each(key, element, node)
        if _is_one_of(target, _PICKERS):
            return merge(element, arguments.get("default") or NOTHING)
        return Value(inner=element, kinds=LIST) if _is_one_of(target, _REPACKERS) else Value(inner=Value(inner=element))

    def _each(self, function: Value, element: Value, node: ast.Call) -> Value:
        """What a function gives for each item."""
        if _is_one_of(function.target, (operator.itemgetter, operator.attrgetter)):
            if not element.paths:
                return UNKNOWN
            part = NOTHING
            for text in sorted(function.texts):
                part = merge(part, self.read(element, text, node, required=True))
            return part
        if function.local is not None or target_of(function.target) is not None:
            with self.under():
                return replace(self._apply(function, Arguments((element,)), node, ""), kinds=ANY)
        self.use(function, node)
        return UNKNOWN

    def _is_near(self, function: FunctionType) -> bool:
        """Whether a helper belongs to the same package as its caller."""
        ours = str(self.function.__globals__.get("__name__", "")).partition(".")[0]
        return function.__globals__ is self.function.__globals__ or (
            str(function.__globals__.get("__name__", "")).partition(".")[0] == ours
        )

    def _command(self, arguments: Arguments, node: ast.Call) -> Value:
        update = arguments.get("update")
        for name, value in arguments.named:
            if name != "update":
                self.use(value, node)
        if update is None:
            return EMPTY if arguments.spread is None and not arguments.positional else UNKNOWN
        return update if update.ways or update.paths else UNKNOWN

    def _dict_made(self, arguments: Arguments) -> Value:
        made = EMPTY
        for value in (*arguments.positional, *([arguments.spread] if arguments.spread else [])):
            if value.is_state and not arguments.named and len(arguments.all()) == 1:
                return value
            made = spread(made, value)
        for key, value in arguments.named:
            made = made.with_key(Value(texts=frozenset({key})), value)
        return made

    def _attribute_asked(self, arguments: Arguments, node: ast.Call, *, required: bool) -> Value:
        base, key, *fallback = arguments.positional
        if not base.paths:
            return UNKNOWN
        if not key.texts or key.opaque:
            self.use(base, node)
            return UNKNOWN
        result = NOTHING
        for text in sorted(key.texts):
            part = self.read(base, text, node, required=required and not fallback)
            result = merge(result, part)
        return merge(result, fallback[0] if fallback else NOTHING)

    def _record_made(self, arguments: Arguments, node: ast.Call) -> Value:
        made = Value(keys=(), opaque=bool(arguments.positional), loose=True)
        for key, value in arguments.named:
            made = made.with_key(Value(texts=frozenset({key})), value)
        for value in arguments.positional:
            self.use(value, node)
        return spread(made, arguments.spread) if arguments.spread is not None else made

    def _item_getter(self, inner: ast.Call, node: ast.Call) -> Value | None:
        """``itemgetter("a", "b")(state)``."""
        getter = self.evaluate(inner.func).target
        if getter is not operator.itemgetter and getter is not operator.attrgetter:
            return None
        keys = self._arguments(inner).positional
        arguments = self._arguments(node).positional
        if len(arguments) != 1 or not arguments[0].paths or any(not key.texts or key.opaque for key in keys):
            return None
        inside = NOTHING
        for key in keys:
            for text in sorted(key.texts):
                inside = merge(inside, self.read(arguments[0], text, node, required=True))
        return inside if len(keys) == 1 else Value(inner=inside)

    def use_all(self, base: Value, arguments: Arguments, node: ast.AST) -> None:
        """Notes that a value and all arguments go to unknown code.

        Args:
            base: What the method is called on.
            arguments: The arguments.
            node: Where.
        """
        self.use(base, node)
        for value in arguments.all():
            self.use(value, node)


def _name_of(func: ast.expr) -> str:
    return func.id if isinstance(func, ast.Name) else ""


def _joined(inner: Value, given: Sequence[Value], method: str) -> Value:
    for value in given:
        inner = merge(inner, value.element if method == "extend" else value)
    return inner


def _bound(owner: Any, name: str) -> Value:
    """A method or module function, bound to its owner where Python would bind it."""
    found = attribute_of(owner, name)
    if issubclass(type(owner), ModuleType):
        return value_of(found)
    if type(found) is classmethod:
        kind = owner if _is_class(owner) else type(owner)
        return Value(opaque=True, target=MethodType(found.__func__, kind))
    if type(found) is staticmethod:
        return value_of(found.__func__)
    if issubclass(type(found), FunctionType) and not _is_class(owner) and attribute_of(type(owner), name) is found:
        return Value(opaque=True, target=found.__get__(owner))
    return value_of(found)


def _is_one_of(thing: Any, choices: Sequence[Any]) -> bool:
    """Whether an object is one of these; by identity, since comparing would run its code."""
    return any(thing is choice for choice in choices)


def _is_class(thing: Any) -> bool:
    return issubclass(type(thing), type)


def _is_record(kind: type) -> bool:
    """Whether calling a class with keywords makes a record of those keys."""
    return any(
        attribute_of(kind, sign) is not None
        for sign in ("__total__", "model_fields", "__dataclass_fields__", "_fields")
    )
