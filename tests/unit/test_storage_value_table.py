"""Values stored once: what is shared costs nothing, and everything comes back."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from argus.storage.value_table import ENTRIES, ITEMS, SEQUENCE, TEXT, ValueReader, ValueTable


def stored(states):
    table = ValueTable()
    references = [table.references(state) for state in states]
    return references, table.rows()


def read(references, rows):
    reader = ValueReader((kind, body) for _, kind, body in rows)
    return [reader.state(reference) for reference in references]


def message(number, size=300):
    return {"role": "user", "content": f"{number} " + "x" * size}


def characters(rows):
    return sum(len(body) for _, _, body in rows)


def test_rows_are_numbered_without_gaps():
    _, rows = stored([{"a": 1, "list": [message(n) for n in range(n)]} for n in range(9)])
    assert [number for number, _, _ in rows] == list(range(len(rows)))


def test_a_value_that_stays_is_one_row():
    big = "x" * 1000
    references, rows = stored([{"big": big, "n": n} for n in range(100)])
    assert sum(big in body for _, _, body in rows) == 1
    assert read(references, rows) == [{"big": big, "n": n} for n in range(100)]


def test_equal_values_without_shared_identity_are_one_row():
    _, rows = stored([copy.deepcopy({"tree": {"leaf": "x" * 500}}) for _ in range(10)])
    assert len(rows) == 1


def test_a_growing_list_costs_its_new_items():
    messages = [message(n) for n in range(200)]
    states = [{"messages": messages[:n]} for n in range(1, 201)]
    references, rows = stored(states)
    once = len(json.dumps(messages, separators=(",", ":")))
    assert once < characters(rows) < 1.2 * once
    assert read(references, rows) == states


def test_a_growing_list_without_shared_identity_costs_its_new_items():
    messages = [message(n) for n in range(100)]
    states = [copy.deepcopy({"messages": messages[:n]}) for n in range(1, 101)]
    references, rows = stored(states)
    assert characters(rows) < 1.2 * len(json.dumps(messages))
    assert read(references, rows) == states


def test_a_growing_list_of_small_items_costs_its_new_items():
    states = [{"seen": list(range(n))} for n in range(0, 20_000, 100)]
    references, rows = stored(states)
    assert characters(rows) < 4 * len(json.dumps(states[-1]))
    assert read(references, rows) == states


def test_a_list_trimmed_at_its_front_costs_its_new_items():
    messages = [message(n) for n in range(120)]
    states = [{"messages": messages[n : n + 20]} for n in range(100)]
    references, rows = stored(states)
    assert characters(rows) < 1.3 * len(json.dumps(messages))
    assert read(references, rows) == states


def test_an_item_replaced_in_the_middle_costs_that_item():
    messages = [message(n) for n in range(50)]
    states = [{"messages": messages}]
    for n in range(50):
        messages = [*messages[:n], message(f"new {n}"), *messages[n + 1 :]]
        states.append({"messages": messages})
    references, rows = stored(states)
    assert sum(len(body) for _, kind, body in rows if kind == ITEMS) < 2.2 * len(json.dumps(messages))
    assert read(references, rows) == states


def test_a_large_object_of_which_a_part_changes_costs_that_part():
    tree = {f"branch{n}": {f"leaf{m}": m for m in range(100)} for n in range(100)}
    states = [{"tree": tree}]
    for n in range(50):
        tree = {**tree, f"branch{n}": {"leaf": n}}
        states.append({"tree": tree})
    references, rows = stored(states)
    assert characters(rows) < 4 * len(json.dumps(tree))
    assert {kind for _, kind, _ in rows} == {TEXT, ENTRIES}
    assert read(references, rows) == states


def test_small_lists_and_objects_stay_whole():
    _, rows = stored([{"docs": ["a", "b"], "options": {"k": 1}}])
    assert [(kind, body) for _, kind, body in rows] == [(TEXT, '["a","b"]'), (TEXT, '{"k":1}')]


def test_states_that_are_one_are_one_again():
    messages = [message(n) for n in range(30)]
    before, after = {"messages": messages[:29], "q": "x"}, {"messages": messages, "q": "x"}
    references, rows = stored([before, after, after])
    one, two, three = read(references, rows)
    assert two is three
    assert all(mine is theirs for mine, theirs in zip(one["messages"], two["messages"], strict=False))


def test_references_are_readable_and_take_any_name():
    names = ["query", "na\0me", "\ud800", 'q"uo\\te', "é", "", "\x1a", "{"]
    references, rows = stored([{name: name for name in names}])
    assert read(references, rows) == [{name: name for name in names}]
    assert stored([{"query": "x"}])[0] == ['{"query":0}']


def test_runs_of_a_list_name_consecutive_rows():
    messages = [message(n) for n in range(40)]
    _, rows = stored([{"other": [message(f"o{n}")], "messages": messages[:n]} for n in range(1, 41)])
    runs = [json.loads(body) for _, kind, body in rows if kind == SEQUENCE]
    assert all(len(run) == 1 for run in runs)
    assert all(rows[number][1] == ITEMS for run in runs for first, end in run for number in range(first, end))


@st.composite
def histories(draw):
    """States that follow from each other by the edits that reducers make."""
    item = st.integers(-3, 3) | st.text(max_size=3) | st.integers(0, 20).map(lambda n: message(n, 1200))
    state = {"list": draw(st.lists(item, max_size=5)), "tree": {}, "n": 0}
    states = [state]
    for _ in range(draw(st.integers(1, 12))):
        items, tree = state["list"], state["tree"]
        edit = draw(st.sampled_from(["append", "extend", "trim", "replace", "clear", "copy", "branch", "nest", "same"]))
        if edit == "append":
            items = [*items, draw(item)]
        elif edit == "extend":
            items = [*items, *draw(st.lists(item, max_size=4))]
        elif edit == "trim":
            items = items[draw(st.integers(0, 3)) :]
        elif edit == "replace" and items:
            at = draw(st.integers(0, len(items) - 1))
            items = [*items[:at], draw(item), *items[at + 1 :]]
        elif edit == "clear":
            items = []
        elif edit == "copy":
            items, tree = copy.deepcopy(items), copy.deepcopy(tree)
        elif edit == "branch":
            tree = {**tree, draw(st.sampled_from("abcd")): draw(item)}
        elif edit == "nest":
            tree, items = {**tree, "list": items}, [items, *items][:6]
        state = state if edit == "same" else {**state, "list": items, "tree": tree, "n": draw(item)}
        states.append(state)
    return states


@settings(max_examples=150, deadline=None)
@given(histories())
def test_whatever_happens_to_a_state_it_comes_back(states):
    references, rows = stored(states)
    assert repr(read(references, rows)) == repr(states)
