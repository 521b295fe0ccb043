"""Relations: found where they hold, gone where they break, not believed where chance explains them."""

import random

import pytest

from argus.learning.breaches import breaches
from argus.learning.merging import merge
from argus.learning.profiling import learned, profile_of, profile_of_many
from argus.model.profile import Relation, Term
from argus.testing.builders import build_trace, ran


def run(number, *steps, **given):
    return build_trace(*steps, trace_id=f"{number:016x}", input=given)


def believed(traces):
    return [str(relation) for relation in profile_of_many(traces).believed]


def invoices(count, seed=1, **changes):
    dice = random.Random(seed)
    for number in range(count):
        lines = [
            {"sku": f"S-{dice.randrange(9000)}", "quantity": dice.randint(2, 9), "price": dice.randint(100, 9999) / 100}
            for _ in range(dice.randint(2, 6))
        ]
        net = round(sum(line["quantity"] * line["price"] for line in lines), 2)
        tax = round(net * 0.19, 2)
        bill = {"net": net, "tax": tax, "gross": round(net + tax, 2), "positions": len(lines)}
        yield run(number, ran("read", {"lines": lines}), ran("bill", {**bill, **changes}), order=f"O-{number}")


def test_what_an_invoice_is_made_of():
    found = believed(invoices(10))
    assert "bill.net = bill(lines[].price) · bill(lines[].quantity)" in found
    assert "bill.gross = bill.net + bill.tax" in found
    assert "bill.positions = len(bill(lines))" in found


def test_a_sum_a_subset_and_a_size_asked_for():
    dice = random.Random(2)
    traces = []
    for number in range(12):
        docs = [{"id": f"d{dice.randrange(10**6)}", "words": dice.randint(20, 900)} for _ in range(dice.randint(4, 9))]
        kept = dice.sample(docs, dice.randint(2, len(docs) - 1))
        traces.append(
            run(
                number,
                ran("search", {"docs": docs, "words": sum(doc["words"] for doc in docs)}),
                ran("rank", {"kept": [doc["id"] for doc in kept]}),
                k=len(docs),
            )
        )
    found = believed(traces)
    assert "search.words = sum(search.docs[].words)" in found
    assert "rank.kept ⊆ rank(docs[].id)" in found
    assert "len(search.docs) = search(k)" in found


def test_a_copy_from_an_earlier_step_that_the_input_does_not_have():
    traces = []
    for number in range(8):
        first = ran("ask", {"ticket": f"T-{number}"})
        second = ran("answer", {"about": f"T-{number}"}, input_state={"text": "…"})
        traces.append(run(number, first, second))
    assert "answer.about = ask.ticket" in believed(traces)


def test_what_runs_side_by_side_is_not_earlier():
    traces = []
    for number in range(8):
        at = {"superstep": 1}
        sides = [ran(node, {node: f"T-{number}"}, input_state={"x": 1}, metadata=at) for node in ("left", "right")]
        traces.append(run(number, *sides))
    assert believed(traces) == []


def test_one_break_ends_a_relation_for_good():
    good = list(invoices(10))
    (bad,) = invoices(1, seed=9, gross=1.0)
    profile = learned(profile_of_many(good[:9]), bad)
    assert not any("gross" in str(relation) for relation in profile.relations)
    for trace in good:
        profile = learned(profile, trace)
    assert not any("gross" in str(relation) for relation in profile.relations)


def test_a_break_counts_where_both_sides_say_little():
    def counted(number, n, size):
        return run(number, ran("count", {"n": n, "docs": [f"d{number}{rank}" for rank in range(size)]}))

    traces = [counted(number, 2 + number % 4, 2 + number % 4) for number in range(12)]
    assert believed(traces) == ["count.n = len(count.docs)"]
    assert believed([*traces, counted(99, 5, 0)]) == []
    assert believed([*traces, counted(99, 0, 0)]) == ["count.n = len(count.docs)"]


def test_a_value_that_is_not_there_breaks_nothing():
    traces = [*invoices(10), run(99, ran("bill", {"gross": 8.5, "note": "paid"}))]
    assert "bill.gross = bill.net + bill.tax" in believed(traces)


@pytest.mark.parametrize("count", [2, 3])
def test_a_few_runs_prove_nothing(count):
    assert believed(invoices(count)) == []


def test_what_never_changes_proves_nothing():
    traces = [run(number, ran("a", {"x": 7, "y": 7, "rows": [1, 2, 3, 4, 5, 6, 7]})) for number in range(40)]
    assert believed(traces) == []


