"""How code makes numbers of numbers and words of words, as far as its instructions tell.

What is not listed here as harmless counts as a way of reckoning that nobody can follow.
"""

from __future__ import annotations

import builtins
import dis
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Final

__all__ = ["Arithmetic", "CodeFacts", "numbers_written"]

_HARMLESS_WORDS: Final = """
len min max sum any all bool str repr list dict set tuple frozenset sorted reversed zip enumerate isinstance issubclass
getattr hasattr setattr print type iter next filter map callable format super object property staticmethod classmethod
float int round abs slice ascii vars dir
"""
_HARMLESS: Final = frozenset(_HARMLESS_WORDS.split())
_BUILTINS: Final = frozenset(
    name
    for name, value in vars(builtins).items()
    if callable(value) and not (isinstance(value, type) and issubclass(value, BaseException))
)
_TRUNCATING: Final = frozenset({"int", "trunc"})
_PARSING: Final = frozenset({"int", "float"})
_QUIET_WORDS: Final = """
__future__ abc argus asyncio builtins collections contextlib copy csv dataclasses enum functools html inspect io
itertools json langchain_core langgraph logging pprint pydantic pydantic_core re string structlog textwrap threading
time typing typing_extensions unicodedata warnings weakref annotated_types attr attrs
"""
_QUIET: Final = frozenset(_QUIET_WORDS.split())
"""Packages whose functions make no numbers that were not there before."""

_OPAQUE_WORDS: Final = """
reduce accumulate count_of prod mean fmean median stdev variance pow sqrt exp log floor ceil
total_seconds days seconds toordinal timestamp weekday isoweekday isocalendar
bit_length as_integer_ratio quantize real imag from_bytes fromhex random randint
"""
_OPAQUE: Final = frozenset(_OPAQUE_WORDS.split())
_OPAQUE_SIGNS: Final = frozenset({"**", "//", "%", "<<", ">>", "^", "@", "**=", "//=", "%=", "<<=", ">>=", "^=", "@="})
_OLD_OPAQUE: Final = ("POWER", "FLOOR_DIVIDE", "MODULO", "LSHIFT", "RSHIFT", "XOR", "MATRIX")
_APPENDING: Final = frozenset({"LIST_APPEND", "SET_ADD", "MAP_ADD"})
_COMPREHENSIONS: Final = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_FORMATTING: Final = ("FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC")
_CUTTING: Final = frozenset({"findall", "finditer", "group", "groups", "partition", "rpartition", "removesuffix"})
_OF_TEXTS: Final = frozenset({"lower", "upper", "title", "capitalize", "casefold", "split", "strip"})
_BASES: Final = frozenset({2, 8, 16, 32, 36})
_PART_OF_NUMBER: Final = re.compile(
    r"\\d(?:\{[\d,]+\})?\)?\(?(?:\?P<\w+>|\?:)?\\d|\\d(?![+*?{.,\]\\])|\[0-9\](?![+*?{])"
)
"""Patterns that may match a part of the digits of a number."""

_LETTERS_CHOSEN: Final = re.compile(r"\[(?!\^)[^\]]*[a-z]|\[\^[^\]]*[aeiou]{3}")
_NAMING_DAYS: Final = re.compile(r"%-?[aAbBpchx]")
_WRITTEN: Final = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MOST_WRITTEN: Final = 50


@dataclass(frozen=True)
class CodeFacts:
    """What the instructions of one code object do, those of the functions within it left out.

    Attributes:
        opaque: Whether they reckon in a way that is not followed.
        loops: Whether a statement is repeated, so that results may be carried on; comprehensions do not count.
        cuts: Whether parts of texts or lists are taken.
        respells: Whether letters are chosen, left out or turned around, or days get names.
        glues: Whether texts are put together with nothing in between.
    """

    opaque: bool
    loops: bool
    cuts: bool
    respells: bool
    glues: bool

    @classmethod
    def of(cls, code: CodeType, instructions: Sequence[dis.Instruction]) -> CodeFacts:
        """Reads the instructions.

        Args:
            code: The code.
            instructions: Its instructions.
        """
        names = {*code.co_names}
        opaque = not _OPAQUE.isdisjoint(names) or any(map(_is_opaque, instructions))
        takes_part = [one for one in instructions if one.opname in ("BUILD_SLICE", "BINARY_SLICE", "STORE_SLICE")]
        texts = [const for const in code.co_consts if isinstance(const, str)]
        cuts = bool(takes_part) or not _CUTTING.isdisjoint(names)
        parses = not _PARSING.isdisjoint(names)
        adds = any(one.argrepr in ("+", "+=") or one.opname == "BINARY_ADD" for one in instructions)
        respells = ("join" in names and "" in texts) or any(map(_NAMING_DAYS.search, texts))
        respells |= any(one.opname == "BUILD_SLICE" and one.arg == 3 for one in takes_part)
        removes = "sub" in names and "" in texts
        respells |= removes and any(map(_LETTERS_CHOSEN.search, texts))
        glues = respells or removes or _is_glued(instructions)
        glues |= adds and (bool(takes_part) or not _OF_TEXTS.isdisjoint(names))
        opaque |= "int" in names and any(type(one) is int and one in _BASES for one in code.co_consts)
        joins = removes or ("join" in names and "" in texts)
        opaque |= parses and (joins or any(map(_PART_OF_NUMBER.search, texts)))
        return cls(
            opaque=opaque,
            loops=code.co_name not in _COMPREHENSIONS and _has_loop(instructions),
            cuts=cuts,
            respells=respells,
            glues=glues,
        )


