from __future__ import annotations

from scenarios.kit import build_trace, earlier, fires, ran, silent

WHERE = "statistical/output_length"

SENTENCE = "The kitchen table is made of oak, which wants oil twice a year and no wet cloth. "


def wrote(length: int, *, question: str = "Tell me about the table", node: str = "write") -> object:
    text = (SENTENCE * (length // len(SENTENCE) + 1))[: length - 1] + "."
    return build_trace(ran(node, {"article": text}), input={"question": question})


USUAL = earlier(*(wrote(length) for length in (480, 520, 430, 610, 555, 470, 505, 590, 450, 530)))
FEW = USUAL[:5]

fires(WHERE, "tenth", "a tenth of what it always was", wrote(48), "STA102 warning write#1 article", earlier=USUAL)
silent(WHERE, "tenth_mended", "a little shorter than ever", wrote(400), earlier=USUAL)
fires(WHERE, "flood", "twenty times what it always was", wrote(11_000), "STA102 warning write#1 article", earlier=USUAL)
fires(
    WHERE,
    "five_runs",
    "five runs are enough for a twentieth",
    wrote(20),
    "STA102 warning write#1 article",
    earlier=FEW,
)
silent(WHERE, "four_runs", "four runs are not", wrote(20), earlier=FEW[:4])
fires(
    WHERE,
    "update_as_a_whole",
    "only the length of updates is known",
    wrote(20),
    "STA102 warning write#1 -",
    history={"output_length": {"write": [480.0, 520.0, 430.0, 610.0, 555.0, 470.0, 505.0, 590.0]}},
)
silent(WHERE, "no_history", "the first run", wrote(48))
silent(
    WHERE,
    "metric_left_out",
    "the metric is not compared",
    wrote(48),
    earlier=USUAL,
    settings={"statistical": {"metrics": ["execution_time"]}},
)
silent(
    WHERE,
    "threshold_raised",
    "the same under a wider threshold",
    wrote(48),
    earlier=USUAL,
    settings={"statistical": {"z_threshold": 40.0}},
)
silent(
    WHERE,
    "two_regimes",
    "short and long answers took turns before",
    wrote(45),
    earlier=earlier(*(wrote(length) for length in (480, 60, 510, 55, 620, 48, 540, 52))),
)
silent(
    WHERE,
    "long_question",
    "a question as unusual as the answer",
    wrote(11_000, question="Tell me about the table. " * 40),
    earlier=USUAL,
)
silent(
    WHERE,
    "copied",
    "a text that the caller wrote",
    build_trace(ran("write", {"article": "Table. Oak."}), input={"question": "Repeat this: Table. Oak."}),
    earlier=USUAL,
)
silent(
    WHERE,
    "fetched",
    "what is fetched is as long as it is",
    wrote(45, node="fetch_page"),
    earlier=earlier(*(wrote(length, node="fetch_page") for length in (480, 520, 430, 610, 555, 470, 505, 590))),
)
silent(WHERE, "empty", "an empty text is another matter", build_trace(ran("write", {"article": ""})), earlier=USUAL)
