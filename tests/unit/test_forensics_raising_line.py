"""What a traceback says of the line that raised."""

from __future__ import annotations

import sys
import traceback

import pytest

from argus.forensics.raising_line import raising_line
from argus.model.trace import ErrorInfo

RATES: dict[str, float] = {}


def adds(state):
    totals = {"north": 1.0}
    totals[state["region"]] = round(totals.get(state["region"], 0.0) + state["amount"], 2)


def formats(state):
    return f"the total is {state['total']:.2f} for {state['name']}"


def sums(state):
    return sum(row["price"] for row in state["rows"])


def compares(state):
    return state["score"] > 3


def iterates(state):
    return [one for one in state["docs"]]  # noqa: C416 - the comprehension is the shape under test


def calls_method(state):
    return state["name"].upper()


def looks_up(state):
    return RATES[state["tariff"]]


def raises(state):
    raise KeyError("made up")


def raised_by(function, **state):
    try:
        function(state)
    except Exception as error:
        return ErrorInfo(type=type(error).__name__, message=str(error), traceback=traceback.format_exc())
    raise AssertionError("it did not raise")


@pytest.mark.parametrize(
    ("error", "operand", "bystander"),
    [
        (raised_by(adds, region="north", amount="x"), "amount", "region"),
        (raised_by(formats, total="x", name="n"), "total", "name"),
        (raised_by(sums, rows=[{"price": None}]), "price", "sum"),
        (raised_by(compares, score="x"), "score", "return"),
        (raised_by(iterates, docs=None), "docs", "one"),
        (raised_by(calls_method, name=3), "name", "upper"),
        (raised_by(looks_up, tariff="gold"), "tariff", "return"),
    ],
)
def test_the_operands_of_the_failed_expression(error, operand, bystander):
    line = raising_line(error)
    assert line.known
    assert operand in line.words
    assert not line.explicit
    if sys.version_info >= (3, 11):  # earlier tracebacks do not mark the expression
        assert operand in line.operands
        assert bystander not in line.operands


def test_a_raise_statement_is_somebodys_intention():
    assert raising_line(raised_by(raises)).explicit


def test_the_line_of_the_program_counts_not_that_of_a_library():
    text = (
        "Traceback (most recent call last):\n"
        '  File "/home/me/app.py", line 7, in node\n    return json.loads(state["reply"])\n'
        '  File "/usr/lib/python3/json/decoder.py", line 355, in raw_decode\n    raise JSONDecodeError("Expecting")\n'
        "json.decoder.JSONDecodeError: Expecting value\n"
    )
    error = ErrorInfo(type="JSONDecodeError", message="Expecting value", traceback=text, file="/home/me/app.py", line=7)
    assert not raising_line(error).explicit
    assert "reply" in raising_line(error).words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        '  File "',
        '  File "x", line 1, in f\n',
        '  File "x", line 1, in f\n    )(*&^\n    ~~~~^',
        "\ud800\x00" * 50,
    ],
)
def test_unreadable_tracebacks_say_nothing(text):
    line = raising_line(ErrorInfo(type="KeyError", message="'x'", traceback=text))
    assert not line.operands