@dataclass
class Arithmetic:
    """The operations of all code within reach, and how often each may be carried out.

    Attributes:
        opaque: Whether anything reckons in a way that is not followed.
        loops: Whether anything is repeated.
        truncates: Whether digits before the point may be taken away, or all after it.
        rounds: Whether anything is rounded, be it on the way.
    """

    opaque: bool = False
    loops: bool = False
    truncates: bool = False
    rounds: bool = False
    _operations: list[tuple[str, int]] = field(default_factory=list)
    _loaded: Counter[str] = field(default_factory=Counter)

    def add(self, code: CodeType, facts: CodeFacts, instructions: Sequence[dis.Instruction], operations: int) -> None:
        """Takes the code of one function into account.

        Args:
            code: The code.
            facts: What its instructions do.
            instructions: Its instructions.
            operations: How many of them reckon.
        """
        self.opaque |= facts.opaque
        self.loops |= facts.loops
        to_tens = any(type(one) is int and one < 0 for one in code.co_consts)
        self.truncates |= not _TRUNCATING.isdisjoint(code.co_names) or ("round" in code.co_names and to_tens)
        self.rounds |= self.truncates or "round" in code.co_names
        if operations:
            self._operations.append((code.co_name, operations))
        self._loaded.update(one.argval for one in instructions if "LOAD" in one.opname and isinstance(one.argval, str))

    def names(self, name: str) -> None:
        """A name that is no user's own, but a builtin one.

        Args:
            name: As the code has it.
        """
        self.opaque |= name in _BUILTINS and name not in _HARMLESS

    def package(self, root: str) -> None:
        """A package whose functions are within reach.

        Args:
            root: Its name, without what follows the first point.
        """
        self.opaque |= root not in _QUIET

    @property
    def repeated(self) -> bool:
        """Whether an operation may be carried out on its own result, or on a rounded one."""
        if not self._operations:
            return False
        several = sum(count for _, count in self._operations) > 1
        return (
            self.loops
            or (several and self.rounds)
            or any(
                name == "<lambda>" or (name not in _COMPREHENSIONS and self._loaded[name] > 1)
                for name, _ in self._operations
            )
        )


def numbers_written(text: str) -> list[float]:
    """The numbers in a constant text that code may read it as.

    Args:
        text: Any text.
    """
    found = [float(written) for written in _WRITTEN.findall(text[:2_000])[:_MOST_WRITTEN]]
    return [number for number in found if number < 1e15]


def _is_opaque(one: dis.Instruction) -> bool:
    if one.opname == "UNARY_INVERT":
        return True
    if not one.opname.startswith(("BINARY_", "INPLACE_")):
        return False
    return one.argrepr in _OPAQUE_SIGNS or any(word in one.opname for word in _OLD_OPAQUE)


def _has_loop(instructions: Sequence[dis.Instruction]) -> bool:
    """Whether there is a jump back that is not a comprehension's."""
    back: dict[int, bool] = {}
    for at, one in enumerate(instructions):
        jumps = "JUMP" in one.opname and "NO_INTERRUPT" not in one.opname
        if jumps and isinstance(one.argval, int) and one.argval < one.offset:
            appends = at > 0 and instructions[at - 1].opname in _APPENDING
            back[one.argval] = back.get(one.argval, False) or appends
    return not all(back.values())


def _is_glued(instructions: Sequence[dis.Instruction]) -> bool:
    """Whether a text is formatted right after another one."""
    for at, one in enumerate(instructions[:-1]):
        if one.opname in _FORMATTING:
            following = instructions[at + 1]
            if following.opname.startswith("LOAD_") and not isinstance(following.argval, str | tuple):
                return True
            if following.opname.startswith("LOAD_") and following.opname != "LOAD_CONST":
                return True
    return False
