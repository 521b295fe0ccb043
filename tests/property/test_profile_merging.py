"""Profiles: the order and grouping of runs make no difference, whatever the runs returned."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from argus.learning.merging import merge
from argus.learning.profiling import learned, profile_of, profile_of_many
from argus.learning.spreads import joined, spread_of
from argus.model.profile import Profile
from argus.storage.lessons import profile_from_text, text_of_profile
from argus.testing.builders import build_trace, ran

NUMBERS = st.one_of(
    st.integers(-50, 50), st.integers(), st.floats(), st.floats(0.01, 1e6), st.sampled_from([0.0, -0.0, 1e308, 5e-324])
)
NAMES = st.sampled_from(["a", "b", "c", "total", "x.y", "", "[]", "$argus", "\ud800"])
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=30), st.sampled_from(["open", "closed", "EUR"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
UPDATES = st.dictionaries(NAMES, VALUES, max_size=5)
RUNS = st.lists(st.lists(st.tuples(st.sampled_from(["n", "m"]), UPDATES), max_size=4), min_size=1, max_size=8)


def traces_of(runs):
    return [
        build_trace(*(ran(node, update) for node, update in steps), trace_id=f"{number:016x}")
        for number, steps in enumerate(runs)
    ]


def fields(profile):
    return {place: (node.runs, node.executions, node.width, node.fields) for place, node in profile.nodes.items()}


@settings(max_examples=60, deadline=None)
@given(st.lists(NUMBERS, max_size=300), st.integers(0, 300), st.randoms(use_true_random=False))
def test_spreads_join_in_any_order(numbers, cut, dice):
    whole = spread_of(numbers)
    assert joined(spread_of(numbers[:cut]), spread_of(numbers[cut:])) == whole
    shuffled = dice.sample(numbers, len(numbers))
    total = spread_of([])
    for number in shuffled:
        total = joined(total, spread_of([number]))
    assert total == whole
    assert whole.minimum <= whole.median <= whole.maximum
    assert whole.mad >= 0


@settings(max_examples=40, deadline=None)
@given(RUNS, st.integers(0, 8), st.randoms(use_true_random=False))
def test_fields_do_not_depend_on_order_or_grouping(runs, cut, dice):
    traces = traces_of(runs)
    whole = profile_of_many(traces)
    assert fields(profile_of_many(dice.sample(traces, len(traces)))) == fields(whole)
    assert fields(merge(profile_of_many(traces[:cut]), profile_of_many(traces[cut:]))) == fields(whole)
    assert whole.runs == len(traces)


@settings(max_examples=40, deadline=None)
@given(RUNS)
def test_a_profile_survives_the_store_and_a_run_changes_nothing_else(runs):
    traces = traces_of(runs)
    profile = profile_of_many(traces)
    assert profile_from_text(text_of_profile(profile)) == profile
    again = learned(profile, traces[0])
    known = {(one.kind, one.result, one.of) for one in profile.relations}
    assert {(one.kind, one.result, one.of) for one in again.relations} <= known
    assert merge(profile, Profile()) == profile


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 14))
def test_relations_do_not_depend_on_the_order_of_whole_runs(seed, count):
    dice = random.Random(seed)
    traces = []
    for number in range(count):
        parts = [dice.randint(2, 500) for _ in range(dice.randint(2, 5))]
        update = {"parts": parts, "total": sum(parts), "n": len(parts), "noise": dice.randint(2, 6), "id": f"i{number}"}
        copy = {"id2": f"i{number}", "noise2": dice.randint(2, 6)}
        traces.append(build_trace(ran("a", update), ran("b", copy), trace_id=f"{number:016x}"))
    whole, turned = profile_of_many(traces), profile_of_many(reversed(traces))
    assert whole.relations == turned.relations
    apart = merge(profile_of_many(traces[: count // 2]), profile_of_many(traces[count // 2 :]))
    assert set(map(str, apart.believed)) == set(map(str, whole.believed))
    one_by_one = Profile()
    for trace in traces:
        one_by_one = merge(one_by_one, profile_of(trace))
    assert one_by_one.believed == whole.believed
