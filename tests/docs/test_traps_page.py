"""The page on traps names tests that exist, for every one of the forty-one."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "explanation" / "traps.md"
ROWS = re.findall(r"^\| (\d+) \| .*$", PAGE.read_text(), re.MULTILINE)
TESTS = sorted(set(re.findall(r"`(test_\w+\.py)::(\w+)(?:\[(\w+)\])?`", PAGE.read_text())))


@cache
def functions(file: str) -> dict[str, ast.AST]:
    tree = ast.parse((PROJECT / "tests" / "integration" / file).read_text())
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_trap_has_its_row():
    assert [str(number) for number in range(1, 42)] == ROWS
    for line in PAGE.read_text().splitlines():
        assert not re.match(r"\| \d", line) or "::" in line, line


@pytest.mark.parametrize(("file", "name", "scenario"), TESTS)
def test_every_test_that_is_named_exists(file, name, scenario):
    assert name in functions(file)
    if scenario:
        decorators = [ast.unparse(one) for one in functions(file)[scenario].decorator_list]
        assert [one for one in decorators if one.startswith("scenario(")]
