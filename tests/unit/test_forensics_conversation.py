"""Suspects in message logs: general signs, no cause named, and why that is less sure."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from argus.forensics.analyzer import investigate
from argus.forensics.conversation.blame import WEIGHTS, likely_turns
from argus.forensics.conversation.signs import CLAUSES, signs_of
from argus.forensics.conversation.talk import Talk, is_conversation
from argus.interchange.conversation import Message, conversation_trace
from argus.model.trace import Trace
from argus.testing.builders import build_trace, ran


def talk(*messages: Message, question: str = "How many ships are in the harbour?", wrong: bool = True) -> Trace:
    return conversation_trace(
        messages, trace_id="aa00000000000001", pipeline_name="log", question=question, wrong_answer=wrong
    )


PEERS = (
    Message("Planner", "Count the ships in the harbour, step by step."),
    Message("Historian", "Harbours have had ships for long."),
    Message("Counter", "Let us assume some data.\n```python\nprint(len([1, 2]))\n```"),
    Message("Terminal", "exitcode: 0 (execution succeeded)\nCode output: 2"),
    Message("Checker", "The result is **2** ships. Confirmed."),
)

TEAM = (
    Message("human", "How many ships are in the harbour?", role="human"),
    Message("Lead", "The plan: search.", role="Lead (thought)"),
    Message("Lead", "Search for ships.", role="Lead (-> Searcher)", to="Searcher"),
    Message("Searcher", "Found a page about boats."),
    Message("Lead", "Open it.", role="Lead (-> Searcher)", to="Searcher"),
    Message("Searcher", "The page says there are 17 vessels."),
    Message("Lead", "Write the answer.", to="Searcher"),
    Message("Searcher", "FINAL: **17**"),
    Message("Lead", "The answer is **17** vessels."),
)


def test_who_takes_which_part() -> None:
    peers = Talk(talk(*PEERS))
    assert (peers.tools, peers.coordinators, peers.askers) == ({"Terminal"}, frozenset(), frozenset())
    team = Talk(talk(*TEAM))
    assert (team.askers, team.coordinators) == ({"human"}, {"Lead"})
    assert team.working == (3, 5, 7)
    assert [team.may_be_blamed(place) for place in range(3)] == [False, True, True]


def test_signs_among_peers() -> None:
    found = signs_of(Talk(talk(*PEERS)))
    assert "opening_in_words" in found[0]
    assert found[2].keys() == {"late", "first_code", "made_up"}
    assert all("holds_outcome" not in signs for signs in found)


def test_signs_in_a_team() -> None:
    found = signs_of(Talk(talk(*TEAM)))
    assert [place for place, signs in enumerate(found) if "early_work" in signs] == [3, 5, 7]
    assert [place for place, signs in enumerate(found) if "last_work" in signs] == [7]
    assert [place for place, signs in enumerate(found) if signs.get("holds_outcome", 0) > 0] == [5, 7, 8]
    assert all("coordinates" in found[place] for place in (1, 2, 4, 6, 8))


@pytest.mark.parametrize(
    "text",
    ["We assume 5.", "Ich habe angenommen, es sind 5.", "Supongamos 5.", "Supposons 5.", "假设有五个", "仮に5とする"],
)
def test_what_is_made_up_is_told_in_several_languages(text: str) -> None:
    assert "made_up" in signs_of(Talk(talk(Message("A", text))))[0]
    assert "made_up" not in signs_of(Talk(talk(Message("A", "There are five ships."))))[0]


def test_tools_and_askers_are_never_suspected_and_chances_sum_to_one() -> None:
    for messages in (PEERS, TEAM):
        turns = likely_turns(talk(*messages))
        assert {turn.step.node_name for turn in turns}.isdisjoint({"Terminal", "human"})
        assert sum(turn.chance for turn in turns) == pytest.approx(1)
    assert likely_turns(talk(*PEERS))[0].place == 2


def test_suspects_are_named_and_a_cause_is_not() -> None:
    trace = talk(*PEERS)
    found = investigate(trace)
    assert found is not None
    assert found.root_cause_step is None
    assert found.suspects[0].node_name == "Counter"
    assert CLAUSES["first_code"] in found.suspects[0].reasons
    assert "Only messages were recorded, no data flow" in found.explanation
    assert found.confidence == found.suspects[0].score < 1
    assert found.detection_ids == (trace.detections[0].id,)


def test_nothing_to_explain_is_not_explained() -> None:
    assert investigate(talk(*PEERS, wrong=False)) is None
    assert investigate(talk()) is None
    assert investigate(talk(Message("Terminal", "exitcode: 1"))) is None


def test_only_logs_are_taken_for_logs() -> None:
    assert is_conversation(talk(*PEERS))
    assert not is_conversation(build_trace(ran("a", {"messages": [{"content": "x"}]})))


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"messages": []},
        {"messages": "text"},
        {"messages": [None]},
        {"messages": [{"content": None, "type": 7, "to": []}]},
        {"messages": [{"content": "\ud800" * 50_000 + "```" * 9_000}]},
        {"messages": [{"content": "[REDACTED]"}]},
    ],
)
def test_damaged_logs_do_no_harm(state: dict[str, Any]) -> None:
    trace = talk(*PEERS)
    steps = (*trace.steps[:-1], msgspec.structs.replace(trace.steps[-1], output_state=state))
    assert investigate(msgspec.structs.replace(trace, steps=steps)) is not None


def test_every_weight_is_of_a_sign_and_every_sign_has_a_weight() -> None:
    assert set(WEIGHTS) == {*CLAUSES, "late"}
