"""The handbook pipeline by itself: right when healthy, wrong in the way described when broken."""

from typing import Any

import pytest
from langgraph.errors import GraphRecursionError

from argus.demo import PIPELINES
from argus.demo.handbook.nodes import WHICH_TOPIC
from argus.demo.handbook.search import HANDBOOK, Index, parse_handbook

HANDBOOK_PIPELINE = PIPELINES["handbook"]

ANSWERS = {
    "annual-leave": ("27 days of annual leave", "Sources: Annual leave (Time off)"),
    "short-yes": ("Yes.\n\n", "Sources: May I bring my dog to the office? (Working here)"),
    "short-no": ("No.\n\n", "Sources: May I smoke on the balcony? (Working here)"),
    "greeting": ("Hello! Ask me anything about the handbook.",),
    "about-failures": ("open an incident in the channel #alarm", "Sources: Reporting an incident"),
    "about-errors": ("Error 429 means that a partner sends more than 60 requests a minute", "Sources: Error codes of"),
    "about-todos": ("A TODO comment in our code names an issue and a person", "Sources: TODO comments"),
    "german": ("28 Tage Urlaub im Jahr", "Quellen: Urlaub (Leitfaden)"),
    "french": ("trois jours par semaine", "Sources: Télétravail (Guide)"),
    "other-words": ("Laptop, keys and badge are handed in on the last day", "Resignation and notice"),
    "two-topics": ("notice period for a resignation is eight weeks", "forklift licence of the warehouse", "Laptop"),
    "not-in-the-handbook": ("Which of these topics", "- Core hours", "The sales team lead knows more."),
    "shouted": ("Hotels are reimbursed up to 140 euros a night.", "Sources: Travel expenses (Money)"),
    "rambling": ("Salaries are paid on the 25th of each month", "Sources: Payday (Money)"),
}


def run(fault: str | None, name: str) -> tuple[dict[str, Any], list[str]]:
    """The final state and the nodes in the order in which they ran."""
    app = HANDBOOK_PIPELINE.build(fault).compile()
    path: list[str] = []
    state: dict[str, Any] = {}
    config: Any = {"recursion_limit": HANDBOOK_PIPELINE.recursion_limit}
    for mode, chunk in app.stream(dict(HANDBOOK_PIPELINE.input(name)), config, stream_mode=["updates", "values"]):
        if mode == "updates":
            path.extend(chunk)
        else:
            state = chunk
    return state, path


def test_every_input_has_an_expected_answer() -> None:
    assert set(ANSWERS) == set(HANDBOOK_PIPELINE.inputs)


@pytest.mark.parametrize("name", ANSWERS)
def test_healthy_pipeline_answers(name: str) -> None:
    state, _ = run(None, name)
    for expected in ANSWERS[name]:
        assert expected in state["answer"]


def test_answers_quote_the_handbook_and_cite_only_evidence() -> None:
    for name in HANDBOOK_PIPELINE.inputs:
        state, path = run(None, name)
        if "draft" not in path:
            continue
        text = " ".join(passage["text"] for passage in HANDBOOK.passages)
        for sentence in state["draft"].split(". "):
            assert sentence.strip(". ") in text
        assert set(state["citations"]) <= {passage["id"] for passage in state["evidence"]}


def test_greeting_skips_the_search() -> None:
    assert run(None, "greeting")[1] == ["understand", "greet", "send"]


def test_refinement_is_bounded() -> None:
    state, path = run(None, "two-topics")
    assert path.count("refine") == 2
    assert state["missing"] == ["return"]


def test_wrong_key_crashes_four_nodes_later() -> None:
    with pytest.raises(KeyError, match="terms"):
        run("wrong-key", "annual-leave")


def test_empty_retrieval_offers_a_choice_of_nothing() -> None:
    state, path = run("empty-retrieval", "annual-leave")
    assert state["passages"] == []
    assert "clarify" in path
    assert "- " not in state["answer"]


def test_question_about_something_else_is_offered_every_section() -> None:
    answer = HANDBOOK_PIPELINE.build().compile().invoke({"question": "Who won the world cup?"})["answer"]
    assert answer.splitlines() == [WHICH_TOPIC["en"], "- Annual leave", "- Core hours", "- Payday"]


def test_off_topic_answers_about_the_warehouse() -> None:
    state, _ = run("off-topic", "annual-leave")
    assert all("warehouse" in passage["text"].lower() for passage in state["evidence"])
    assert "annual leave" not in state["answer"]
    assert "Sources:" in state["answer"]


def test_slow_retrieval_is_right_but_slow() -> None:
    state, _ = run("slow-retrieval", "annual-leave")
    assert ANSWERS["annual-leave"][0] in state["answer"]


def test_lost_section_crashes_at_the_sources() -> None:
    with pytest.raises(KeyError, match="section"):
        run("lost-section", "annual-leave")


def test_none_citations_crash_the_review() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        run("none-citations", "annual-leave")


def test_endless_refinement_runs_into_the_limit() -> None:
    with pytest.raises(GraphRecursionError):
        run("endless-refinement", "two-topics")


def test_search_prefers_the_passage_that_holds_the_rare_word() -> None:
    index = Index(parse_handbook("# S (en)\n## A\ncats and dogs\n## B\ndogs and dogs\n## C\nbirds\n"))
    assert [hit["id"] for hit in index.search("cats dogs", language="en")] == ["a", "b"]
    assert index.search("cats", language="de") == []
    assert index.search("", language="en") == []


def test_search_scores_are_shares_in_order() -> None:
    hits = HANDBOOK.search("annual leave days planner", language="en")
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_handbook_is_whole() -> None:
    assert len(HANDBOOK.passages) >= 25
    assert len({passage["id"] for passage in HANDBOOK.passages}) == len(HANDBOOK.passages)
    assert all(passage["text"] and passage["section"] and passage["language"] for passage in HANDBOOK.passages)