def test_chance_stays_out():
    """Small numbers and short lists that have nothing to do with each other, over many pipelines."""
    wrong = 0
    for seed in range(25):
        dice = random.Random(seed)
        traces = [
            run(
                number,
                ran("a", {name: dice.randint(0, 4) for name in "abcd"} | {"rows": [dice.randint(0, 3)] * 3}),
                ran("b", {name: dice.choice(["low", "mid", "high"]) for name in "efgh"}),
                ran("c", {"rows2": [dice.randint(0, 9) for _ in range(dice.randint(2, 4))], "n": dice.randint(2, 4)}),
            )
            for number in range(10)
        ]
        for trace in traces:
            assert trace.steps
        wrong += len(believed(traces))
    assert wrong == 0


def test_loops_must_hold_each_time():
    def loop(number, *pairs):
        return run(number, *(ran("turn", {"x": x, "y": y}) for x, y in pairs))

    traces = [loop(number, (number + 5, number + 5), (number + 6, number + 6)) for number in range(8)]
    assert "turn.y = turn.x" in believed(traces)
    assert "turn.y = turn.x" not in believed([*traces, loop(99, (50, 50), (51, 52))])


def test_wholes_speak_for_their_parts():
    traces = [
        run(number, ran("pass_on", {"docs": [{"id": f"a{number}"}, {"id": f"b{number}"}]}), docs=None)
        for number in range(8)
    ]
    for trace in traces:
        trace.steps[0].input_state["docs"] = trace.steps[0].output_state["docs"]
    assert believed(traces) == ["pass_on.docs = pass_on(docs)"]


def test_keys_that_are_data_leave_no_relations():
    dice = random.Random(7)
    traces = []
    for number in range(60):
        stock = {f"S-{dice.randrange(9000)}": dice.randint(2, 9) for _ in range(dice.randint(2, 6))}
        traces.append(
            run(number, ran("reserve", {"stock": stock}), ran("report", {"count": len(stock), "stock": stock}))
        )
    profile = profile_of_many(traces)
    assert not any(".S-" in str(relation) for relation in profile.relations)
    assert not any(".S-" in str(term) for term in profile.terms)
    assert "report.stock = report(stock)" in map(str, profile.believed)


def test_profiles_join_as_runs_do():
    traces = list(invoices(12))
    apart = merge(profile_of_many(traces[:7]), profile_of_many(traces[7:]))
    assert set(map(str, apart.believed)) == set(believed(traces))
    alone = merge(profile_of_many(traces[:11]), profile_of(next(invoices(1, seed=5, positions=77))))
    assert not any("positions" in str(relation) for relation in alone.relations)


def test_what_is_handed_on_is_no_result():
    """A node that returns the whole state says of each field that it is the same, and nothing else of it."""
    dice = random.Random(3)
    traces = []
    for number in range(10):
        parts = [dice.randint(2, 900) for _ in range(dice.randint(2, 6))]
        state = {"parts": parts, "total": sum(parts), "n": len(parts)}
        first = ran("add", state)
        traces.append(run(number, first, ran("pass_on", {**state, "text": f"done {number}"}), name=f"n{number}"))
    found = believed(traces)
    assert [text for text in found if text.startswith("add")] == [
        "add.total = sum(add.parts)",
        "add.n = len(add.parts)",
    ]
    assert [text for text in found if "pass_on" in text] == [
        "pass_on.n = pass_on(n)",
        "pass_on.parts = pass_on(parts)",
        "pass_on.total = pass_on(total)",
    ]


def test_breaches_tell_where():
    profile = profile_of_many(invoices(10))
    (bad,) = invoices(1, seed=5, gross=12.0)
    found = list(breaches(profile, bad))
    assert [(str(one.relation), one.execution.step.node_name) for one in found] == [
        ("bill.gross = bill.net + bill.tax", "bill")
    ]
    assert list(breaches(profile, next(invoices(1, seed=6)))) == []


def test_relations_read_like_sentences():
    total, rows, asked = Term("a", "update", "total"), Term("a", "update", "rows"), Term("a", "input", "k")
    texts = {kind: str(Relation(kind=kind, result=rows, of=(asked,))) for kind in ("equal", "sized", "same_length")}
    assert texts == {"equal": "a.rows = a(k)", "sized": "len(a.rows) = a(k)", "same_length": "len(a.rows) = len(a(k))"}
    assert str(Relation(kind="times", result=total, of=(asked, rows))) == "a.total = a(k) × a.rows"
