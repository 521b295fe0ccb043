"""What the statistical detectors rest on: baselines, exact tests, ties between numbers, figures in texts."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.detectors.statistical.deviation import baseline_of, baseline_of_spread
from argus.detectors.statistical.misreading import misread_figure
from argus.detectors.statistical.proportion import more_events_than_before, more_failures_than_before
from argus.learning.figures import figures_in, told_in
from argus.learning.spreads import spread_of
from argus.learning.ties import joined_ties, quantities_of, ties_of
from argus.testing.builders import build_trace, ran

POSITIVE = st.floats(1e-3, 1e6)


@settings(max_examples=60)
@given(st.lists(POSITIVE, min_size=5, max_size=40), st.floats(1, 10), st.floats(2, 20))
def test_what_was_seen_is_never_out_of_the_ordinary(values, threshold, times):
    known = baseline_of(values, 5)
    for value in values:
        assert not known.is_above(value, threshold, times)
        assert not known.is_below(value, threshold, times)
        assert not known.is_below(value, threshold, times, tailed=True)


@settings(max_examples=60)
@given(st.lists(POSITIVE, min_size=5, max_size=40), POSITIVE, st.floats(1, 5), st.floats(1.1, 3))
def test_a_higher_threshold_never_speaks_sooner(values, value, threshold, more):
    known = baseline_of(values, 5)
    assert known.is_above(value, threshold, 4) or not known.is_above(value, threshold * more, 4)
    assert known.is_below(value, threshold, 4) or not known.is_below(value, threshold * more, 4)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 10**6), min_size=5, max_size=40))
def test_a_spread_says_what_its_numbers_say(values):
    plain, learned = baseline_of(values, 5), baseline_of_spread(spread_of(values), 5, len(values))
    assert learned.median == pytest.approx(plain.median)
    assert learned.scale == pytest.approx(plain.scale)
    assert learned.deviation == pytest.approx(plain.deviation, abs=1e-9)


def test_too_few_samples_say_nothing():
    assert baseline_of([1.0, 2.0, math.nan, 0.0, -1.0], 3) is None
    assert baseline_of_spread(spread_of([1.0, 2.0, 3.0]), 3, 2) is None
    assert baseline_of_spread(None, 1, 1) is None


def test_a_constant_that_doubles_is_no_anomaly_and_one_that_grows_twenty_times_is():
    known = baseline_of([100.0] * 10, 5)
    assert not known.is_above(200, 2.5, 8)
    assert known.is_above(2000, 2.5, 8)


@pytest.mark.parametrize(
    ("table", "expected"), [((3, 5, 0, 50), 10 / 26235), ((0, 5, 0, 50), 1.0), ((2, 2, 0, 20), 1 / 231)]
)
def test_failures_as_fisher_counts_them(table, expected):
    assert more_failures_than_before(*table) == pytest.approx(expected)


@settings(max_examples=40)
@given(st.integers(0, 8), st.integers(0, 30), st.integers(1, 50))
def test_more_events_are_never_more_likely(events, before, runs):
    chance = more_events_than_before(events, before, runs)
    assert 0.0 <= more_events_than_before(events + 1, before, runs) <= chance <= 1.0


def test_no_event_is_certain():
    assert more_events_than_before(0, 3, 10) == 1.0


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Total: 1,234.50 EUR", {1234.5}),
        ("Summe 1.234,50 €", {1234.5}),
        ("CHF 1'234.50", {1234.5}),
        ("1,234", {1.234, 1234.0}),
        ("from -12.5 to 7", {-12.5, 7.0}),
        ("no figure", set()),
    ],
)
def test_figures_in_whatever_way_they_are_written(text, figures):
    assert figures_in({"text": text}) == figures


def test_figures_of_a_wording_are_told_apart_from_codes_and_dates():
    one, other = told_in("The total is 12.50 EUR."), told_in("The total is 99 EUR.")
    assert list(one) == list(other)
    assert list(one.values()) == [12.5]
    assert told_in("Bin A-900") == told_in("2026-01-31") == told_in("at 12:30") == told_in("x" * 300 + " 1") == {}


def test_a_displaced_point_and_a_turned_sign_are_misread():
    assert misread_figure(4990.0, {49.9, 3.0}) == 49.9
    assert misread_figure(-49.9, {49.9}) == 49.9
    assert misread_figure(50.0, {49.9}) is None
    assert misread_figure(4990.0, {49.9, 499.0}) is None, "two figures have these digits"


def test_quantities_of_a_state():
    found = quantities_of({"rows": [{"price": 2.0}, {"price": 4.0}], "text": "abc", "flag": True, "empty": []})
    assert {name: one.value for name, one in found.items()} == {
        "rows": 2, "sum(rows[].price)": 6.0, "mean(rows[].price)": 3.0, "text": 3,
    }  # fmt: skip


def run_of(total, prices, factor=1):
    return build_trace(ran("add", {"total": total * factor}), input={"prices": prices})


def test_ties_are_the_same_in_any_order():
    runs = [run_of(sum(prices), prices) for prices in ([12.5, 3.0], [40.0, 2.5], [7.25, 99.0])]
    one, two, three = (ties_of(run.steps) for run in runs)
    assert joined_ties(joined_ties(one, two), three) == joined_ties(three, joined_ties(two, one))
    ratio = joined_ties(joined_ties(one, two), three)["total"].ratios["<sum(prices[])"]
    assert (ratio.count, ratio.mean, ratio.deviation, ratio.reach) == (3, 0.0, 0.0, 0.0)


def test_hostile_values_have_no_ties_and_do_no_harm():
    state = {"nan": math.nan, "huge": 10**400, "text": "\ud800 1,2,3", "list": [None, {"$argus": "cycle"}], "zero": 0}
    trace = build_trace(ran("odd", state), input=state)
    assert all(math.isfinite(one.value) for one in quantities_of(state).values())
    ties_of(trace.steps)
    figures_in(state)
