from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from argus._internal.clock import SystemClock
from argus.model.figures import DayFigures
from argus.model.trace import Trace
from argus.reports.page import HopView, Page
from argus.reports.parts import FindingCard, RowView
from argus.reports.summary.charts import Bar, Chart, Part, runs_chart
from argus.reports.summary.page import CodeRow, NodeRow, PipelineRow, RunRow, StatusShare, SummaryPage
from argus.testing.builders import build_trace, ran

Runs = dict[str, Trace]
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "reports.md"


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture
def week(stored: Any, runs: Runs) -> Runs:
    """Two broken runs and five healthy ones, an hour ago."""
    now = SystemClock().now() - timedelta(hours=1)
    healthy = [replace(runs["clean"], id=f"c{number:015x}", created_at=now) for number in range(5)]
    broken = [replace(runs["broken"], id=f"b{number:015x}", created_at=now) for number in range(2)]
    stored(*healthy, *broken, runs["hostile"])
    return {run.id: run for run in (*healthy, *broken)}


def test_a_page_over_many_runs_loads_nothing_and_escapes_everything(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    shown = call("report", "--since", "2025-12-31")
    assert (shown.code, shown.err) == (0, "")
    tags = _Tags(shown.out).tags
    assert not {"script", "img", "iframe", "object", "form"} & {tag for tag, _ in tags}
    for tag, attributes in tags:
        assert not {name for name in attributes if name.startswith("on") or name in ("src", "style")}, (tag, attributes)
        assert (attributes.get("href") or "data:,").startswith(("data:", "#"))
    assert "&lt;script&gt;" in shown.out
    assert "\x1b" not in shown.out
    assert "60% of the runs failed or never ended" in shown.out
    assert shown.out.count("<svg") >= 3


@pytest.mark.parametrize("name", ["markdown", "json"])
def test_other_formats_over_many_runs(
    name: str, call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]
) -> None:
    stored(*runs.values())
    shown = call("report", "--where", "since:2025-12-31", "--format", name)
    assert shown.code == 0
    snapshot(f"report_many_{name}", shown.out)


def test_conditions_and_an_empty_answer(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    some = json.loads(call("report", "--where", "code:STR4*", "--format", "json").out)
    assert (some["runs"], some["statuses"], some["scope"]) == (1, {"failed": 1}, "where code:STR4*")
    assert [row["id"] for row in some["newest"]] == [runs["broken"].id]
    healthy = json.loads(call("report", "--where", "status:ok", "--format", "json").out)
    assert (healthy["runs"], healthy["newest"]) == (1, [])
    for format_name in ("html", "markdown"):
        none = call("report", "--where", "pipeline:nobody", "--format", format_name)
        assert none.code == 0
        assert "No run fits" in none.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "7d", "8f2c"), "not both"),
        (("--since", "7d", "--last"), "not both"),
        (("--since", "soon"), "is no time"),
        (("--where", "statsu:failed"), "'status'"),
        (("--since", "2025-12-31", "--format", "pdf"), "html, json, markdown"),
        (("--since", "2025-12-31", "--output", "none/run.html"), "none/run.html"),
        (("--since", "2025-12-31", "--format", "json", "--template", "x.j2"), "no template"),
        (("--since", "2025-12-31", "--template", "bad.j2"), "bad.j2, line 2: 'nothing' is undefined"),
        (("--since", "2025-12-31", "--template", "worse.j2"), "worse.j2, line 1"),
        (("--since", "2025-12-31", "--template", "sly.j2"), "sly.j2, line 1"),
    ],
)
def test_what_cannot_be_reported_is_said(
    words: tuple[str, ...], said: str, call: Any, stored: Any, runs: Runs, tmp_path: Path
) -> None:
    stored(runs["broken"])
    (tmp_path / "bad.j2").write_text("{{ page.runs }}\n{{ nothing }}")
    (tmp_path / "worse.j2").write_text("{% for %}")
    (tmp_path / "sly.j2").write_text("{{ page.__class__.__mro__ }}")
    shown = call("report", *words)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err


def test_without_a_store_there_is_nothing_to_report(call: Any, tmp_path: Path) -> None:
    shown = call("report", "--since", "7d")
    assert shown.code == 2
    assert "argus demo" in shown.err
    assert list(tmp_path.iterdir()) == []


