"""What each kind of fault makes of a value, and that seeds vary it."""

import json

import pytest
from langchain_core.messages import AIMessage

from argus.testing.faults import FAULTS, Call, make
from argus.testing.faults.fault import PROCEED

CALL = Call(state={}, number=1)
SEEDS = range(12)


def results(kind, update, state=None, **options):
    call = Call(state=state or {}, number=1)
    return [make(kind, seed=seed, **options).after(call, update) for seed in SEEDS]


@pytest.mark.parametrize(
    "kind",
    [
        *("placeholder", "refusal", "http_error_body", "exception_text", "html_page", "stack_trace"),
        *("unfilled_template", "repeated_filler", "prompt_leak", "mojibake", "other_answer", "wrong_language"),
        "error_payload",
    ],
)
def test_texts_are_replaced_in_many_wordings(kind):
    made = [result["answer"] for result in results(kind, {"answer": "The kettle isn't full - it holds 2 litres."})]
    assert all(isinstance(text, str) and text != "The kettle isn't full - it holds 2 litres." for text in made)
    assert len(set(made)) >= 5


@pytest.mark.parametrize("kind", ["placeholder", "refusal", "mojibake", "cut_output", "truncated_json"])
def test_empty_texts_and_other_types_are_left_alone(kind):
    for value in ("", 3, None, ["a"]):
        update = {"answer": value}
        assert make(kind, field="answer").after(CALL, update) is update


def test_a_pool_takes_the_place_of_the_wordings():
    assert make("placeholder", pool=("mine",)).after(CALL, {"a": "text"}) == {"a": "mine"}


def test_truncated_json_is_json_no_more():
    text = json.dumps({"name": "x", "items": [1, 2, 3], "note": "long enough"})
    for result in results("truncated_json", {"payload": text}):
        with pytest.raises(json.JSONDecodeError):
            json.loads(result["payload"])


def test_cut_text_ends_inside_a_word():
    text = "The first sentence is complete. The second sentence would have gone on for quite a while."
    for result in results("cut_output", {"answer": text}):
        cut = result["answer"]
        assert text.startswith(cut)
        assert cut[-1].isalpha()
        assert text[len(cut)].isalpha()


def test_short_output_is_a_tenth_and_ends_properly():
    text = "word " * 100
    (made, *_) = results("short_output", {"answer": text})
    assert len(made["answer"]) <= 55
    assert made["answer"].endswith(".")


@pytest.mark.parametrize("value", [12, 12.5, "some text", ["a", "b"], {"k": 1}, True])
def test_a_wrong_type_is_never_the_type_it_was(value):
    for result in results("wrong_type", {"x": value}):
        assert type(result["x"]) is not type(value)


def test_names_are_wrong_in_many_ways():
    names = {next(iter(result)) for result in results("renamed_key", {"order_lines": 1})}
    assert "order_lines" not in names
    assert {"orderLines", "order_line"} <= names
    assert results("renamed_key", {"rows": [{"x": 1, "y": 2}]}, field="rows.*.x", new_name="z")[0] == {
        "rows": [{"z": 1, "y": 2}]
    }


def test_numbers_are_off():
    assert all(abs(r["x"]) >= 100 * 42 or abs(r["x"]) <= 0.42 for r in results("power_of_ten", {"x": 42.0}))
    assert results("sign_flip", {"x": 42})[0] == {"x": -42}
    assert results("unit_error", {"x": 2.0}, factor=60)[0] == {"x": 120.0}
    assert make("power_of_ten").after(CALL, {"x": 0, "flag": True}) == {"x": 0, "flag": True}


def test_empty_values_keep_their_type():
    assert all(result["x"] == [] for result in results("empty_output", {"x": [1]}))
    assert all(not result["x"].strip("​ \n") for result in results("empty_output", {"x": "text"}))


