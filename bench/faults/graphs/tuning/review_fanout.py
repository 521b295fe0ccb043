"""Fan-out: every review is scored in a branch of its own, a reducer gathers the scores."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from argus.testing.faults import SkippedStep

NAME = "review_fanout"

GOOD = {"great", "love", "excellent", "perfect", "happy", "good", "sturdy", "super", "toll", "recommend", "nice"}
BAD = {"broke", "bad", "awful", "failed", "error", "slow", "refund", "returned", "never", "kaputt", "noisy", "leaks"}


class Review(TypedDict):
    id: str
    stars: int
    text: str


class Scored(TypedDict):
    id: str
    score: float
    label: str
    quote: str


class ReviewState(TypedDict):
    product: str
    reviews: list[Review]
    scored: Annotated[list[Scored], operator.add]
    average: float
    complaints: list[str]
    verdict: str
    headline: str


class ReviewTask(TypedDict):
    review: Review


def prepare(state: ReviewState) -> dict[str, Any]:
    return {"reviews": [{**review, "text": " ".join(review["text"].split())} for review in state["reviews"]]}


def one_branch_per_review(state: ReviewState) -> list[Send] | str:
    return [Send("score_review", {"review": review}) for review in state["reviews"]] or "nothing"


def score_review(task: ReviewTask) -> dict[str, Any]:
    pause(0.012)
    review = task["review"]
    words = {word.strip(".,!?;:").lower() for word in review["text"].split()}
    mood = len(words & GOOD) - len(words & BAD)
    score = max(0.0, min(1.0, review["stars"] / 5 + 0.05 * mood))
    label = "positive" if score >= 0.6 else "negative" if score <= 0.4 else "mixed"
    return {"scored": [{"id": review["id"], "score": round(score, 2), "label": label, "quote": review["text"][:80]}]}


def tally(state: ReviewState) -> dict[str, Any]:
    scores = [item["score"] for item in state["scored"]]
    complaints = [item["quote"] for item in state["scored"] if item["label"] == "negative"]
    return {"average": round(sum(scores) / len(scores), 3), "complaints": complaints}


def conclude(state: ReviewState) -> dict[str, Any]:
    average, count = state["average"], len(state["scored"])
    mood = "well liked" if average >= 0.6 else "disappointing" if average <= 0.4 else "judged differently"
    verdict = [f"The {state['product']} is {mood}: {count} reviews average {average:.2f} on a scale from 0 to 1."]
    if state["complaints"]:
        verdict.append(f"{len(state['complaints'])} buyers complain, for example: “{state['complaints'][0]}”")
    else:
        verdict.append("Nobody complains.")
    return {"verdict": " ".join(verdict), "headline": f"{state['product']}: {mood}"}


def nothing(state: ReviewState) -> dict[str, Any]:
    return {"verdict": f"No reviews found for the {state['product']}.", "headline": "No reviews"}


def build(patch: Patch) -> Any:
    graph = StateGraph(ReviewState)
    for function in (prepare, score_review, tally, conclude, nothing):
        graph.add_node(function)
    graph.add_edge(START, "prepare")
    graph.add_conditional_edges("prepare", one_branch_per_review, ["score_review", "nothing"])
    graph.add_edge("score_review", "tally")
    graph.add_edge("tally", "conclude")
    graph.add_edge("conclude", END)
    graph.add_edge("nothing", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def branches_from_the_second(state: ReviewState) -> list[Send] | str:
    """the loop over reviews starts at one, so the first review is never scored"""
    places = range(1, len(state["reviews"]))
    return [Send("score_review", {"review": state["reviews"][at]}) for at in places] or "nothing"


def branches_of_three(state: ReviewState) -> list[Send] | str:
    """only the first three reviews are looked at, left over from a trial"""
    return [Send("score_review", {"review": review}) for review in state["reviews"][:3]] or "nothing"


def score_review_skips_short(task: ReviewTask) -> dict[str, Any] | None:
    """score_review gives up on short texts and returns nothing for them."""
    review = task["review"]
    if len(review["text"]) < 45:
        return None
    return score_review(task)


def score_review_bare_dict(task: ReviewTask) -> dict[str, Any]:
    """score_review returns the record itself; the reducer wants a list."""
    return {"scored": [*score_review(task)["scored"][0]]}


def score_review_with_rating(task: ReviewTask) -> dict[str, Any]:
    """score_review calls the score `rating`."""
    item = score_review(task)["scored"][0]
    return {"scored": [{"id": item["id"], "rating": item["score"], "label": item["label"], "quote": item["quote"]}]}


def score_review_in_stars(task: ReviewTask) -> dict[str, Any]:
    """score_review forgets to divide the stars by five."""
    item = score_review(task)["scored"][0]
    return {"scored": [{**item, "score": float(task["review"]["stars"])}]}


def tally_as_text(state: ReviewState) -> dict[str, Any]:
    """tally formats the average too early."""
    scores = [item["score"] for item in state["scored"]]
    return {"average": f"{sum(scores) / len(scores):.2f}", "complaints": []}


def tally_sorts_to_none(state: ReviewState) -> dict[str, Any]:
    """tally keeps what list.sort() returns for the complaints."""
    scores = [item["score"] for item in state["scored"]]
    complaints = [item["quote"] for item in state["scored"] if item["label"] == "negative"]
    return {"average": round(sum(scores) / len(scores), 3), "complaints": complaints.sort()}


def prepare_drops_texts(state: ReviewState) -> dict[str, Any]:
    """prepare copies the reviews by hand and forgets their text."""
    return {"reviews": [{"id": review["id"], "stars": review["stars"]} for review in state["reviews"]]}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _reviews(product: str, *reviews: tuple[int, str]) -> dict[str, Any]:
    listed = [{"id": f"r{at}", "stars": stars, "text": text} for at, (stars, text) in enumerate(reviews, start=1)]
    return {"product": product, "reviews": listed}


INPUTS = (
    Healthy(
        name="kettle",
        input=_reviews(
            "kettle",
            (5, "I love it, boils fast and looks great."),
            (4, "Good kettle, a little heavy when it is full."),
            (2, "The lid broke after a month of normal use."),
        ),
    ),
    Healthy(
        name="lamp",
        input=_reviews(
            "desk lamp",
            (4, "Nice warm light, easy to put together."),
            (5, "Perfect for reading at night."),
            (3, "It does its job but the cable is short."),
            (4, "Good value for the money, I recommend it."),
        ),
    ),
    Healthy(
        name="chair",
        input=_reviews(
            "office chair",
            (1, "Awful, the back failed in the second week."),
            (2, "The wheels are noisy and one of them broke."),
            (3, "Comfortable at first, soft after a while."),
        ),
    ),
    Healthy(
        name="tent",
        input=_reviews(
            "tent",
            (5, "Stayed dry in three days of heavy rain."),
            (4, "Sturdy poles, quick to pitch even alone."),
            (2, "It leaks at the seams where the floor begins."),
            (5, "Excellent tent for the price."),
            (3, "Heavier than the description says."),
        ),
    ),
    Healthy(
        name="radio",
        input=_reviews(
            "radio",
            (3, "The sound is good, the menu is not."),
            (4, "Happy with it, finds all the stations I want."),
            (4, "Small, light and good enough for the kitchen."),
        ),
    ),
    Healthy(name="none", input=_reviews("garden hose"), why="an honest empty list"),
    Healthy(
        name="single",
        input=_reviews(
            "ladder",
            (4, "Good and sturdy, no complaints at all."),
        ),
        why="a fan-out with one branch",
    ),
    Healthy(
        name="all-happy",
        input=_reviews(
            "blanket",
            (5, "Perfect for cold nights, I love it."),
            (5, "Excellent, warm and not too heavy."),
            (4, "Good blanket, washes well."),
            (5, "My cat and I are happy with it."),
        ),
        why="complaints are legitimately empty",
    ),
    Healthy(
        name="errors",
        input=_reviews(
            "printer",
            (1, "Error 500 on the display, then it failed for good."),
            (2, "Always says 'connection refused', I sent it back."),
            (1, "Exception handling must be a foreign word for them."),
            (3, "Prints fine once it works."),
        ),
        why="reviews about errors and failures",
    ),
    Healthy(name="yes", input=_reviews("pen", (5, "yes"), (4, "ok"), (5, "👍")), why="very short texts"),
    Healthy(
        name="zero",
        input=_reviews(
            "umbrella",
            (0, "Broke, returned, never again."),
            (1, "Bad and slow to open, it failed in the first wind."),
            (1, "It broke at once and the refund never came."),
        ),
        why="scores of zero",
    ),
    Healthy(
        name="german",
        input=_reviews(
            "Staubsauger",
            (5, "Super leise und saugt toll, sehr zufrieden."),
            (2, "Nach zwei Monaten kaputt, Fehler E12 im Display."),
            (4, "Leicht und handlich, der Beutel ist etwas klein."),
        ),
        why="another language",
    ),
    Healthy(
        name="same",
        input=_reviews("mug", (4, "Nice mug."), (4, "Nice mug."), (4, "Nice mug."), (4, "Nice mug.")),
        why="four people wrote the same",
    ),
    Healthy(
        name="many",
        input=_reviews(
            "backpack",
            *[
                (3 + at % 3, f"Used it for {at + 2} months, {('good', 'nice', 'great')[at % 3]} pockets and straps.")
                for at in range(9)
            ],
        ),
        why="nine branches",
    ),
    Healthy(
        name="scale",
        input=_reviews(
            "kitchen scale",
            (4, "Good and exact, the display is easy to read."),
            (5, "Love the flat design, fits in the drawer."),
            (2, "Turns itself off too fast, that is bad."),
            (4, "Nice scale, battery was included."),
        ),
    ),
)

PLAN = Plan(NAME, "tuning", on=["kettle", "lamp", "chair", "tent", "radio", "scale"])
PLAN.each(TEXT, "conclude", "verdict")
PLAN.each(("placeholder", "refusal"), "conclude", "headline")
PLAN.each(
    ("placeholder", "exception_text", "http_error_body", "mojibake"), "score_review", "scored.0.quote", calls=(1,)
)
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "wrong_type", "poisoned_value"), "score_review", "scored.0.score"
)
PLAN.each(("missing_value", "unparsed_text"), "score_review", "scored.0.score", calls=(2,))
PLAN.each(("power_of_ten", "sign_flip"), "score_review", "scored.0.score", calls=(2,))
PLAN.add("missing_branch", "prepare", times=3)
PLAN.add("missing_result", "score_review", times=3)
PLAN.add("crash", "score_review", calls=(2,), times=2)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output"), "prepare", "reviews")
PLAN.each(("dropped_field", "renamed_key", "missing_value"), "prepare", "reviews.*.stars")
PLAN.each(NUMBER, "tally", "average")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "tally", "complaints", on="chair")
PLAN.add("fewer_items", "prepare", "reviews", on="tent")
PLAN.add("slow_node", "score_review", calls=(2,))
PLAN.add("slow_node", "score_review")
PLAN.each(("foreign_value", "foreign_meaning", "foreign_type"), "tally", "reviews")
PLAN.each(("foreign_meaning", "foreign_value"), "conclude", "average")
PLAN.add(SkippedStep(target="nothing"), "prepare", on="lamp")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "conclude", "verdict")
PLAN.add("contradiction", "conclude", "verdict", times=2)
PLAN.add("stale_result", "conclude", on="lamp", warm_up="chair")
PLAN.add("no_update", "tally")
PLAN.add("no_update", "conclude")

PLAN.variant("missing_branch", "prepare", branches_from_the_second, place="branch")
PLAN.variant("missing_branch", "prepare", branches_of_three, place="branch", on="tent")
PLAN.variant("missing_result", "score_review", score_review_skips_short, on="lamp")
PLAN.variant("wrong_type", "score_review", score_review_bare_dict, symptom="tally")
PLAN.variant("renamed_key", "score_review", score_review_with_rating, symptom="tally")
PLAN.variant("unit_error", "score_review", score_review_in_stars)
PLAN.variant("wrong_type", "tally", tally_as_text, symptom="conclude")
PLAN.variant("missing_value", "tally", tally_sorts_to_none)
PLAN.variant("dropped_field", "prepare", prepare_drops_texts, symptom="score_review")

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="Send fan-out with a reducer", build=build, inputs=INPUTS, faults=PLAN.cases
)
