from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from argus.model.trace import Trace
from argus.testing.builders import build_graph, build_trace, ran

STATUSES = ("open", "paid", "open", "paid")


def bill(number: int, *, pipeline: str = "billing", version: str | None = None) -> Trace:
    lines = [{"item": "cup", "price": 9.5}, {"item": "pot", "price": 40.0 + number}][: 1 + number % 2]
    graph = build_graph(
        ["price", "add_up"], state={"lines": list, "total": float, "status": str, "due": str}, name=pipeline
    )
    if version is not None:
        graph = msgspec.structs.replace(graph, version=version)
    update = {
        "total": sum(line["price"] for line in lines),
        "status": STATUSES[number % 4],
        "due": f"2026-03-{number:02}",
    }
    return build_trace(
        ran("price", {"lines": lines}),
        ran("add_up", update),
        input={"order": number},
        graph=graph,
        trace_id=f"{number:016x}",
        pipeline_name=pipeline,
    )


@pytest.fixture
def taught(stored: Callable[..., None]) -> Callable[..., None]:
    def teach(pipeline: str = "billing", version: str | None = None, first: int = 1) -> None:
        stored(*(bill(number, pipeline=pipeline, version=version) for number in range(first, first + 12)))

    return teach


@pytest.mark.parametrize("columns", [40, 80])
def test_what_was_learned_is_shown(columns: int, call: Any, taught: Any, snapshot: Callable[[str, str], None]) -> None:
    taught()
    shown = call("baseline", "show", "billing", columns=columns)
    assert (shown.code, shown.err) == (0, "")
    assert call("baseline", "show", columns=columns) == shown
    snapshot(f"baseline_{columns}", shown.out)


@pytest.mark.parametrize("name", ["show", "freeze", "reset"])
def test_each_part_explains_itself(name: str, call: Any, snapshot: Callable[[str, str], None]) -> None:
    shown = call("baseline", name, "--help")
    assert (shown.code, shown.err) == (0, "")
    snapshot(f"help_baseline_{name}", shown.out)


def test_json_has_the_shape_that_help_promises(call: Any, taught: Any) -> None:
    taught()
    assert json.loads(call("baseline", "show", "--json").out) == [
        {"pipeline_name": "billing", "graph_version": "v1", "runs": 12}
    ]
    shown = json.loads(call("baseline", "show", "billing", "--json").out)
    assert list(shown) == ["pipeline_name", "graph_version", "runs", "nodes", "relations", "is_full"]
    (total,) = (one for node in shown["nodes"] for one in node["fields"] if one["path"] == "total")
    assert (total["present"], total["of"], total["types"]) == (12, 12, {"float": 12})
    assert total["numbers"] == {"minimum": 9.5, "median": 30.0, "maximum": 60.5, "count": 12}
    assert "add_up.total = sum(add_up(lines[].price))" in [one["says"] for one in shown["relations"]]
    (status,) = (one for node in shown["nodes"] for one in node["fields"] if one["path"] == "status")
    assert status["choices"] == ["open", "paid"]


def test_what_comes_close_to_an_unknown_name_is_named(call: Any, taught: Any) -> None:
    taught()
    for part in ("show", "freeze", "reset"):
        wrong = call("baseline", part, "biling")
        assert (wrong.code, wrong.out) == (2, "")
        assert "did you mean 'billing'?" in wrong.err
        assert "there are v1" in call("baseline", part, "billing", "--graph-version", "x").err


def test_nothing_learned_is_said(call: Any, stored: Any) -> None:
    assert "no runs are stored" in call("baseline", "show").err
    stored()
    nothing = call("baseline", "show")
    assert nothing.code == 2
    assert "nothing has been learned" in nothing.err


def test_several_pipelines_are_listed_and_versions_told_apart(call: Any, taught: Any) -> None:
    taught()
    taught("orders", first=20)
    taught("billing", "v2", first=40)
    listed = call("baseline", "show")
    assert listed.code == 0
    assert listed.out.count("12 healthy runs") == 3
    assert "graph v2" in call("baseline", "show", "billing").out
    assert "graph v1" in call("baseline", "show", "billing", "--graph-version", "v1").out
    assert call("baseline", "freeze", "--graph-version", "v2").code == 2
    call("baseline", "reset", "billing", "--graph-version", "v1", "--yes")
    assert call("baseline", "show").out.count("12 healthy runs") == 2


def test_reset_forgets_only_with_yes(call: Any, taught: Any) -> None:
    taught()
    said = call("baseline", "reset", "billing")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("This would be forgotten:\nbilling")
    assert "argus baseline reset billing --yes" in said.out
    assert call("baseline", "show").code == 0
    done = call("baseline", "reset", "billing", "--yes", "--json")
    assert json.loads(done.out)["done"] is True
    assert call("baseline", "show").code == 2
    assert call("trace", "--list").out.count("billing") == 12


def test_a_frozen_file_can_be_committed_and_is_used(call: Any, taught: Any, tmp_path: Path) -> None:
    from argus.analysis.observer import Observer
    from argus.config.settings import Settings

    taught()
    frozen = call("baseline", "freeze")
    assert (frozen.code, frozen.err) == (0, "")
    text = (tmp_path / "argus.baseline.yaml").read_text()
    assert "add_up.total = sum(add_up(lines[].price))" in text
    call("baseline", "freeze", "-o", "again.yaml")
    assert (tmp_path / "again.yaml").read_text() == text
    call("baseline", "reset", "--yes")
    detection = msgspec.structs.replace(Settings().detection, baseline="argus.baseline.yaml")
    observer = Observer(config=Settings(detection=detection), storage=False)
    odd = bill(5)
    step = msgspec.structs.replace(odd.steps[1], output_state={**odd.steps[1].output_state, "due": "5 March 2026"})
    found = observer.finalizer.analyse(msgspec.structs.replace(odd, steps=(odd.steps[0], step)))
    assert [(one.code, one.field) for one in found.detections] == [("STR408", "due")]
    observer.close()


def test_a_file_that_cannot_be_written_is_said(call: Any, taught: Any) -> None:
    taught()
    wrong = call("baseline", "freeze", "--output", "nowhere/file.yaml")
    assert wrong.code == 2
    assert "nowhere/file.yaml cannot be written" in wrong.err