def test_a_foreign_field_is_taken_from_the_state():
    state = {"total": 100, "names": ["a", "b", "c"], "note": "Some words here"}
    for kind in ("foreign_value", "foreign_type", "foreign_meaning"):
        for field in state:
            for result in results(kind, {"own": 1}, state, field=field):
                assert result["own"] == 1
                assert result[field] != state[field]
                if kind != "foreign_type":
                    assert type(result[field]) is type(state[field])
    assert state == {"total": 100, "names": ["a", "b", "c"], "note": "Some words here"}
    update = {"own": 1}
    assert make("foreign_value", field="absent").after(CALL, update) is update
    assert make("foreign_value", field="total").after(Call(state=state, number=1), None) == {"total": 0}


def test_documents_keep_their_shape():
    texts, records = ["one", "two"], [{"id": 1, "text": "one"}, {"id": 2, "content": "two"}]
    assert len(make("off_topic_documents").change(texts)) == 2
    made = make("off_topic_documents", seed=2).change(records)
    assert [record["id"] for record in made] == [1, 2]
    assert made[0]["text"] != "one"
    assert made[1]["content"] != "two"


def test_contradictions_change_a_number_or_turn_a_sentence():
    assert make("contradiction", seed=0).change("It takes 3 days.") == "It takes 13 days."
    assert make("contradiction", seed=1).change("The door is open.") == "The door is not open."
    assert make("contradiction", seed=1).change("The door is not open.") == "The door is open."
    assert make("contradiction").change("Order A-1001 is here") == "Order A-1001 is not here"


def test_claims_are_added_at_the_end():
    for kind in ("unsupported_number", "unsupported_name", "unsupported_date"):
        for result in results(kind, {"answer": "All is well."}):
            assert result["answer"].startswith("All is well. ")


def test_a_constraint_gets_lost():
    assert make("lost_constraint").change("A lamp under 50 euros") == "A lamp"
    assert make("lost_constraint").change(["cheap", "blue"]) == ["cheap"]
    assert make("lost_constraint", pattern=" blue").change("A blue lamp") == "A lamp"


def _calls(name, number=1, **arguments):
    return {"messages": [AIMessage("", id="m", tool_calls=[{"name": name, "args": arguments, "id": f"c{number}"}])]}


def test_a_tool_call_is_repeated_under_fresh_ids():
    fault = make("repeated_tool_call", repeats=2)
    memory = {}
    first = _calls("look", x=1)
    assert fault.before(Call(state={}, number=1, memory=memory)) is PROCEED
    assert fault.after(Call(state={}, number=1, memory=memory), first) is first
    again = [fault.before(Call(state={}, number=n, memory=memory)) for n in (2, 3)]
    ids = {result["messages"][0].tool_calls[0]["id"] for result in [first, *again]}
    assert len(ids) == 3
    assert all(result["messages"][0].tool_calls[0]["args"] == {"x": 1} for result in again)
    assert fault.before(Call(state={}, number=4, memory=memory)) is PROCEED


def test_an_argument_is_invented():
    made = make("invented_argument", value="B-9").after(CALL, _calls("look", order="A-1"))
    assert made["messages"][0].tool_calls[0]["args"] == {"order": "B-9"}
    said = {"messages": [AIMessage("no call")]}
    assert make("invented_argument").after(CALL, said) is said


def test_a_tool_result_is_ignored_only_in_answers():
    call = _calls("look", x=1)
    assert make("ignored_tool_result").after(CALL, call) is call
    made = make("ignored_tool_result", answer="fine").after(CALL, {"messages": [AIMessage("the tool says no")]})
    assert made["messages"][0].content == "fine"


def test_oscillation_goes_back_and_forth():
    fault, memory = make("oscillation", field="draft"), {}
    drafts = ["one", "two", "three", "four"]
    made = [
        fault.after(Call(state={}, number=n, memory=memory), {"draft": d})["draft"] for n, d in enumerate(drafts, 1)
    ]
    assert made == ["one", "two", "one", "two"]
    fault, memory = make("oscillation", field="draft", other="other"), {}
    made = [
        fault.after(Call(state={}, number=n, memory=memory), {"draft": d})["draft"] for n, d in enumerate(drafts, 1)
    ]
    assert made == ["one", "other", "one", "other"]


def test_equal_seeds_give_equal_faults():
    for kind, cls in FAULTS.items():
        options = {"target": "x"} if "target" in cls.__dataclass_fields__ else {}
        assert make(kind, seed=5, **options) == make(kind, seed=5, **options)
