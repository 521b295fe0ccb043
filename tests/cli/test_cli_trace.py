from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argus.model.trace import Trace
from argus.testing.builders import build_trace, ran

Runs = dict[str, Trace]
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("name", ["broken", "clean", "doubtful", "looping"])
def test_a_run_as_it_is_shown(
    name: str, columns: int, call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]
) -> None:
    stored(runs[name])
    shown = call("trace", columns=columns)
    assert shown.code == 0
    assert shown.err == ""
    snapshot(f"trace_{name}_{columns}", shown.out)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("verbose", ("--verbose",)),
        ("step", ("--step", "2")),
        ("step_verbose", ("--step", "9", "--verbose")),
        ("step_error", ("--step", "13")),
        ("step_diff", ("--step", "2", "--diff")),
        ("diff", ("--diff",)),
        ("diff_field", ("--diff", "--field", "documents")),
        ("diff_field_at_step", ("--diff", "--field", "documents[0]", "--step", "2")),
        ("diff_field_unchanged", ("--diff", "--field", "documents", "--step", "1")),
        ("field", ("--field", "documents")),
        ("field_at_step", ("--field", "ranked", "--step", "8")),
        ("field_unknown", ("--field", "nothing.here")),
    ],
)
def test_parts_of_a_run(
    name: str, words: tuple[str, ...], call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]
) -> None:
    stored(runs["broken"])
    shown = call("trace", "8f2c", *words)
    assert shown.code == 0
    snapshot(f"trace_part_{name}", shown.out)


@pytest.mark.parametrize("columns", [80, 40])
def test_the_listing(columns: int, call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]) -> None:
    stored(*[run for name, run in runs.items() if name != "hostile"])
    shown = call("trace", "--list", columns=columns)
    assert shown.code == 0
    snapshot(f"trace_list_{columns}", shown.out)


def test_plain_ascii_where_the_terminal_speaks_nothing_else(
    call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]
) -> None:
    stored(runs["broken"])
    shown = call("trace", encoding="ascii")
    assert shown.out.isascii()
    snapshot("trace_broken_ascii", shown.out)


def test_every_width_is_kept(call: Any, stored: Any, runs: Runs) -> None:
    from argus.cli.output.cells import width

    stored(*runs.values())
    for columns in (40, 57, 60, 80, 119):
        for words in (("trace", "8f2c"), ("trace", "bad0"), ("trace", "bad0", "--verbose"), ("trace", "--list")):
            for line in call(*words, columns=columns).out.splitlines():
                assert width(line) <= columns or line.startswith("  argus "), (words, line)


