"""Runs, Compare, History, Rules, Settings and Replay in a real browser, before a real server and store."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypedDict

import pytest

from argus import ArgusWatcher
from argus.demo import PIPELINES
from argus.demo.runner import run_demo
from argus.storage.sqlite import SqliteStore
from argus.testing.builders import build_trace, ran

PROJECT = Path(__file__).resolve().parents[2]
AXE = PROJECT / "web" / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = (
    "<script>document.title='owned'</script><img src=http://evil.example/x onerror=\"document.title='owned'\">"
    "\u202egnp.exe\x1b[31m\ud800 `name` [link](http://evil.example/) " + "w" * 300
)
MANY = 450
SCHEMES = ("light", "dark")

pytestmark = pytest.mark.timeout(400)


class State(TypedDict):
    question: str
    documents: list
    answer: str


def hostile_run(store):
    from langgraph.graph import StateGraph

    def answer(state):
        raise ValueError(HOSTILE)

    watcher = ArgusWatcher(storage=store, pipeline_name=HOSTILE)
    graph = watcher.watch(StateGraph(State))
    graph.add_node("<b>search</b>\u202e", lambda state: {"documents": [HOSTILE], "docs": HOSTILE})
    graph.add_node("answer", answer)
    graph.add_edge("<b>search</b>\u202e", "answer")
    graph.set_entry_point("<b>search</b>\u202e")
    with pytest.raises(ValueError, match="script"):
        graph.compile(name="hostile").invoke({"question": HOSTILE})
    return watcher.finalize()


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A store with demonstration runs, healthy and broken, and one whose every text is hostile."""
    store = f"sqlite:///{tmp_path_factory.mktemp('store') / 'traces.db'}"
    options = {"storage": store}
    handbook, invoices = PIPELINES["handbook"], PIPELINES["invoices"]
    told = {
        "healthy": run_demo(handbook, watcher_options=options)[-1],
        "broken": run_demo(handbook, "wrong-key", watcher_options=options)[-1],
        "lost": run_demo(invoices, "lost-net", watcher_options=options)[-1],
        "hostile": hostile_run(store),
    }
    return store, told


@pytest.fixture(scope="module")
def ui(interface, runs):
    return interface(runs[0])


@pytest.fixture
def open_page(ui):
    """Opens a page of the interface; at the end nothing may have complained or gone to another host."""
    pages = []

    def opened(path, width=1400, scheme="light"):
        page = ui.page(path, width, scheme)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert ui.complaints == []
    assert [url for url in ui.requests if not url.startswith(ui.address)] == []


def paths(told):
    return {
        "runs": "/runs",
        "filtered": "/runs?q=status:failed+stauts:x",
        "compare": f"/compare/{told['healthy'].id}/{told['broken'].id}",
        "choose": "/compare",
        "history": "/history/handbook",
        "rules": "/rules",
        "rule": "/rules/STR402",
        "settings": "/settings",
        "replay": f"/replay/{told['broken'].id}",
    }


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_is_accessible(open_page, ui, runs, scheme):
    page = open_page("/runs", scheme=scheme)
    axe = AXE.read_text()
    pages = paths(runs[1])
    if scheme == "dark":  # the others are made of the same parts
        pages = {name: pages[name] for name in ("filtered", "compare", "history", "replay")}
    for name, path in pages.items():
        page.goto(ui.address + path)
        page.locator("h1").first.wait_for()
        page.evaluate(axe)
        found = page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations']})"
        )
        wrong = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
        assert wrong == [], name
        assert overflow(page) <= 0, name


def test_no_page_scrolls_sideways_on_a_phone(open_page, ui, runs):
    page = open_page("/runs", width=420, scheme="dark")
    for name, path in paths(runs[1]).items():
        page.goto(ui.address + path)
        page.locator("h1").first.wait_for()
        assert overflow(page) <= 0, name
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Rules", exact=True).click()
    page.wait_for_url("**/rules")


def test_the_first_sentence_says_what_is_wrong_and_leads_to_it(open_page, runs):
    page = open_page("/runs")
    page.get_by_role("heading", name=re.compile(r"^Three problems need you\.|^\w+ problems need you\.")).wait_for()
    card = page.get_by_role("region", name="Problems").get_by_role("article").filter(has_text="understand")
    card.get_by_role("link", name=re.compile("understand")).click()
    page.wait_for_url(f"**/runs/{runs[1]['broken'].id}*")


def test_the_segments_the_filter_and_the_address_say_the_same(open_page):
    page = open_page("/runs")
    page.get_by_role("button", name=re.compile("^Failed")).click()
    page.wait_for_url("**/runs?q=status:failed")
    table = page.get_by_role("table", name="Runs")
    table.get_by_text("OK", exact=True).first.wait_for(state="detached")
    page.reload()
    table.get_by_text("Failed", exact=True).first.wait_for()
    page.get_by_role("button", name="Remove status:failed").click()
    page.wait_for_url(re.compile(r"/runs$"))
    table.get_by_text("OK", exact=True).first.wait_for()


def test_a_word_that_is_not_understood_is_marked_and_the_rest_applies(open_page):
    page = open_page("/runs?q=stauts:failed+pipeline:invoices")
    page.get_by_role("table", name="Runs").get_by_text("invoices", exact=True).first.wait_for()
    assert page.get_by_role("table", name="Runs").get_by_text("handbook", exact=True).count() == 0
    assert "status" in page.locator("[title*='status']").first.get_attribute("title")


