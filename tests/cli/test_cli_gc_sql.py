from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from argus.model.trace import Trace

Runs = dict[str, Trace]


def test_what_would_go_and_what_went(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    total = len(runs)
    would = call("gc", "--keep", "1", "--dry-run", columns=200)
    assert (would.code, would.err) == (0, "")
    assert would.out.startswith(f"{total - 1} runs would go from sqlite:///")
    done = json.loads(call("gc", "--keep", "1", "--vacuum", "--json").out)
    assert (done["runs"], done["dry_run"], done["vacuumed"]) == (total - 1, False, True)
    assert done["bytes_after"] <= done["bytes_before"]
    assert json.loads(call("gc", "--older-than", "1s", "--json").out)["runs"] == 1
    assert "No run" in call("trace", "--list").out


def test_what_the_configuration_says(call: Any, stored: Any, runs: Runs, tmp_path: Any) -> None:
    stored(*runs.values())
    (tmp_path / "argus.yaml").write_text("storage: {retention: {max_size: 1}}\n")
    assert json.loads(call("gc", "--json", "--dry-run").out)["runs"] == len(runs)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Say what shall go: --older-than, --keep or --max-size"),
        (("--max-size", "much"), "'much' is no size; write 500MB or 2GB"),
        (("--older-than", "long"), "long"),
        (("--keep", "-1"), "--keep"),
        (("--keep", "1", "--where", "colour:red"), "colour"),
    ],
)
def test_rules_that_cannot_be_meant(call: Any, stored: Any, runs: Runs, words: tuple[str, ...], says: str) -> None:
    stored(*runs.values())
    done = call("gc", *words)
    assert done.code == 2
    assert says in done.err


def test_a_question_as_a_table(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    shown = call("sql", "SELECT status, count(*) AS runs FROM traces GROUP BY 1 ORDER BY 2 DESC, 1")
    assert (shown.code, shown.err) == (0, "")
    head, *lines = shown.out.splitlines()
    assert head.split() == ["status", "runs"]
    assert sum(int(line.split()[1]) for line in lines) == len(runs)


def test_a_question_for_programs(call: Any, stored: Any, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(*runs.values())
    known = json.loads(call("sql", "SELECT 1 AS one, NULL AS none, 'x' AS text", "--json").out)
    assert known == {"columns": ["one", "none", "text"], "rows": [[1, None, "x"]], "has_more": False}
    assert call("sql", "SELECT 1 AS one, 'a,\"b' AS text", "--csv").out == 'one,text\n1,"a,""b"\n'
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT 2 AS two"))
    assert call("sql", "--csv").out == "two\n2\n"
    more = call("sql", "SELECT id FROM traces", "--limit", "1", "--csv")
    assert len(more.out.splitlines()) == 2
    assert "only the first 1 rows; --limit shows more" in more.err


def test_hostile_values_are_harmless(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    for options in ((), ("--csv",), ("--json",)):
        shown = call("sql", "SELECT char(27) || '[2J' || char(10) || 'x' AS y", *options)
        assert shown.code == 0
        assert "\x1b" not in shown.out
    formula = call("sql", "SELECT '=HYPERLINK(1)' AS y, -5 AS n", "--csv")
    assert formula.out == "y,n\n'=HYPERLINK(1),-5\n"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM traces", "only reading is allowed here"),
        ("SELEKT 1", "does not understand"),
        (" ", "Say what to ask"),
    ],
)
def test_questions_that_cannot_be_answered(call: Any, stored: Any, runs: Runs, statement: str, says: str) -> None:
    stored(*runs.values())
    done = call("sql", statement)
    assert done.code == 2
    assert says in done.err


def test_an_archive_of_objects_answers_no_sql(call: Any, tmp_path: Any) -> None:
    done = call("--store", f"file://{tmp_path}/archive", "sql", "SELECT 1")
    assert done.code == 2
    assert "argus copy" in done.err