@pytest.mark.parametrize(
    "words",
    [
        ("trace", "bad0"),
        ("trace", "bad0", "-v"),
        ("trace", "bad0", "--diff"),
        ("trace", "bad0", "--step", "1", "-v"),
        ("trace", "bad0", "--field", "list"),
        ("trace", "bad0", "--field", "list[0]", "--step", "1"),
        ("trace", "--list"),
        ("trace", "bad0", "--json"),
        ("trace", "--list", "--json"),
        ("report", "bad0"),
        ("report", "bad0", "--format", "markdown"),
        ("report", "bad0", "--format", "json"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_hostile_text_never_reaches_the_terminal(
    words: tuple[str, ...], encoding: str, call: Any, stored: Any, runs: Runs
) -> None:
    stored(runs["hostile"])
    shown = call(*words, encoding=encoding if words[0] == "trace" else "utf-8")
    assert shown.code == 0
    assert shown.out
    assert not CONTROL.search(shown.out + shown.err)


def test_colour_only_where_it_is_wanted(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    assert "\x1b[" not in call("trace").out
    assert "\x1b[1;35m" in call("trace", terminal=True).out
    assert "\x1b[1;35m" in call("trace", FORCE_COLOR="1").out
    assert "\x1b[" not in call("trace", terminal=True, NO_COLOR="1").out
    assert "\x1b[" not in call("trace", terminal=True, FORCE_COLOR="1", NO_COLOR="1").out
    assert "\x1b[" not in call("trace", terminal=True, TERM="dumb").out
    styles = set(re.findall(r"\x1b\[([\d;]+)m", call("trace", "8f2c", terminal=True).out))
    assert styles <= {"0", "1", "2", "1;31", "33", "1;35"}


def test_a_clean_run_has_no_colour_but_its_check(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["clean"])
    styles = re.findall(r"\x1b\[([\d;]+)m", call("trace", terminal=True).out)
    assert set(styles) <= {"0", "1", "2", "32"}
    assert styles.count("32") == 1


def test_ids_by_prefix_and_by_age(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    assert "support-rag" in call("trace", "8f2c1a5b00000001").out
    assert "support-rag" in call("trace", "8f").out
    shown = {json.loads(call("trace", f"last~{age}", "--json").out)["id"] for age in range(len(runs))}
    assert shown == {run.id for run in runs.values()}


@pytest.mark.parametrize("words", [("zzz",), ("last~99",), ("",)])
def test_an_unknown_id_is_said_to_be_unknown(words: tuple[str, ...], call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["clean"])
    shown = call("trace", *words)
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("argus: ")


def test_an_ambiguous_id_names_the_runs_it_may_mean(call: Any, stored: Any) -> None:
    stored(*[build_trace(ran("a"), trace_id=f"abc{number:013x}") for number in range(3)])
    shown = call("trace", "abc")
    assert shown.code == 2
    assert "abc0000000000001" in shown.err


def test_looking_into_an_empty_folder_makes_nothing(call: Any, tmp_path: Path) -> None:
    listed = call("trace", "--list")
    assert listed.code == 0
    assert "argus demo" in listed.out
    assert json.loads(call("trace", "--list", "--json").out) == {"traces": [], "next_cursor": None}
    shown = call("trace")
    assert shown.code == 2
    assert "argus demo" in shown.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--failed",), {"8f2c", "c41d", "bad0"}),
        (("--status", "warning"), {"1009"}),
        (("--status", "warning", "--status", "ok"), {"1009", "7b90"}),
        (("--pipeline", "faq"), {"7b90"}),
        (("--code", "beh301"), {"8f2c", "c41d"}),
        (("--code", "str4*"), {"8f2c"}),
        (("--where", "code:BEH3*,nothing"), {"8f2c", "c41d", "1009"}),
        (("--severity", "info"), {"bad0"}),
        (("--node", "rank"), {"8f2c"}),
        (("--text", "suspects"), {"c41d"}),
        (("--since", "2026-01-02"), set()),
        (("--since", "2025-12-31T00:00Z", "--limit", "2"), 2),
        (("--where", "status:failed,warning node:act"), {"1009"}),
        (("--node", "act", "--node", "answer"), {"1009", "7b90"}),
        (("--where", "-status:failed,incomplete -node:act"), {"7b90"}),
        (("--where", "dur:>4s field:docs layer:struct"), {"8f2c"}),
        (("--where", "steps:3..13 tokens:>3k"), {"8f2c"}),
        (("--where", 'pipeline:faq "48 earlier"'), {"7b90"}),
    ],
)
def test_filters(words: tuple[str, ...], ids: Any, call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    listed = json.loads(call("trace", *words, "--json").out)
    found = {row["id"][:4] for row in listed["traces"]}
    assert (len(found) if isinstance(ids, int) else found) == ids
    assert (listed["next_cursor"] is not None) is (ids == 2)


def test_the_last_run_that_fits(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    assert json.loads(call("trace", "--last", "--pipeline", "agent", "--json").out)["id"] == runs["looping"].id
    none = call("trace", "--last", "--pipeline", "nobody")
    assert none.code == 2
    assert "argus trace --list" in none.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--where", "statsu:failed"), "'status'"),
        (("--where", "status:faild"), "'failed'"),
        (("--where", 'text:"open'), "cannot be read"),
        (("--since", "yesterday"), "24h"),
        (("--where", "dur:soon"), "dur:>5s"),
        (("8f2c", "--list"), "not both"),
        (("8f2c", "--step", "99"), "steps 1 to 13"),
        (("--lst",), "--list"),
        (("--limit", "0"), "1<=x<=1000"),
    ],
)
def test_wrong_usage_says_what_would_be_right(
    words: tuple[str, ...], hint: str, call: Any, stored: Any, runs: Runs
) -> None:
    stored(runs["broken"])
    shown = call("trace", *words)
    assert (shown.code, shown.out) == (2, "")
    assert hint in shown.err
    assert "argus trace --help" in shown.err


def test_json_documents(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    whole = json.loads(call("trace", "--json").out)
    assert whole["detection_count"] == 3
    assert whole["steps"][1]["node_name"] == "retrieve"
    step = json.loads(call("trace", "8f", "--step", "2", "--json").out)
    assert step["step"]["step_number"] == 2
    assert [one["code"] for one in step["detections"]] == ["STR402"]
    assert {(one["mark"], one["field"]) for one in step["changes"]["changed"]} == {("!", "docs"), ("∅", "documents")}
    assert len(json.loads(call("trace", "8f", "--diff", "--json").out)["steps"]) == 13
    of_field = json.loads(call("trace", "8f", "--diff", "--field", "documents", "--json").out)["steps"]
    assert [(one["step_number"], len(one["changed"])) for one in of_field] == [(2, 1)]
    none = json.loads(call("trace", "8f", "--diff", "--field", "documents", "--step", "1", "--json").out)
    assert none["steps"] == []
    at_step = json.loads(call("trace", "8f", "--field", "ranked", "--step", "8", "--json").out)
    assert (at_step["returned"], "before" in at_step) == ([], False)
    life = json.loads(call("trace", "8f", "--field", "answer", "--json").out)
    assert [one["value"] for one in life["writes"]] == ["60 days", "within 60 days"]


def test_json_of_a_trace_is_the_published_document(call: Any, stored: Any, runs: Runs) -> None:
    from argus.model.codec import decode_trace

    stored(runs["broken"])
    assert decode_trace(call("trace", "--json").out) == runs["broken"]


def test_commands_to_go_on_with_keep_store_and_configuration(
    call: Any, stored: Any, runs: Runs, tmp_path: Path
) -> None:
    stored(runs["broken"])
    (tmp_path / "my store").mkdir()
    (tmp_path / ".argus" / "traces.db").rename(tmp_path / "my store" / "t.db")
    shown = call("trace", "--store", "my store/t.db", columns=120)
    assert "argus report 8f2c1a5b --store 'my store/t.db'" in shown.out
    assert call("--store", "my store/t.db", "trace").code == 0


def test_ten_thousand_steps_are_shown_in_part_and_counted_in_full(call: Any, stored: Any) -> None:
    stored(build_trace(*[ran(f"n{number}") for number in range(10_000)]))
    shown = call("trace")
    assert "of 10,000 steps; --verbose shows all" in shown.out
    assert len(shown.out.splitlines()) < 80


def test_a_damaged_store_is_named(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["clean"])
    for file in (tmp_path / ".argus").glob("traces.db-*"):
        file.unlink()
    (tmp_path / ".argus" / "traces.db").write_bytes(b"no database" * 1000)
    shown = call("trace")
    assert (shown.code, shown.out) == (2, "")
    assert "traces.db" in shown.err


def test_a_wrong_configuration_is_named(call: Any, tmp_path: Path) -> None:
    (tmp_path / "argus.yaml").write_text("storge:\n  path: x\nwatcher:\n  strict: maybe\n")
    shown = call("trace")
    assert shown.code == 2
    assert "argus.yaml" in shown.err
    assert "storage" in shown.err
    assert "strict" in shown.err
