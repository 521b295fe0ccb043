from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

import argus.reports.base
from argus.errors import PluginError, ReportError
from argus.model.codec import decode_trace
from argus.model.detection import Detection
from argus.model.trace import Trace
from argus.reports.base import ReportOptions, format_names, report_format
from argus.reports.markdown import MarkdownReport, as_code, escape
from argus.testing.builders import build_trace, ran
from argus.views.neutral import neutral

ATTACK = (
    "# <b>x</b> [a](http://evil.example) ![i](http://evil.example/i) **b** `c``d` | www.evil.example @user\n- e $x$"
)
ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=40)


def run(text: str) -> Trace:
    return build_trace(
        ran(text, {"x": text}),
        ran("b"),
        pipeline_name=text,
        summary=f"{text} and `{text}`",
        status="warning",
        detections=(Detection(layer="x", severity="warning", message=text, step_id="00000000000000a1-s1"),),
    )


def markdown(trace: Trace, **options: Path) -> str:
    return MarkdownReport().render(trace, ReportOptions(**options))


def tokens(source: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(source):
        yield token
        yield from token.children or ()


def test_markdown_formats_nothing_that_was_recorded() -> None:
    kinds = {token.type for token in tokens(markdown(run(ATTACK)))}
    assert kinds.isdisjoint({"html_inline", "html_block", "link_open", "image", "em_open", "s_open", "fence"})


def test_markdown_shows_recorded_text_as_it_is() -> None:
    shown = [token.content for token in tokens(markdown(run(ATTACK))) if token.type in ("code_inline", "text")]
    assert any(neutral(ATTACK) in text for text in shown)


def test_tables_survive_bars() -> None:
    rows = [token for token in tokens(markdown(run("a|b`|`c"))) if token.type == "td_open"]
    assert len(rows) == 2 * 5


@given(ANY_TEXT)
@settings(max_examples=200)
def test_escaped_text_means_itself(text: str) -> None:
    shown = "".join(token.content for token in tokens("x " + escape(text)) if token.type == "text")
    assert " ".join(shown.split()) == " ".join(f"x {neutral(text)}".split())


@given(ANY_TEXT)
@settings(max_examples=200)
def test_code_means_itself(text: str) -> None:
    spans = [token.content for token in tokens("x" + as_code(text)) if token.type == "code_inline"]
    assert spans == [neutral(text) or spans[0]]


def test_markdown_templates(tmp_path: Path) -> None:
    mine = tmp_path / "mine.md.j2"
    mine.write_text("{{ page.pipeline }} {{ page.pipeline|code }} {{ page.verdict|sentence }}")
    assert markdown(run("a*b"), template=mine) == "a\\*b `a*b` a\\*b and `a*b`"
    mine.write_text("\n{{ page.nothing }}")
    with pytest.raises(ReportError, match=r"mine\.md\.j2, line 2.*`nothing`"):
        markdown(run("x"), template=mine)


def test_json_is_the_trace_document() -> None:
    trace = run("honest text")
    document = report_format("json").render(trace, ReportOptions())
    assert decode_trace(document) == trace
    assert json.loads(document)["detection_count"] == 1
    hostile = report_format("json").render(run("\ud800\x1b\u202e"), ReportOptions())
    hostile.encode()
    assert json.loads(hostile)["pipeline_name"] == "\ud800\x1b\u202e"


def test_json_has_no_template(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no template"):
        report_format("json").render(run("x"), ReportOptions(template=tmp_path))


def test_unknown_formats_are_refused_with_the_list() -> None:
    with pytest.raises(ReportError, match="html, json, markdown"):
        report_format("pdf")


class Shout:
    suffix = ".txt"

    def render(self, trace: Trace, options: ReportOptions) -> str:
        return trace.pipeline_name.upper()


def test_packages_add_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    def offer(*points: EntryPoint) -> None:
        def found(group: str) -> list[EntryPoint]:
            assert group == "argus.reports"
            return list(points)

        monkeypatch.setattr(argus.reports.base, "entry_points", found)

    class Point:
        def __init__(self, name: str, made: Any) -> None:
            self.name, self.value, self.made = name, "somewhere:Thing", made

        def load(self) -> Any:
            if isinstance(self.made, Exception):
                raise self.made
            return self.made

    offer(Point("shout", Shout), Point("html", Shout))  # type: ignore[arg-type]
    assert format_names() == ("html", "json", "markdown", "shout")
    assert report_format("shout").render(run("quiet"), ReportOptions()) == "QUIET"
    assert not isinstance(report_format("html"), Shout)
    offer(Point("broken", ImportError("no such module")))  # type: ignore[arg-type]
    with pytest.raises(PluginError, match="no such module"):
        report_format("broken")
    offer(Point("odd", dict))  # type: ignore[arg-type]
    with pytest.raises(PluginError, match="render"):
        report_format("odd")