def test_the_keyboard_is_enough(open_page, runs):
    page = open_page("/runs")
    page.get_by_role("table", name="Runs").get_by_role("link").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("pipe")
    page.keyboard.press("Tab")
    page.keyboard.type("hand")
    page.keyboard.press("Tab")
    page.wait_for_url("**/runs?q=pipeline:handbook")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("table", name="Runs").get_by_text("invoices", exact=True).first.wait_for(state="detached")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_text("is picked").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.wait_for_url(f"**/compare/{runs[1]['broken'].id}/{runs[1]['healthy'].id}")
    page.get_by_role("heading", name=re.compile("^The first difference")).wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").get_by_text("Next step").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("u")
    page.wait_for_url("**/rules")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or jump to").wait_for()
    page.keyboard.type("history inv")
    page.get_by_role("option", name="History of invoices").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/history/invoices")


def test_hostile_text_is_shown_and_does_nothing(open_page, ui, runs):
    hostile = runs[1]["hostile"]
    page = open_page("/runs?q=status:failed")
    for path in ("/runs", f"/compare/{runs[1]['broken'].id}/{hostile.id}", "/history", f"/replay/{hostile.id}"):
        page.goto(ui.address + path)
        page.locator("h1").first.wait_for()
        page.get_by_text("<script>").first.wait_for()
        assert "\u202e" not in page.inner_text("body")
        assert page.evaluate("document.querySelectorAll('script:not([src]), img, iframe').length") == 0
        assert page.evaluate("[...document.links].every(link => link.href.startsWith(location.origin))")
        assert page.title() != "owned"
        assert overflow(page) <= 0, path


def test_the_theme_is_kept(open_page):
    page = open_page("/settings")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Switch to dark").click()
    dark = page.evaluate(background)
    assert light != dark
    page.reload()
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="Switch to light").click()
    assert page.evaluate(background) == light


def test_a_brush_on_the_history_chooses_runs(open_page):
    page = open_page("/history/handbook")
    chart = page.locator("svg[aria-label*='runs over time']")
    chart.wait_for()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 92, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80)
    page.mouse.up()
    page.wait_for_url("**from=*")
    page.get_by_role("heading", name=re.compile("^1 run from")).wait_for()
    page.reload()
    page.get_by_role("button", name="Show all 2").click()
    page.get_by_role("heading", name="2 runs").wait_for()


def test_a_change_is_checked_as_it_is_typed(open_page, runs):
    page = open_page(f"/replay/{runs[1]['broken'].id}")
    editor = page.get_by_label("New values by field, as JSON")
    editor.fill('{"department": 7')
    page.get_by_text("This is not JSON yet").wait_for()
    editor.fill('{"department": 7}')
    page.get_by_text("it was text; you wrote a number").wait_for()
    page.get_by_role("heading", name="This server cannot run your graph.").wait_for()
    assert "--patch" in page.locator("code", has_text="--from-step").inner_text()


APP = """
from argus.demo import PIPELINES

graph = PIPELINES["handbook"].build("wrong-key").compile(name="handbook")
"""


def test_a_replay_is_started_followed_and_compared(interface, runs, tmp_path):
    (tmp_path / "replayed_app.py").write_text(APP)
    served = interface(runs[0], "--app", f"{tmp_path / 'replayed_app.py'}:graph")
    page = served.page(f"/replay/{runs[1]['broken'].id}?from=2")
    page.get_by_label("New values by field, as JSON").fill('{"terms": ["days", "annual", "leave"]}')
    page.get_by_role("button", name="Run 4 steps").click()
    page.get_by_role("heading", name="Resolved.").wait_for(timeout=60_000)
    page.get_by_role("link", name="Compare with the recorded run").click()
    page.get_by_role("heading", name=re.compile("^Resolved")).wait_for()
    page.get_by_text("live", exact=True).first.wait_for()
    assert served.complaints == []


def test_an_empty_store_says_how_to_fill_it(interface, tmp_path):
    served = interface(tmp_path / "empty.db")
    page = served.page("/runs")
    page.get_by_role("heading", name="Watch a graph in two lines.").wait_for()
    assert "empty.db" in page.inner_text("main")
    assert "argus demo" in page.inner_text("main")
    assert served.complaints == []


def test_a_run_arrives_while_one_looks_and_a_gone_server_is_told(interface, runs, tmp_path):
    store = f"sqlite:///{tmp_path / 'live.db'}"
    run_demo(PIPELINES["handbook"], watcher_options={"storage": store})
    served = interface(store)
    page = served.page("/runs")
    page.get_by_text("1 run.").wait_for()
    run_demo(PIPELINES["handbook"], "wrong-key", watcher_options={"storage": store})
    page.get_by_role("table", name="Runs").get_by_text("Failed", exact=True).wait_for()
    page.get_by_role("heading", name=re.compile("^One problem needs you")).wait_for()
    assert served.complaints == []
    served.stop()
    page.get_by_text("The server stopped answering.").wait_for()
    assert page.get_by_role("table", name="Runs").get_by_text("Failed", exact=True).is_visible()


def test_a_long_list_is_drawn_in_parts(interface, tmp_path):
    store = SqliteStore(tmp_path / "many.db")
    for number in range(MANY):
        store.save(build_trace(ran("only", {"a": number}), trace_id=f"{number:016x}", pipeline_name="many"))
    store.close()
    served = interface(tmp_path / "many.db")
    page = served.page("/runs")
    table = page.get_by_role("table", name="Runs")
    table.get_by_role("link").first.wait_for()
    assert table.get_attribute("aria-rowcount") == str(MANY + 1)
    for loaded in (200, 300, 400):
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.get_by_text(f"{loaded} of {MANY} runs loaded").wait_for()
        assert table.get_by_role("row").count() < 80
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.get_by_text(f"{MANY} runs.", exact=True).wait_for()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    table.locator(f"[aria-rowindex='{MANY + 1}']").wait_for()
    assert table.get_by_role("row").count() < 80
    assert served.complaints == []
