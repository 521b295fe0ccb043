"""From any callable to the function that runs and the syntax tree of its definition, without running anything."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
from dataclasses import dataclass
from types import CodeType, FunctionType, MethodType
from typing import Any, Final, TypeAlias

__all__ = ["Definition", "Target", "attribute_of", "definition_of", "original_of", "target_of"]

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_MAX_LAYERS: Final = 20
_MAX_SOURCE: Final = 2_000_000


@dataclass(frozen=True, eq=False)
class Target:
    """A function and the arguments that are already bound to it.

    Attributes:
        function: The Python function that runs in the end.
        args: Bound positional arguments, a method's ``self`` among them.
        kwargs: Bound keyword arguments.
    """

    function: FunctionType
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()


def attribute_of(thing: Any, name: str) -> Any:
    """An attribute found without descriptors, ``__getattr__`` or any other code of the object; None without one.

    Args:
        thing: Any object.
        name: The attribute.
    """
    try:
        return inspect.getattr_static(thing, name, None)
    except Exception:  # noqa: BLE001 - metaclasses and exotic proxies may break the lookup in any way
        return None


def target_of(thing: Any) -> Target | None:
    """What runs when something is called.

    Args:
        thing: A function, bound method, ``functools.partial``, object with ``__call__``, or a wrapper that keeps its
            function in ``func`` or ``afunc``.

    Returns:
        The function with its bound arguments, or None if it is not written in Python.
    """
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()
    for _ in range(_MAX_LAYERS):
        kind = type(thing)
        if issubclass(kind, FunctionType):
            return Target(thing, args, kwargs)
        if issubclass(kind, MethodType):
            args = (thing.__self__, *args)
            thing = thing.__func__
        elif kind is functools.partial:
            args = (*thing.args, *args)
            kwargs = (*thing.keywords.items(), *kwargs)
            thing = thing.func
        elif kind in (staticmethod, classmethod):
            thing = thing.__func__
        elif issubclass(type(called := attribute_of(kind, "__call__")), FunctionType):
            args = (thing, *args)
            thing = called
        else:
            inner = attribute_of(thing, "func") or attribute_of(thing, "afunc")
            if inner is None:
                return None
            thing = inner
    return None


def original_of(function: FunctionType) -> FunctionType:
    """The function that a decorator wrapped, if it says so (``functools.wraps``).

    Args:
        function: Any Python function.
    """
    for _ in range(_MAX_LAYERS):
        inner = function.__dict__.get("__wrapped__")
        target = target_of(inner) if inner is not None else None
        if target is None or target.function is function:
            break
        function = target.function
    return function


def definition_of(function: FunctionType) -> Definition | None:
    """The syntax tree of a function's definition, or None when its source cannot be read or has changed.

    Args:
        function: Any Python function.
    """
    code = function.__code__
    linecache.checkcache(code.co_filename)
    source = "".join(linecache.getlines(code.co_filename, function.__globals__))
    if not source or len(source) > _MAX_SOURCE:
        return None
    found = [node for node in _definitions(source).get(code.co_firstlineno, ()) if _fits(node, code)]
    if len(found) > 1:
        found = [node for node in found if isinstance(node, ast.Lambda) and _compiles_to(node, code)]
    return found[0] if len(found) == 1 else None


@functools.lru_cache(maxsize=16)
def _definitions(source: str) -> dict[int, tuple[Definition, ...]]:
    """All definitions of a file by the line on which their code object starts."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    by_line: dict[int, tuple[Definition, ...]] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            line = min((node.lineno, *(decorator.lineno for decorator in node.decorator_list)))
        elif isinstance(node, ast.Lambda):
            line = node.lineno
        else:
            continue
        by_line[line] = (*by_line.get(line, ()), node)
    return by_line


def _fits(node: Definition, code: CodeType) -> bool:
    name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
    positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    mangled = code.co_varnames[: code.co_argcount]
    return (
        name == code.co_name
        and len(positional) == len(mangled)
        and all(real == written or real.endswith(written) for real, written in zip(mangled, positional, strict=True))
    )


def _compiles_to(node: ast.Lambda, code: CodeType) -> bool:
    """Whether a lambda is the one of this code object: compared by what it compiles to."""
    whole = compile(ast.Expression(body=node), code.co_filename, "eval")
    twin = next((const for const in whole.co_consts if isinstance(const, CodeType)), None)
    return twin is not None and _gist(twin) == _gist(code)


def _gist(code: CodeType) -> tuple[object, ...]:
    """What stays the same whether a name is found in a closure or in the module."""
    constants = [repr(const) for const in code.co_consts if not isinstance(const, CodeType)]
    return code.co_varnames, {*code.co_names, *code.co_freevars}, constants
