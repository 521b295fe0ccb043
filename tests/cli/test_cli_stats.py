from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argus.model.trace import Trace
from argus.testing.builders import build_trace, ran

Runs = dict[str, Trace]


@pytest.mark.parametrize("columns", [80, 40])
def test_pipelines_as_they_are_counted(
    columns: int, call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]
) -> None:
    stored(*runs.values())
    shown = call("stats", columns=columns)
    assert (shown.code, shown.err) == (0, "")
    snapshot(f"stats_{columns}", shown.out)


def test_figures_for_programs(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    known = json.loads(call("stats", "--where", "status:failed", "--json").out)
    assert (known["scope"], known["runs"], known["statuses"]) == ("where status:failed", 2, {"failed": 2})
    broken = next(one for one in known["pipelines"] if one["pipeline_name"] == "support-rag")
    assert {one["code"]: (one["runs"], one["critical"]) for one in broken["codes"]} == {
        "STR402": (1, 1), "STR403": (1, 0), "BEH301": (1, 1),
    }  # fmt: skip
    send = next(one for one in broken["nodes"] if one["node_name"] == "send")
    assert (send["steps"], send["failed_steps"], send["p50_ms"]) == (1, 1, 62.0)
    assert broken["p50_ms"] == broken["p95_ms"] == runs["broken"].duration_ms
    assert broken["total_tokens"] == sum(
        step.token_usage.total_tokens or 0 for step in runs["broken"].steps if step.token_usage
    )


def test_the_document_has_the_published_shape(call: Any, stored: Any, runs: Runs) -> None:
    import msgspec

    from argus.views.stats_document import StatsDocument, json_schema

    stored(*runs.values())
    known = json.loads(call("stats", "--json").out)
    assert msgspec.convert(known, StatsDocument).runs == len(runs)
    shapes = json_schema()["$defs"]
    assert set(known) == set(shapes["StatsDocument"]["properties"])
    assert all(set(one) == set(shapes["PipelineStats"]["properties"]) for one in known["pipelines"])


def test_nothing_to_count(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    assert "argus demo" in call("stats").out
    assert json.loads(call("stats", "--json").out) == {"scope": "all runs", "runs": 0, "statuses": {}, "pipelines": []}
    assert list(tmp_path.iterdir()) == []
    stored(runs["clean"])
    assert "No run fits" in call("stats", "--since", "2027-01-01").out


@pytest.mark.parametrize(
    ("words", "said"), [(("--since", "soon"), "is no time"), (("--where", "pipline:x"), "'pipeline'")]
)
def test_wrong_conditions(words: tuple[str, ...], said: str, call: Any) -> None:
    shown = call("stats", *words)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err


def test_many_nodes_are_told_only_when_asked_for(call: Any, stored: Any) -> None:
    stored(build_trace(*[ran(f"n{number}") for number in range(10_000)]))
    assert "9,995 nodes more; --verbose shows all" in call("stats").out
    assert len(call("stats", "--verbose").out.splitlines()) > 10_000


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_hostile_names_and_every_width(encoding: str, call: Any, stored: Any, runs: Runs) -> None:
    from argus.cli.output.cells import width

    stored(*runs.values())
    for columns in (40, 59, 60, 80, 119):
        shown = call("stats", "--verbose", columns=columns, encoding=encoding)
        assert shown.code == 0
        assert "\x1b" not in shown.out
        assert encoding == "utf-8" or shown.out.isascii()
        for line in shown.out.splitlines():
            assert width(line) <= columns, line
