"""``argus fix``: a brief to paste."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from argus.cli.output.screen import Screen
from argus.model.trace import Trace
from argus.testing.builders import build_trace, ran

Runs = dict[str, Trace]


@pytest.mark.parametrize("name", ["broken", "doubtful", "clean", "looping"])
def test_briefs(name: str, call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]) -> None:
    stored(runs[name])
    shown = call("fix")
    assert (shown.code, shown.err) == (0, "")
    snapshot(f"fix_{name}", shown.out)


def test_the_width_of_the_terminal_does_not_break_a_brief(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    assert call("fix", columns=40).out == call("fix", "8f2c", columns=120, terminal=True).out


def test_json_has_the_shape_that_help_tells(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    document = json.loads(call("fix", "--json").out)
    promised = call("fix", "--help").out
    for name in (*document, *document["chain"][0], *document["cause"], *document["at_cause"], *document["findings"][0]):
        assert f'"{name}"' in promised
    assert document["cause"] == {
        "node_name": "retrieve",
        "step_number": 2,
        "file": "/srv/support/app.py",
        "line": 27,
    }
    assert document["text"] == call("fix").out
    assert document["needed"]


def test_a_clean_run_needs_no_mending(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["clean"])
    document = json.loads(call("fix", "--json").out)
    assert not document["needed"]
    assert document["cause"] is None


@pytest.mark.parametrize(
    ("words", "said"), [(("zzz",), "no trace 'zzz'"), (("8f2c", "--last"), "not both"), (("abc",), "abc0000000000001")]
)
def test_a_run_that_is_not_there(words: tuple[str, ...], said: str, call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"], *[build_trace(ran("a"), trace_id=f"abc{number:013x}") for number in range(3)])
    shown = call("fix", *words)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err


def test_an_empty_store(call: Any) -> None:
    shown = call("fix")
    assert (shown.code, shown.out) == (2, "")
    assert "argus demo" in shown.err


def test_it_is_utf_8_even_where_the_terminal_is_not() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    screen = Screen(stream, columns=40)
    screen.line("first")
    screen.document("größer\n")
    screen.flush()
    assert stream.buffer.getvalue() == "first\ngrößer\n".encode()  # type: ignore[attr-defined]


def test_a_makeshift_stream_gets_what_it_can_take() -> None:
    class Bare(io.StringIO):
        encoding = "ascii"

    bare = Bare()
    Screen(bare, columns=40).document("größer\n")
    assert bare.getvalue() == "gr\\xf6\\xdfer\n"


def test_commands_name_the_store_that_was_asked(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    shown = call("fix", "--store", ".argus/traces.db").out
    assert "argus diff 8f2c1a5b00000001 last --store .argus/traces.db" in shown
