from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

WHERE = "behavioral/missing_branch"

REVIEWS = [
    {"id": 1, "stars": 4, "text": "sturdy chair"},
    {"id": 2, "stars": 1, "text": "broke at once"},
    {"id": 3, "stars": 5, "text": "love it"},
    {"id": 4, "stars": 3, "text": "as expected"},
]


def shape(score: str = "score", **more: Any) -> Any:
    return graph(
        "reviews:list scored:list+ average:float note:str",
        node("prepare", "reviews", "reviews"),
        node(score, "review", "scored", **more),
        node("tally", "scored", "average"),
        branches={"prepare(reviews)": [score]},
    )


def fan(
    items: list[Any],
    handed_out: list[Any],
    results: list[Any] | None = None,
    score: str = "score",
    asked: int | None = None,
    key: str = "review",
    **more: Any,
) -> Any:
    results = results or [[{"of": n}] for n in range(len(handed_out))]
    return build_trace(
        ran("prepare", {"reviews": items}, metadata={"superstep": 1, "branch": [score] * (asked or len(handed_out))}),
        *(
            ran(
                score,
                {} if result is None else {"scored": result},
                input_state={key: item},
                metadata={"superstep": 2, "kind": "push"},
            )
            for item, result in zip(handed_out, results, strict=True)
        ),
        ran("tally", {"average": 0.5}, metadata={"superstep": 3}),
        input={"reviews": items},
        graph=shape(score, **more),
    )


fires(WHERE, "last_item", "the last item has no branch", fan(REVIEWS, REVIEWS[:3]), "BEH308 warning prepare#1 -")
silent(WHERE, "last_item_mended", "a branch for each", fan(REVIEWS, REVIEWS))
fires(WHERE, "first_item", "the loop starts at one", fan(REVIEWS, REVIEWS[1:]), "BEH308 warning prepare#1 -")
fires(
    WHERE,
    "plain_texts",
    "one of five texts in the middle, in Japanese",
    fan(["雨", "雪", "風", "雲", "霧"], ["雨", "雪", "雲", "霧"]),
    "BEH308 warning prepare#1 -",
)
fires(
    WHERE,
    "left_over_from_a_trial",
    "only the first three of nine",
    fan(
        [{"url": f"https://example.org/{n}"} for n in range(9)], [{"url": f"https://example.org/{n}"} for n in range(3)]
    ),
    "BEH308 warning prepare#1 -",
)
fires(
    WHERE,
    "asked_and_not_run",
    "four were sent, three ran",
    fan(REVIEWS, REVIEWS[:3], asked=4),
    "BEH308 critical prepare#1 -",
)
fires(
    WHERE,
    "nothing_from_one",
    "one branch returned nothing",
    fan(REVIEWS, REVIEWS, [[1], None, [1], [1]]),
    "BEH308 warning score#3 scored",
)
fires(
    WHERE,
    "an_empty_list_from_one",
    "one branch returned an empty list",
    fan(REVIEWS, REVIEWS, [[1], [1], [1], []]),
    "BEH308 warning score#5 scored",
)
fires(
    WHERE,
    "its_source_may",
    "the source has a way to return nothing",
    fan(REVIEWS, REVIEWS, [[1], None, [1], [1]], returns=["", "scored"]),
    "BEH308 info score#3 scored",
)

silent(
    WHERE,
    "a_flag_explains_it",
    "what is done already gets no branch",
    fan([{"id": n, "done": n == 2} for n in range(4)], [{"id": n, "done": False} for n in (0, 1, 3)]),
)
silent(
    WHERE,
    "a_category_explains_it",
    "spam gets no branch",
    fan(
        [{"id": n, "kind": "spam" if n == 4 else "mail"} for n in range(5)],
        [{"id": n, "kind": "mail"} for n in range(4)],
    ),
)
silent(
    WHERE,
    "a_number_explains_it",
    "what costs nothing gets no branch",
    fan([{"id": n, "price": n * 3.5} for n in range(4)], [{"id": n, "price": n * 3.5} for n in (1, 2, 3)]),
)
silent(WHERE, "a_blank_item", "an empty text gets no branch", fan(["a b", "", "c d", "e f"], ["a b", "c d", "e f"]))
silent(WHERE, "doubles", "doubles are looked at once", fan(["a b", "a b", "c d"], ["a b", "c d"]))
fires(
    WHERE,
    "last_of_some_doubles",
    "a name stands twice, and the last one has no branch",
    fan(["ann", "bob", "ann", "cid"], ["ann", "bob", "ann"]),
    "BEH308 warning prepare#1 -",
)
silent(WHERE, "another_source", "the branches are made from something else", fan(REVIEWS, ["page 1", "page 2"]))
silent(
    WHERE,
    "searches_find_or_not",
    "each branch finds as much as there is",
    fan(REVIEWS, REVIEWS, [[1, 2], [], [1], [1, 2, 3]]),
)
silent(WHERE, "most_are_quiet", "few branches have anything to report", fan(REVIEWS, REVIEWS, [[1], None, None, None]))
silent(
    WHERE,
    "says_why",
    "the branch without a result says why",
    build_trace(
        *(
            ran(
                "score",
                {"scored": [n]} if n else {"scored": [], "error": "no text"},
                metadata={"superstep": 2, "kind": "push"},
            )
            for n in range(4)
        ),
        input={"reviews": REVIEWS},
        graph=graph("reviews:list scored:list+ error:str", node("score", "review", "scored error")),
    ),
)
silent(WHERE, "two_branches", "of two branches one has nothing", fan(REVIEWS[:2], REVIEWS[:2], [[1], []]))
