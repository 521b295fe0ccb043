"""The HTML report in a real browser: nothing is fetched, nothing is executed, nothing runs over the edge."""

from __future__ import annotations

import pytest

from argus.model.detection import Detection, Evidence
from argus.model.forensics import CausalLink, Forensics, Suspect
from argus.reports.base import ReportOptions
from argus.reports.html import HtmlReport
from argus.testing.builders import build_graph, build_trace, ran

WIDTHS = (1400, 420)
SCHEMES = ("light", "dark")


HOSTILE = (
    "\"'><script>document.title='owned'</script><img src=http://evil.example/x onerror=\"document.title='owned'\">"
    "<style>body{display:none}</style><a href=javascript:alert(1)>x</a>\x1b[31m\u202e{{7*7}}\ud800" + "w" * 500
)


def trace_with(text):
    import msgspec

    graph = build_graph(["search", "write", "send"], state={"question": str, "docs": list, "answer": str})
    trace = build_trace(
        ran("search", {"docs": [text] * 3}),
        ran("write", {"answer": text}),
        ran("send", error=ValueError(text)),
        input={"question": text},
        graph=graph,
    )
    first, _, last = trace.steps
    finding = Detection(
        id="d1", layer="structural", severity="critical", code="STR401", message=f"`send` failed: {text}",
        step_id=last.id, field=text, evidence=(Evidence(step_id=first.id, field="docs", note=text, value=text),),
    )  # fmt: skip
    links = (
        CausalLink(step_id=first.id, node_name="search", field="docs", role="cause", why=text),
        CausalLink(step_id=last.id, node_name="send", field="answer", role="symptom", why=text),
    )
    forensics = Forensics(
        root_cause_step=first.id, explanation=text, causal_chain=links, detection_ids=("d1",), confidence=0.8,
        suspects=(Suspect(step_id=first.id, node_name="search", score=0.8, reasons=(text,)),),
    )  # fmt: skip
    return msgspec.structs.replace(
        trace, pipeline_name=text, detections=(finding,), forensics=forensics, status="failed", summary=text
    )


@pytest.fixture(params=["plain words", HOSTILE], ids=["plain", "hostile"])
def page_file(request, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(HtmlReport().render(trace_with(request.param), ReportOptions()), errors="replace")
    return path


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fetches_nothing_says_nothing_and_fits(visit, page_file, width, scheme):
    seen = visit(page_file, width, scheme)
    assert seen.requests == []
    assert seen.complaints == []
    assert seen.page.title() != "owned"
    overflow = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    assert seen.page.locator("script").count() == 0
    assert seen.page.locator("body").is_visible()
    for fold in seen.page.locator("details").all():  # what is folded fits too
        fold.evaluate("node => { node.open = true }")
    overflow = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


def test_dark_is_dark_and_light_is_light(visit, page_file):
    brightness = {}
    for scheme in SCHEMES:
        colour = visit(page_file, 1400, scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        digits = [int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        brightness[scheme] = sum(digits) / 3
    assert brightness["light"] > 200
    assert brightness["dark"] < 60


def test_text_can_be_read_by_the_strictest_reader(visit, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(HtmlReport().render(trace_with("plain words"), ReportOptions()))
    page = visit(path).page
    assert page.get_by_role("heading").count() >= 2
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("img:not([alt])").count() == 0
