"""The page of one run in a real browser, before a real server and a store of real runs."""

from __future__ import annotations

import importlib.util
import re
import sys
import threading
from pathlib import Path
from typing import TypedDict

import pytest

from argus import ArgusWatcher

PROJECT = Path(__file__).resolve().parents[2]
AXE = PROJECT / "web" / "node_modules" / "axe-core" / "axe.min.js"
MOST_ROWS = 90
"""Rows in the document at any time, whatever the run holds: a screenful and what is kept ready around it."""

pytestmark = pytest.mark.timeout(400)


def load_scenes():
    spec = importlib.util.spec_from_file_location("ui_scenes", PROJECT / "bench" / "ui_scenes.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # LangGraph looks up the names in a state's annotations there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """A store with a run of every shape, and which is which."""
    made = load_scenes()
    store = tmp_path_factory.mktemp("scenes") / "traces.db"
    clean, failed = made.support_runs(store, healthy=1)
    told = {
        "clean": clean,
        "failed": failed,
        "nested": made.nested_run(store),
        "rounds": made.loop_run(store, rounds=40),
        "fan": made.fan_run(store, branches=60),
        "chat": made.chat_run(store),
        "hostile": made.hostile_run(store),
        "huge": made.huge_trace(),
        "incomplete": made.incomplete_trace(),
    }
    made.save(store, [told["huge"], told["incomplete"]])
    return store, told


@pytest.fixture(scope="module")
def ui(interface, scenes):
    return interface(scenes[0])


@pytest.fixture
def open_run(ui, scenes):
    """Opens the page of a run; at the end nothing may have complained or gone to another host."""
    pages = []

    def opened(name, query="", width=1400, scheme="light"):
        while pages:  # each open page holds a connection for its events, and a browser has six
            pages.pop().close()
        page = ui.page(f"/runs/{scenes[1][name].id}{query}", width, scheme)
        pages.append(page)
        page.get_by_role("region", name="Verdict").wait_for()
        return page

    yield opened
    while pages:
        pages.pop().close()
    assert ui.complaints == []
    assert [url for url in ui.requests if not url.startswith(ui.address)] == []


def number_of(trace, node, visit=-1):
    return [step.step_number for step in trace.steps if step.node_name == node][visit]


def selected_row(page):
    row = page.get_by_role("treegrid").locator("[role=row][aria-selected=true]")
    row.wait_for()
    return row


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def is_seen(page, locator):
    locator.wait_for()
    box, size = locator.bounding_box(), page.viewport_size
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return min(box["x"], box["y"]) >= 0 and right <= size["width"] and bottom <= size["height"]


def test_a_run_opens_on_its_cause_with_the_whole_way_of_the_fault_in_view(open_run, scenes):
    run = scenes[1]["failed"]
    page = open_run("failed")
    selected_row(page)
    chain = page.get_by_role("list", name="How the fault travelled").get_by_role("button")
    assert is_seen(page, page.get_by_role("heading", level=1))
    assert [link.inner_text().split()[0] for link in chain.all()] == ["retrieve", "rank", "draft", "send"]
    assert all(is_seen(page, link) for link in chain.all())
    assert chain.first.get_attribute("aria-current") == "step"
    for word in ("began here", "surfaced here"):
        assert is_seen(page, page.locator(".react-flow__node").get_by_text(word))
    assert is_seen(
        page,
        page.get_by_role("complementary", name=f"Step {number_of(run, 'retrieve')}").get_by_role(
            "heading", name="retrieve"
        ),
    )
    assert is_seen(page, page.get_by_role("treegrid").get_by_text("send", exact=True))
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert "retrieve" in page.title()


def test_the_way_of_the_fault_is_told_in_words_too(open_run):
    page = open_run("failed")
    told = page.get_by_role("list", name="Nodes of the graph in order")
    told.get_by_text("The fault went from draft to send in citations").wait_for()
    assert "escalate, not taken" in told.inner_text()


def test_the_keyboard_walks_chain_findings_steps_and_tabs(open_run, scenes):
    run = scenes[1]["failed"]
    page = open_run("failed")
    assert "retrieve" in selected_row(page).inner_text()
    for node in ("rank", "draft", "send"):
        page.keyboard.press("}")
        page.wait_for_url(f"**step={number_of(run, node)}*")
    page.keyboard.press("{")
    page.wait_for_url(f"**step={number_of(run, 'draft')}*")
    page.keyboard.press("k")
    page.wait_for_url(f"**step={number_of(run, 'critique', 0)}*")
    for _ in range(2):
        page.keyboard.press("[")
    page.wait_for_url(f"**step={number_of(run, 'retrieve')}*")
    page.keyboard.press("]")
    page.wait_for_url(f"**step={number_of(run, 'send')}*")
    page.keyboard.press("2")
    page.get_by_role("tab", name="Input", selected=True).wait_for()
    page.keyboard.press("t")
    page.get_by_role("button", name="Tree", pressed=True).wait_for()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "step=" not in url)
    row = selected_row(page)
    row.focus()
    page.keyboard.press("Home")
    page.locator(":focus[aria-rowindex='1']").wait_for()
    page.keyboard.press("ArrowDown")
    page.locator(":focus[aria-rowindex='2']").wait_for()
    page.keyboard.press("ArrowRight")
    page.locator("[role=row][aria-rowindex='2'][aria-expanded=true]").wait_for()
    page.keyboard.press("ArrowDown")
    page.locator(":focus[aria-rowindex='3']").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**step={number_of(run, 'policy', 0)}*")


def test_a_link_gives_the_same_picture_again(open_run, scenes):
    run = scenes[1]["failed"]
    draft = number_of(run, "draft")
    page = open_run("failed", f"?step={draft}&field=rulings&tab=state&pane=tree")

    def picture():
        page.get_by_role("tab", name="State", selected=True).wait_for()
        page.get_by_role("button", name="Tree", pressed=True).wait_for()
        page.get_by_text('"EU: 30 days"', exact=True).wait_for()
        return page.get_by_role("complementary").inner_text(), selected_row(page).inner_text(), page.url

    before = picture()
    assert f"step {draft}" in before[0]
    page.reload()
    assert picture() == before


def test_a_click_anywhere_selects_everywhere(open_run, scenes):
    run = scenes[1]["failed"]
    page = open_run("failed")
    page.locator(".react-flow__node").get_by_role("button", name="rank", include_hidden=True).click()
    page.wait_for_url(f"**step={number_of(run, 'rank')}*")
    assert "rank" in selected_row(page).inner_text()
    page.get_by_role("heading", level=1).get_by_role("button", name="send").click()
    page.get_by_role("complementary", name=f"Step {number_of(run, 'send')}").wait_for()
    page.get_by_role("tab", name="Error").click()
    page.get_by_text("Traceback (most recent call last)").wait_for()
    page.get_by_role("button", name=re.compile("^Findings")).click()
    page.get_by_role("list", name="Findings").get_by_text("STR402").click()
    page.wait_for_url(f"**step={number_of(run, 'retrieve')}*")


def test_values_open_where_they_are_looked_at(open_run, scenes):
    run = scenes[1]["failed"]
    page = open_run("failed", f"?step={number_of(run, 'rank')}&tab=input")
    page.get_by_text("redacted at capture").wait_for()
    assert "sk-not-a-real-key" not in page.content()
    page = open_run("failed", f"?step={number_of(run, 'retrieve')}&tab=output")
    page.get_by_text('"kb-118"', exact=True).wait_for()
    page.get_by_text("Vouchers can be returned", exact=False).first.wait_for()


def test_what_capture_cut_is_named_and_the_rest_is_loaded_on_demand(open_run):
    page = open_run("hostile", "?step=1&tab=output")
    page.get_by_text(re.compile(r"^50,\d+ of 53,\d+ characters of JSON shown")).wait_for()
    page.get_by_role("button", name="Load all").click()
    page.get_by_text("50,000 of 120,000 kept at capture").wait_for()
    page.get_by_label("Find in this value").fill("hurt")
    page.get_by_text(re.compile(r"^[1-9]\d* places$")).wait_for()


def test_hostile_names_and_values_are_text(open_run, scenes):
    for query in ("", "?step=1&tab=output", "?step=2&pane=findings&tab=error"):
        page = open_run("hostile", query)
        page.get_by_role("complementary").get_by_role("tab").first.wait_for()
        page.get_by_text("img src=x", exact=False).first.wait_for(state="attached")
        assert page.evaluate("window.hurt") is None
        assert "\u202e" not in page.inner_text("body")
        assert page.evaluate("document.querySelectorAll('script:not([src]), img, iframe').length") == 0
        assert overflow(page) <= 0
    phone = open_run("hostile", width=420)
    assert overflow(phone) <= 0
    assert len(scenes[1]["hostile"].steps[1].node_name) > 200


def test_ten_thousand_steps_are_grouped_counted_and_all_reachable(open_run, scenes):
    page = open_run("huge")
    row = selected_row(page)
    assert "think" in row.inner_text()
    grid = page.get_by_role("treegrid")
    page.get_by_text(re.compile(r"^\d+ of 10,240 steps drawn")).wait_for()
    assert int(grid.get_attribute("aria-rowcount")) < 20
    page.get_by_role("button", name="Show every step").click()
    page.wait_for_function("() => +document.querySelector('[role=treegrid]').ariaRowCount >= 10240")
    selected_row(page).focus()
    page.keyboard.press("End")
    page.locator(":focus", has_text="10240").wait_for()
    assert grid.get_by_role("row").count() < MOST_ROWS
    page.keyboard.press("Enter")
    page.wait_for_url("**step=10240*")
    page.get_by_role("complementary", name="Step 10240").get_by_role("tab", name="Error").wait_for()
    page.get_by_role("button", name="Fold again").click()
    page.get_by_text(re.compile(r"^\d+ of 10,240 steps drawn")).wait_for()


def test_a_step_inside_folded_rounds_is_shown_when_a_link_names_it(open_run):
    page = open_run("huge", "?step=3000")
    assert "3000" in selected_row(page).inner_text()
    assert page.get_by_role("treegrid").get_by_role("row").count() < MOST_ROWS


def test_loops_fans_and_subgraphs_say_how_much_they_hold(open_run):
    page = open_run("rounds")
    page.get_by_role("row", name=re.compile("plan ⇄ act.*×40 rounds", re.DOTALL)).wait_for()
    page = open_run("fan")
    page.get_by_role("row", name=re.compile("crawl.*×60 branches", re.DOTALL)).wait_for()
    page = open_run("nested")
    node = page.locator(".react-flow__node").filter(has_text="digest")
    node.get_by_text("began here").wait_for()
    page.get_by_title("Unfold the subgraph").click()
    page.locator("[data-id='research/reading/search']").wait_for()


def test_messages_are_a_conversation(open_run):
    page = open_run("chat", "?step=3&tab=messages")
    panel = page.get_by_role("tabpanel")
    panel.get_by_text("Can I still get a refund for order 4471?").wait_for()
    assert [one.split()[0] for one in panel.get_by_role("article").all_inner_texts()] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    assert "sk-not-a-real-key" not in page.content()


def test_a_clean_run_is_grey_and_an_incomplete_one_says_what_was_running(open_run):
    page = open_run("clean")
    page.get_by_role("heading", name="All 15 steps ran without findings.").wait_for()
    assert page.get_by_role("list", name="How the fault travelled").count() == 0
    assert page.get_by_role("button", name="Copy fix prompt").count() == 0
    page = open_run("incomplete")
    page.get_by_role("heading", name=re.compile("The process ended while summarize was running")).wait_for()
    row = page.get_by_role("row", name=re.compile("summarize"))
    assert "≥" in row.inner_text()


VIEWS = {
    "light": (("failed", "?pane=findings&tab=input"), ("chat", "?step=3&tab=messages")),
    "dark": (("failed", ""), ("huge", "?pane=tree&step=10240&tab=error")),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(open_run, scheme):
    axe = AXE.read_text()
    for name, query in VIEWS[scheme]:
        page = open_run(name, query, scheme=scheme)
        page.get_by_role("complementary").get_by_role("tab").first.wait_for()
        page.evaluate(axe)
        found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
        wrong = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
        assert wrong == [], (name, query)


def test_a_phone_shows_one_part_at_a_time_and_never_scrolls_sideways(open_run, scenes):
    page = open_run("failed", width=420, scheme="dark")
    page.get_by_role("tab", name=f"Step {number_of(scenes[1]['failed'], 'retrieve')}", selected=True).wait_for()
    for tab in ("Timeline", "Graph", "Findings"):
        page.get_by_role("tab", name=re.compile(f"^{tab}")).click()
        assert overflow(page) <= 0, tab
    page.get_by_role("tab", name="Timeline").click()
    page.get_by_role("treegrid").get_by_text("rank", exact=True).click()
    page.wait_for_url("**step=*")
    assert overflow(page) <= 0
    for name in ("huge", "nested", "chat", "incomplete"):
        page = open_run(name, width=420)
        assert overflow(page) <= 0, name


def test_a_narrow_window_has_the_step_in_a_drawer(open_run, scenes):
    rank = number_of(scenes[1]["failed"], "rank")
    page = open_run("failed", width=1000)
    page.get_by_role("treegrid").get_by_text("rank", exact=True).click()
    page.get_by_role("complementary", name=f"Step {rank}").get_by_role("button", name="Close the step").click()
    page.get_by_role("complementary").wait_for(state="detached")
    assert overflow(page) <= 0


def test_a_run_that_is_not_there_says_so(ui):
    page = ui.page("/runs/0123456789abcdef")
    page.get_by_role("heading", name="This run could not be loaded.").wait_for()
    assert "argus trace" in page.inner_text("main")
    page.close()
    ui.complaints[:] = [said for said in ui.complaints if "404" not in said]


class Slow(TypedDict, total=False):
    text: str


def test_a_run_is_followed_while_it_goes_on(interface, tmp_path):
    from langgraph.graph import StateGraph

    go_on = threading.Event()
    arrived = threading.Event()

    def draft(state):
        arrived.set()
        assert go_on.wait(100)
        return {"text": "done"}

    watcher = ArgusWatcher(storage=f"sqlite:///{tmp_path / 'traces.db'}", pipeline_name="slow")
    graph = watcher.watch(StateGraph(Slow))
    graph.add_node("outline", lambda state: {"text": "begun"})
    graph.add_node("draft", draft)
    graph.add_edge("__start__", "outline")
    graph.add_edge("outline", "draft")
    graph.add_edge("draft", "__end__")
    app = graph.compile()
    runner = threading.Thread(target=lambda: app.invoke({}))
    served = interface(tmp_path / "traces.db")
    runner.start()
    try:
        assert arrived.wait(60)
        page = served.page("/runs")
        link = page.get_by_role("table", name="Runs").get_by_role("link").first
        page.get_by_role("table", name="Runs").get_by_text("Running", exact=True).wait_for()
        link.click()
        page.wait_for_url("**/runs/*")
        page.get_by_role("region", name="Verdict").get_by_text("Running", exact=True).wait_for()
        page.get_by_role("row", name=re.compile("draft.*running", re.DOTALL)).wait_for()
    finally:
        go_on.set()
        runner.join(60)
    watcher.finalize()
    page.get_by_role("region", name="Verdict").get_by_text("Running", exact=True).wait_for(state="detached")
    page.get_by_role("region", name="Verdict").get_by_text("OK", exact=True).wait_for()
    assert served.complaints == []
