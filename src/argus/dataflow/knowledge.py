"""What a node's code knows without being told: the constants it can reach, and whether anything else can flow in.

Nothing is run. The walk follows the code of a function to the globals and closures that it names, through functions,
classes and plain objects of the user's own, and stops at the border of installed packages, of which a few are known to
bring in nothing from outside.
"""

from __future__ import annotations

import dis
import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from types import CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, Final

from argus._internal.guard import Guard
from argus._internal.words import fingerprint, word_key, words_in
from argus.dataflow.reckoning import Arithmetic, CodeFacts, numbers_written
from argus.dataflow.static.callables import Target, attribute_of, original_of, target_of
from argus.model.knowledge import SourceKnowledge, packed

__all__ = ["knowledge_of"]

_guard = Guard("dataflow.knowledge")

_MOST_WORDS: Final = 10_000
_MOST_NUMBERS: Final = 1_000
_MOST_THINGS: Final = 30_000
_LONGEST_TEXT: Final = 200_000
_MOST_LAYERS: Final = 20
_LARGEST: Final = 1e9
_DIGITS: Final = re.compile(r"\d+")

_PURE_WORDS: Final = """
__future__ abc argus ast asyncio bisect builtins collections concurrent contextlib copy csv dataclasses
decimal difflib enum fractions functools hashlib base64 heapq html inspect io itertools json
langchain_core langgraph logging
math msgspec numbers operator pprint pydantic pydantic_core re statistics string structlog textwrap
threading time typing typing_extensions unicodedata warnings weakref annotated_types attr attrs datetime
calendar zoneinfo
"""
_PURE: Final = frozenset(_PURE_WORDS.split())
"""Packages whose plain functions and classes bring in nothing from outside."""

_DATES: Final = frozenset({"datetime", "calendar", "zoneinfo"})
_CLOCKS_WORDS: Final = """
now today utcnow time_ns localtime gmtime ctime strftime perf_counter perf_counter_ns monotonic
"""
_CLOCKS: Final = frozenset(_CLOCKS_WORDS.split())
_OUTSIDE: Final = frozenset({"open", "input", "eval", "exec", "compile", "__import__", "globals", "locals", "id"})
_REWRITING_WORDS: Final = """
translate maketrans encode decode b64encode hexdigest normalize swapcase reversed hash chr ord hex escape unescape
quote urlencode unquote transliterate slugify strftime day_name day_abbr month_name month_abbr
"""
_REWRITING: Final = frozenset(_REWRITING_WORDS.split())
_FOLDING_WORDS: Final = """
sum fsum mean fmean median reduce accumulate prod
"""
_FOLDING: Final = frozenset(_FOLDING_WORDS.split())
_COUNTING: Final = frozenset({"len", "count", "Counter", "enumerate", "index", "find", "range"})
_MULTIPLYING: Final = frozenset({"*", "/", "//", "%", "**", "@", "*=", "/=", "//=", "%=", "**="})
_LOOK_BACK: Final = 10
_GROUPING: Final = ("BUILD_LIST", "BUILD_STRING", "BUILD_TUPLE", "LIST_EXTEND", "FORMAT_VALUE", "FORMAT_SIMPLE")
_ADDING: Final = frozenset({"+", "-", "+=", "-="})
_OLD_MULTIPLYING: Final = ("MULTIPLY", "DIVIDE", "MODULO", "POWER")
_OLD_ADDING: Final = ("BINARY_ADD", "BINARY_SUBTRACT", "INPLACE_ADD", "INPLACE_SUBTRACT")
_HELD: Final = (str, int, float, list, tuple, dict, set, frozenset)
_ENTERED: Final = ("__call__", "__post_init__")
_ASKING: Final = frozenset({"interrupt", "get_store", "get_config", "get_runtime", "get_stream_writer"})


