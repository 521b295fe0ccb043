from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from argus.errors import ReportError
from argus.model.detection import Detection, Evidence
from argus.model.forensics import CausalLink, Forensics, Suspect
from argus.model.trace import Trace
from argus.reports.base import ReportOptions
from argus.reports.html import HtmlReport
from argus.testing.builders import build_graph, build_trace, ran

ID = "00000000000000a1"
HOSTILE = "\"'><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\x1b[31m\u202e{{7*7}}\ud800"


class Page(HTMLParser):
    """What is in a page: tags with attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "path", "rect", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text.append(data)

    def all_text(self) -> str:
        return "".join(self.text)


def run(text: str = "plain", **changes: object) -> Trace:
    graph = build_graph([text, "b", "c"], state={"x": str})
    trace = build_trace(
        ran(text, {text: text, "list": [text] * 3}, metadata={"dropped": [text]}),
        ran("b", {"x": text}),
        ran("c", error=ValueError(text)),
        input={"q": text},
        graph=graph,
        pipeline_name=text,
    )
    return msgspec.structs.replace(
        trace,
        **{
            "status": "failed",
            "summary": f"`{text}` did it",
            "detections": (
                Detection(
                    layer="structural",
                    severity="critical",
                    code="STR402",
                    message=text,
                    step_id=f"{ID}-s1",
                    field=text,
                    evidence=(Evidence(step_id=f"{ID}-s1", field=text, note=text, value=text),),
                ),
                Detection(layer=text, severity="info", message=text, step_id="gone", suppressed=text),
            ),
            "forensics": Forensics(
                root_cause_step=f"{ID}-s1",
                explanation=text,
                confidence=0.9,
                causal_chain=(
                    CausalLink(step_id=f"{ID}-s1", node_name=text, role="cause", field=text, why=text),
                    CausalLink(step_id=f"{ID}-s3", node_name="c", role="symptom", field=text, why=text),
                ),
            ),
            **changes,
        },
    )


def html(trace: Trace, **options: Path) -> str:
    return HtmlReport().render(trace, ReportOptions(**options))


def test_a_page_names_cause_symptom_and_the_field_between() -> None:
    page = Page(html(run("retrieve")))
    text = " ".join(page.all_text().split())
    for expected in ("✕ Failed", "retrieve did it", "began here", "surfaced here", "STR402", "What it changed"):
        assert expected.replace(" ", "") in text.replace(" ", "")


def test_hostile_text_stays_text() -> None:
    page = Page(html(run(HOSTILE)))
    assert {"script", "img", "iframe", "object"}.isdisjoint(tag for tag, _ in page.tags)
    for _, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert "style" not in attributes
    assert "<script>alert(1)</script>" in page.all_text()
    assert "{{7*7}}" in page.all_text()
    assert "\x1b" not in page.all_text()
    assert "\u202e" not in page.all_text()


def test_a_page_loads_nothing() -> None:
    document = html(run(HOSTILE))
    for tag, attributes in Page(document).tags:
        for name in ("src", "href", "action", "data", "srcset", "xlink:href"):
            target = attributes.get(name)
            assert target is None or target.startswith(("#", "data:,")), (tag, name, target)
    style = re.search(r"<style>(.*?)</style>", document, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_policy_allows_the_style_sheet_and_nothing_else() -> None:
    document = html(run())
    style = re.search(r"<style>(.*?)</style>", document, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    metas = [attributes for tag, attributes in Page(document).tags if tag == "meta"]
    policy = next(one["content"] for one in metas if one.get("http-equiv") == "Content-Security-Policy")
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_every_link_leads_somewhere() -> None:
    tags = Page(html(run())).tags
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    links = {str(attributes["href"])[1:] for tag, attributes in tags if tag == "a"}
    assert links
    assert links <= ids


def test_without_a_certain_cause_suspects_are_listed() -> None:
    blame = Forensics(
        root_cause_step=None, explanation="", suspects=(Suspect(step_id=f"{ID}-s2", node_name="b", score=0.4),)
    )
    text = Page(html(run(forensics=blame))).all_text()
    assert "no single cause is certain" in text
    assert "began here" not in text


def test_a_page_of_a_huge_run_stays_small_and_says_so() -> None:
    big = {f"field{number}": "x" * 2000 for number in range(10)}
    trace = build_trace(*[ran(f"n{number}", big) for number in range(3000)])
    document = html(trace)
    assert len(document) < 8_000_000
    assert "400 of 3,000 steps" in document
    assert "characters more" in document


def test_an_empty_run_has_a_page() -> None:
    assert "No findings." in html(build_trace())


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.j2"
    mine.write_text(
        '{% extends "shipped/report.html.j2" %}{% block end %}<p>{{ trace.pipeline_name }}</p>{% endblock %}'
    )
    document = html(run("<b>"), template=mine)
    assert "<p>&lt;b&gt;</p>" in document
    assert "Made by ARGUS" not in document
    assert "How it happened" in document


def test_a_folder_of_templates_replaces_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "report.css").write_text("body { color: red }")
    document = html(run(), templates=tmp_path)
    assert "<style>body { color: red }</style>" in document
    assert "How it happened" in document


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("fine\n{{ pgae.verdict }}", ["mine.j2, line 2", "`pgae`"]),
        ("fine\n\n{{ page.verdit }}", ["mine.j2, line 3", "`verdit`"]),
        ("{% if %}", ["mine.j2, line 1"]),
        ("{% for x in page.rows %}", ["mine.j2, line 1"]),
        ("a\n{{ 1 / 0 }}", ["mine.j2, line 2", "ZeroDivisionError"]),
        ("a\n{{ ''.__class__.__mro__ }}", ["mine.j2, line 2", "unsafe"]),
        ("{{ cycler.__init__.__globals__ }}", ["unsafe"]),
        ("{% include 'nothing.j2' %}", ["nothing.j2"]),
        ("{% include '../../../etc/passwd' %}", ["passwd"]),
        ("{{ trace.metadata.update(a=1) }}", ["mine.j2, line 1", "unsafe"]),
    ],
)
def test_a_wrong_template_is_named_with_its_line(source: str, said: list[str], tmp_path: Path) -> None:
    mine = tmp_path / "mine.j2"
    mine.write_text(source)
    with pytest.raises(ReportError) as caught:
        html(run(), template=mine)
    for part in said:
        assert part in str(caught.value)


def test_missing_and_unreadable_templates(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="does not exist"):
        html(run(), template=tmp_path / "none.j2")
    with pytest.raises(ReportError, match="does not exist"):
        html(run(), templates=tmp_path / "none")
    binary = tmp_path / "binary.j2"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ReportError, match="UTF-8"):
        html(run(), template=binary)
