"""The filter language: what words mean, what is told of those that mean nothing, and that nothing breaks it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus._internal.clock import CounterClock
from argus.model.detection import Detection
from argus.storage.base import TraceQuery
from argus.storage.filter_words import KEYS, Bounds, Term, read_filter
from argus.storage.filtered import list_filtered
from argus.storage.memory import MemoryStore
from argus.testing.builders import CREATED_AT, build_trace, ran


def read(text):
    return read_filter(text, CounterClock(CREATED_AT + timedelta(days=1)))


def test_what_a_store_can_look_up_is_left_to_it():
    wanted = read('status:failed,warning pipeline:orders code:str401,sem* severity:critical node:"a b" no sources')
    assert wanted.query == TraceQuery(
        statuses=("failed", "warning"), pipeline="orders", codes=("STR401", "SEM*"), severities=("critical",),
        node="a b", text="no sources",
    )  # fmt: skip
    assert (wanted.rest, wanted.problems) == ((), ())


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("-status:ok", Term("status", ("ok",), (), True)),
        ("pipeline:a,b", Term("pipeline", ("a", "b"))),
        ('-pipeline:"a,b",c', Term("pipeline", ("a,b", "c"), (), True)),
        ("dur:>5s", Term("dur", (">5s",), (Bounds(low=5000.0, with_low=False),))),
        ("dur:<=200ms", Term("dur", ("<=200ms",), (Bounds(high=200.0),))),
        ("dur:2", Term("dur", ("2",), (Bounds(2000.0, 2000.0),))),
        ("dur:1s..2min", Term("dur", ("1s..2min",), (Bounds(1000.0, 120_000.0),))),
        ("tokens:>1.5k", Term("tokens", (">1.5k",), (Bounds(low=1500.0, with_low=False),))),
        ("steps:3,5..7", Term("steps", ("3", "5..7"), (Bounds(3.0, 3.0), Bounds(5.0, 7.0)))),
        ("replay-of:8f2c", Term("replay-of", ("8f2c",))),
    ],
)
def test_the_rest_is_looked_at_run_by_run(text, term):
    wanted = read(text)
    assert (wanted.query, wanted.rest, wanted.problems) == (TraceQuery(), (term,), ())


def test_times():
    wanted = read("since:2h since:2026-01-01 until:2026-01-02T00:00:00Z -since:2026-01-01T20:00:00Z")
    assert wanted.query.since > CREATED_AT + timedelta(hours=21)
    assert wanted.query.until.hour == 20


@pytest.mark.parametrize(
    ("text", "token", "hint"),
    [
        ("statsu:failed", "statsu:failed", "'status'"),
        ("status:faild", "status:faild", "'failed'"),
        ("dur:soon", "dur:soon", "dur:>5s"),
        ("dur:5k", "dur:5k", "dur:>5s"),
        ("steps:5ms", "steps:5ms", "steps:>10"),
        ("since:yesterday", "since:yesterday", "24h"),
        ("node:", "node:", "What should"),
        ('a text:"open b', 'text:"open b', "not closed"),
    ],
)
def test_a_bad_word_is_told_and_the_rest_applies(text, token, hint):
    wanted = read(f"{text} " if text.startswith("a ") else f"severity:critical {text}")
    (problem,) = wanted.problems
    assert problem.token.strip() == token
    assert hint in problem.hint
    assert wanted.query.text == "a" if text.startswith("a ") else wanted.query.severities == ("critical",)


def test_an_apostrophe_is_no_quote():
    assert read("don't do 'this thing'").query.text == "don't do this thing"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=12), st.sampled_from([*KEYS, ":", "-", ",", '"', "'", ">", "..", "5s", "\\"])))
)
def test_no_text_breaks_it(parts):
    wanted = read("".join(parts))
    for term in wanted.rest:
        assert term.key in KEYS
        assert term.words


@pytest.fixture
def store():
    store = MemoryStore()
    for number in range(40):
        found = Detection(layer="semantic", severity="warning", code="SEM201", field="a.b", message="odd", step_id="s")
        odd = number % 10 == 3
        store.save(
            build_trace(
                *[ran("work")] * (1 + number % 2),
                trace_id=f"{number:016x}",
                created_at=CREATED_AT + timedelta(seconds=number),
                status="warning" if odd else "ok",
                detections=(found,) if odd else (),
            )
        )
    return store


@pytest.mark.parametrize("limit", [1, 3, 200])
@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("layer:semantic", [33, 23, 13, 3]),
        ("field:a steps:2", [33, 23, 13, 3]),
        ("field:b", []),
        ("-layer:semantic -steps:1", [n for n in range(39, -1, -1) if n % 2 and n % 10 != 3]),
        ("dur:>15ms -status:warning", [n for n in range(39, -1, -1) if n % 2 and n % 10 != 3]),
    ],
)
def test_filtered_pages_hold_every_run_once_and_never_too_many(store, text, numbers, limit):
    found, cursor = [], None
    while True:
        page = list_filtered(store, read(text), limit=limit, cursor=cursor, looked_at=7)
        assert len(page.rows) <= limit
        found += [int(row.id, 16) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == numbers