def knowledge_of(function: Any, *, every_argument: bool = False) -> SourceKnowledge | None:
    """Looks at the code of whatever runs as a node; the state is its one free argument.

    Args:
        function: As for :func:`argus.dataflow.reads.read_source`. Nothing of it is executed.
        every_argument: Whether all arguments are recorded, as those of a task are, not the first alone.

    Returns:
        What it knows, or None when that cannot be told. Never raises.
    """
    with _guard:
        target = target_of(function)
        if target is None:
            return None
        walk = _Walk()
        target = _unwrapped(target)
        shown = target.function
        free = shown.__code__.co_argcount + shown.__code__.co_kwonlyargcount - len(target.args) - len(target.kwargs)
        variadic = shown.__code__.co_flags & (0x04 | 0x08)
        if not every_argument and (free > 1 or (variadic and not free)):
            walk.sealed = False  # a configuration, a store, a runtime
        for thing in (shown, *target.args, *(value for _, value in target.kwargs)):
            walk.follow(thing)
        return walk.knowledge()
    return None


def _unwrapped(target: Target) -> Target:
    """What a decorator wrapped, a bound method with its object."""
    for _ in range(_MOST_LAYERS):
        inner = target.function.__dict__.get("__wrapped__")
        found = target_of(inner) if inner is not None else None
        if found is None or found.function is target.function:
            break
        target = found if found.args or found.kwargs else Target(found.function, target.args, target.kwargs)
    return target