def test_the_commands_and_templates_of_the_guide(call: Any, week: Runs, tmp_path: Path) -> None:
    text = GUIDE.read_text()
    for title, body in re.findall(r'```jinja title="([^"]+)"\n(.*?)```', text, flags=re.DOTALL):
        (tmp_path / title).write_text(body)
    blocks = re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)
    called = 0
    for block in blocks:
        for command, output in re.findall(r"^\$ argus (.*)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE):
            words = re.findall(r"'[^']*'|\S+", command)
            shown = call(*[word.strip("'") for word in words])
            assert (shown.code, shown.out, shown.err) == (0, output, ""), command
            called += 1
    assert called == 4
    ours = call("report", "--since", "7d", "--template", "ours.html.j2").out
    assert "<title>Quality of our agents</title>" in ours
    assert "Newest runs" not in ours
    assert "Slowest nodes" in ours


def test_a_folder_of_templates_is_used(call: Any, week: Runs, tmp_path: Path) -> None:
    (tmp_path / "argus.yaml").write_text("reports:\n  templates: mine\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "summary.md.j2").write_text("{{ page.runs }} of {{ figures.pipelines|length }}\n")
    (tmp_path / "mine" / "summary.css").write_text("body { color: teal }")
    assert call("report", "--since", "7d", "--format", "markdown").out == "7 of 2\n"
    assert "body { color: teal }" in call("report", "--since", "7d").out


def test_the_guide_names_every_variable() -> None:
    text = GUIDE.read_text()
    many, one = text.split("### Many runs")[1].split("### One run")
    documented = re.findall(r"page\.(\w+)", many)
    assert sorted(documented) == sorted(SummaryPage.__struct_fields__)
    names = set(re.findall(r"`(\w+)`", many))
    for record in (StatusShare, CodeRow, NodeRow, PipelineRow, RunRow, Chart, Bar, Part):
        assert set(record.__struct_fields__) <= names, record
    assert sorted(re.findall(r"page\.(\w+)", one)) == sorted(Page.__struct_fields__)
    names = set(re.findall(r"`(\w+)`", one))
    for record in (HopView, FindingCard, RowView):
        assert set(record.__struct_fields__) <= names, record


@pytest.mark.parametrize(("days", "bars", "title"), [(1, 1, "Runs a day"), (62, 62, "Runs a day"), (63, 9, "7 days")])
def test_a_chart_has_room_for_any_span(days: int, bars: int, title: str) -> None:
    first = datetime(2026, 1, 1)
    chart = runs_chart(
        [
            DayFigures(day=str((first + timedelta(days=day)).date()), statuses={"ok": 2}, findings=0)
            for day in range(days)
        ]
    )
    assert chart is not None
    assert len(chart.bars) == bars
    assert title in chart.title
    assert all(0 <= bar.x <= chart.width - bar.width and bar.parts[0].y >= 0 for bar in chart.bars)


def test_ten_thousand_steps_and_times_far_apart(call: Any, stored: Any) -> None:
    early = datetime(2, 1, 1, tzinfo=timezone.utc)
    stored(
        build_trace(*[ran(f"n{number}") for number in range(10_000)]),
        build_trace(ran("a"), trace_id="e" * 16, created_at=early),
    )
    shown = call("report", "--where", "pipeline:pipeline", "--format", "markdown")
    assert "9,951 nodes more" in shown.out
    page = call("report", "--where", "pipeline:pipeline").out
    assert page.count("<rect") < 500


def test_the_json_report_has_the_published_shape(call: Any, stored: Any, runs: Runs) -> None:
    import msgspec

    from argus.model.codec import to_builtins
    from argus.reports.summary.document import SummaryDocument, json_schema

    stored(*runs.values())
    text = call("report", "--since", "2025-12-31", "--format", "json").out
    document = msgspec.convert(json.loads(text), SummaryDocument)
    assert to_builtins(document).keys() == json.loads(text).keys()
    known = json_schema()["$defs"]
    assert set(json.loads(text)) == set(known["SummaryDocument"]["properties"])
    assert set(json.loads(text)["nodes"][0]) == set(known["NodeFigures"]["properties"])


def test_an_added_format_may_tell_of_many_runs(
    call: Any, stored: Any, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Plain:
        suffix = ".txt"

        def render(self, trace: Trace, options: Any) -> str:
            return trace.id

    class Counting(Plain):
        def render_summary(self, summary: Any, options: Any) -> str:
            return f"{summary.figures.runs} {summary.scope}"

    stored(*runs.values())
    formats = {"plain": Plain(), "counting": Counting()}
    monkeypatch.setattr("argus.reports.summary.formats.report_format", formats.__getitem__)
    assert call("report", "--where", "status:ok", "--format", "counting").out == "1 where status:ok"
    refused = call("report", "--where", "status:ok", "--format", "plain")
    assert refused.code == 2
    assert "tells of single runs only" in refused.err