class _Walk:
    """What has been found so far, and what is still to be looked at."""

    def __init__(self) -> None:
        self.sealed = True
        self.counts = self.folds = self.subtracts = self.negates = self.dates = self.rewrites = False
        self.cuts = self.glues = False
        self.sums = self.products = 0
        self.arithmetic = Arithmetic()
        self.words: set[int] = set()
        self.numbers: dict[float, None] = {}
        self._seen: set[int] = set()
        self._left = _MOST_THINGS
        self._waiting: list[Any] = []
        self._names: set[str] = set()
        self._inherited: set[int] = set()
        self._pending: dict[str, list[Any]] = {}

    def knowledge(self) -> SourceKnowledge | None:
        """Everything, or None when it is too much."""
        if len(self.words) > _MOST_WORDS or len(self.numbers) > _MOST_NUMBERS or self._left <= 0:
            return None
        return SourceKnowledge(
            sealed=self.sealed,
            numbers=tuple(self.numbers),
            words=packed(self.words),
            sums=self.sums,
            subtracts=self.subtracts,
            folds=self.folds,
            products=self.products,
            counts=self.counts,
            negates=self.negates,
            dates=self.dates,
            rewrites=self.rewrites,
            opaque=self.arithmetic.opaque,
            repeats=self.arithmetic.repeated,
            truncates=self.arithmetic.truncates,
            cuts=self.cuts,
            glues=self.glues,
        )

    def follow(self, thing: Any) -> None:
        """Looks at one thing and all that can be reached from it."""
        self._waiting.append(thing)
        while self._waiting and self._left > 0:
            self._left -= 1
            self._look_at(self._waiting.pop())

    def _look_at(self, thing: Any) -> None:
        kind = type(thing)
        if thing is None or kind in (bool, bytes, type(...)):
            return
        if kind is str:
            self._read(thing)
        elif kind in (int, float):
            if abs(thing) <= _LARGEST:
                self.numbers[float(thing)] = None
        elif id(thing) not in self._seen:
            self._seen.add(id(thing))
            self._enter(thing, kind)

    def _enter(self, thing: Any, kind: type) -> None:
        if issubclass(kind, (list, tuple, set, frozenset)):
            base = next(one for one in (list, tuple, set, frozenset) if issubclass(kind, one))
            self._waiting += base.__iter__(thing)
        elif issubclass(kind, dict) or kind.__name__ == "mappingproxy":
            items = list(dict.items(thing) if issubclass(kind, dict) else thing.items())
            self.sealed &= bool(items)  # an empty one is there to be filled
            self._waiting += [part for item in items for part in item]
        elif kind is CodeType:
            self._code(thing)
        elif issubclass(kind, FunctionType):
            self._function(original_of(thing))
        elif issubclass(kind, (MethodType, staticmethod, classmethod)):
            self._waiting += [part for part in (thing.__func__, getattr(thing, "__self__", None)) if part is not None]
        elif issubclass(kind, ModuleType):
            self._module(thing.__name__)
        elif isinstance(thing, type):
            self._class(thing)
        else:
            self._object(thing, kind)

    def _read(self, text: str) -> None:
        if len(text) > _LONGEST_TEXT:
            self._left = 0
            return
        keys = [word_key(word) for word, _ in words_in(text)]
        self.words.update(map(fingerprint, keys))
        self.words.update(fingerprint(f"{one} {other}") for one, other in pairwise(["", *keys, ""]))
        self.words.update(map(fingerprint, _DIGITS.findall(text)))
        self.numbers.update(dict.fromkeys(numbers_written(text)))

    def _function(self, function: FunctionType) -> None:
        code = function.__code__
        root = (function.__module__ or "").partition(".")[0]
        if _is_foreign(code.co_filename):
            self.sealed &= root in _PURE and code.co_name not in _ASKING
            self.arithmetic.package(root)
            return
        self._waiting += [code, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        for cell in function.__closure__ or ():
            try:
                self._waiting.append(cell.cell_contents)
            except ValueError:  # not filled yet
                self.sealed = False
        self._globals(code, function.__globals__)

    def _globals(self, code: CodeType, scope: Mapping[str, Any]) -> None:
        for one in _with_inner(code):
            for name in one.co_names:
                if name in scope:
                    found = scope[name]
                    self._waiting.append(found)
                    if isinstance(found, ModuleType) and not _is_foreign(getattr(found, "__file__", None) or ""):
                        self._waiting += [vars(found)[used] for used in one.co_names if used in vars(found)]
                elif name in _OUTSIDE:
                    self.sealed = False
                else:
                    self.arithmetic.names(name)

    def _code(self, code: CodeType) -> None:
        self._waiting += [const for const in code.co_consts if not isinstance(const, CodeType)]
        self._waiting += [const for const in code.co_consts if isinstance(const, CodeType)]
        names = {*code.co_names}
        self._named(names)
        self.sums += len(_FOLDING & names)
        self.folds |= not _FOLDING.isdisjoint(names)
        self.counts |= not _COUNTING.isdisjoint(names)
        self.rewrites |= not _REWRITING.isdisjoint(names)
        self.dates |= not _CLOCKS.isdisjoint(names) or ("time" in names and "sleep" not in names)
        instructions = list(dis.get_instructions(code))
        before = self.sums + self.products
        for at, one in enumerate(instructions):
            if not (one.argrepr in ("+", "+=") and _joins(instructions[max(0, at - _LOOK_BACK) : at])):
                self._instruction(one.opname, one.argrepr)
        facts = CodeFacts.of(code, instructions)
        self.arithmetic.add(code, facts, instructions, self.sums + self.products - before)
        self.cuts |= facts.cuts
        self.glues |= facts.glues
        self.rewrites |= facts.respells

    def _instruction(self, name: str, argument: str) -> None:
        if name.startswith(("BINARY_", "INPLACE_")):
            self.products += argument in _MULTIPLYING or any(word in name for word in _OLD_MULTIPLYING)
            self.sums += argument in _ADDING or name in _OLD_ADDING
            self.subtracts |= argument in ("-", "-=") or name in ("BINARY_SUBTRACT", "INPLACE_SUBTRACT")
        elif name == "UNARY_NEGATIVE":
            self.negates = True
        elif name == "IMPORT_NAME":
            self._module(argument)
        elif name in ("STORE_GLOBAL", "CHECK_EXC_MATCH", "JUMP_IF_NOT_EXC_MATCH"):
            self.sealed = False  # a value that comes later; the text of an exception

    def _module(self, name: str) -> None:
        root = name.partition(".")[0]
        self.dates |= root in _DATES
        module = sys.modules.get(name)
        if module is None or _is_foreign(getattr(module, "__file__", None) or ""):
            self.sealed &= root in _PURE
            self.arithmetic.package(root)

    def _class(self, kind: type, inherited: bool = False) -> None:
        module = sys.modules.get(kind.__module__)
        root = kind.__module__.partition(".")[0]
        if module is None or _is_foreign(getattr(module, "__file__", None) or ""):
            self.dates |= root in _DATES
            self.arithmetic.package(root)
            self.sealed &= root in _PURE and not (inherited and root.startswith("lang"))
            return
        self._fields(kind)
        for name, value in tuple(vars(kind).items()):
            if isinstance(value, (FunctionType, staticmethod, classmethod, property)):
                self._attribute(name, value.fget if isinstance(value, property) else value)
            elif isinstance(value, _HELD) and not name.startswith(("_", "model_")):
                self._waiting.append(value)
        for base in kind.__bases__:
            if base is not object and id(base) not in self._inherited:
                self._inherited.add(id(base))
                self._class(base, inherited=True)

    def _fields(self, kind: type) -> None:
        """The names that a class shows of itself, and what its fields hold unless told otherwise."""
        self._read(kind.__name__)
        for place in ("__pydantic_fields__", "__dataclass_fields__"):
            fields = vars(kind).get(place)
            for name, one in fields.items() if isinstance(fields, dict) else ():
                self._read(name)
                held = (getattr(one, "default", None), getattr(one, "default_factory", None))
                self._waiting += [value for value in held if isinstance(value, (*_HELD, FunctionType))]

    def _attribute(self, name: str, value: Any) -> None:
        """Something that is looked at once any code names it."""
        if name in self._names or name in _ENTERED:
            self._waiting.append(value)
        else:
            self._pending.setdefault(name, []).append(value)

    def _named(self, names: set[str]) -> None:
        self._names |= names
        for name in names & self._pending.keys():
            self._waiting += self._pending.pop(name)

    def _object(self, thing: Any, kind: type) -> None:
        root = kind.__module__.partition(".")[0]
        module = sys.modules.get(kind.__module__)
        if root in ("typing", "typing_extensions", "re", "decimal", "fractions", "logging", "_thread"):
            self.arithmetic.opaque |= root in ("decimal", "fractions")
            return
        if kind.__name__ == "_TaskFunction":
            self._waiting.append(attribute_of(thing, "func"))
        elif kind.__module__ == "builtins" or module is None or _is_foreign(getattr(module, "__file__", None) or ""):
            wrapped = target_of(thing)
            if kind.__module__ == "functools" and wrapped is not None:
                self._waiting += [wrapped.function, *wrapped.args, *(value for _, value in wrapped.kwargs)]
            else:
                self.sealed &= kind.__module__ in ("builtins", "_operator", "operator") and callable(thing)
        else:
            self._waiting.append(kind)
            held = attribute_of(thing, "__dict__")
            own = thing.__dict__ if held is not None and type(thing.__dict__) is dict else {}
            self._waiting += own.values()
            for one in kind.__mro__:
                slots = [value for value in vars(one).values() if type(value) is MemberDescriptorType]
                self._waiting += [slot.__get__(thing) for slot in slots if _is_filled(slot, thing)]


def _joins(before: Sequence[dis.Instruction]) -> bool:
    """Whether what precedes a plus makes texts or lists, so that nothing is added up."""
    last = before[-1] if before else None
    if last is None or (last.opname == "LOAD_CONST" and isinstance(last.argval, (int, float))):
        return False
    if last.opname in _GROUPING or (last.opname == "LOAD_CONST" and isinstance(last.argval, (str, tuple))):
        return True
    return any(one.opname in ("LOAD_METHOD", "LOAD_ATTR") and "join" in one.argrepr for one in before)


def _is_filled(slot: MemberDescriptorType, thing: Any) -> bool:
    try:
        slot.__get__(thing)
    except AttributeError:
        return False
    return True


def _with_inner(code: CodeType) -> Iterable[CodeType]:
    waiting = [code]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [const for const in one.co_consts if isinstance(const, CodeType)]


def _is_foreign(file: str) -> bool:
    """Whether a file belongs to Python or an installed package; what has no file does."""
    return not file or "site-packages" in file or "dist-packages" in file or file.startswith(_foreign_folders())


@lru_cache(maxsize=1)
def _foreign_folders() -> tuple[str, ...]:
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return tuple(f"{path}/" for path in paths if path)
