"""Finds the cosine that stands for 0.7 on the normalised scale, and writes the curve it follows from.

    python bench/semantic_calibration.py            # prints the page, fails when the best cut is not the one in use
    python bench/semantic_calibration.py --write    # writes docs/explanation/similarity.md
    python bench/semantic_calibration.py --embedder package.module:attribute    # the cut of an embedder of your own

``bench/data/relevance.jsonl`` holds questions in several languages, each with the passage that answers it,
by domain. A
search that hit is a question with its own passage and up to two more of its domain; a search that missed
is a question
with up to three passages of one other domain in the same language. A search is called off topic when the
closest of its
passages lies below the cut. A good cut keeps the hits and finds the misses; the best one maximises the mean of both
shares, hits counting ten times: healthy searches are far more frequent, and a false alarm costs more than
a miss. It is
chosen on the English searches; the other languages show why the detector is more careful there.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from argus.config.settings import SemanticSettings
from argus.detectors.semantic.letter_groups import shared_groups
from argus.detectors.semantic.similarity import CALIBRATED, FLOOR, shared_words
from argus.judges.embedders import chosen_embedder
from argus.judges.embedding import RELEVANCE_CUT, StaticEmbedder

ROOT = Path(__file__).parents[1]
DATA = ROOT / "bench" / "data" / "relevance.jsonl"
PAGE = ROOT / "docs" / "explanation" / "similarity.md"
WEIGHT_OF_HITS = 10
SHARED = 0.25
PASSAGES = 3
STEP = 0.005
HIGHEST = 0.95


class Search(NamedTuple):
    """A question and the passages that came back.

    Attributes:
        language: Of both.
        hit: Whether its own passage is among them.
        cosine: Of the closest passage; 1 where a quarter of the question's content words is in it.
        letters: The largest share of the question's letter groups that a passage has.
    """

    language: str
    hit: bool
    cosine: float
    letters: float


def read_pairs() -> list[dict[str, str]]:
    """The calibration set."""
    return [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines() if line]


def searches(pairs: Sequence[dict[str, str]], cosines: Any) -> Iterator[Search]:
    """Every question with passages of its own and of each other domain."""
    domains: dict[tuple[str, str], list[int]] = {}
    for number, pair in enumerate(pairs):
        domains.setdefault((pair["lang"], pair["domain"]), []).append(number)
    for number, pair in enumerate(pairs):
        for (language, domain), members in domains.items():
            if language != pair["lang"]:
                continue
            hit = domain == pair["domain"]
            chosen = ([number, *(one for one in members if one != number)] if hit else members)[:PASSAGES]
            texts = [pairs[one]["document"] for one in chosen]
            known = any(shared_words(pair["query"], text) >= SHARED for text in texts)
            best = 1.0 if known else max(float(cosines[number][one]) for one in chosen)
            yield Search(language, hit, best, shared_groups([pair["query"]], texts))


def measured(pairs: Sequence[dict[str, str]], embedder: Any) -> list[Search]:
    """The searches as an embedder sees them."""
    queries = np.asarray(embedder.embed([one["query"] for one in pairs]))
    documents = np.asarray(embedder.embed([one["document"] for one in pairs]))
    return list(searches(pairs, queries @ documents.T))


def shares(found: Iterable[Search], cut: float) -> tuple[float, float]:
    """The share of hits that are kept and of misses that are found."""
    rows = list(found)
    return (
        float(np.mean([one.cosine >= cut for one in rows if one.hit])),
        float(np.mean([one.cosine < cut for one in rows if not one.hit])),
    )


def best_cut(found: Sequence[Search]) -> float:
    """The cut with the best weighted share, the lowest of several."""
    english = [one for one in found if one.language == "en"]

    def score(cut: float) -> float:
        kept, away = shares(english, cut)
        return (WEIGHT_OF_HITS * kept + away) / (WEIGHT_OF_HITS + 1)

    cuts = np.arange(0.02, HIGHEST, STEP)
    return round(float(max(cuts, key=lambda cut: (round(score(float(cut)), 9), -float(cut)))), 3)


def page(pairs: Sequence[dict[str, str]], found: Sequence[Search]) -> str:
    """The documentation page."""
    cut = best_cut(found)
    english = [one for one in found if one.language == "en"]
    calibrated = [one for one in found if one.language in CALIBRATED and one.language != "en"]
    others = [one for one in found if one.language not in CALIBRATED]
    rows = []
    for one in np.arange(0.04, 0.205, 0.01):
        columns = [shares(group, float(one)) for group in (english, calibrated)]
        cells = " | ".join(f"{kept:.0%} | {away:.0%}" for kept, away in columns)
        rows.append(f"| {one:.2f} | {cells} |")
    careful = [one for one in calibrated if one.cosine < 0.75 * cut and one.letters <= 0.05]
    wordless = [one for one in others if one.letters == 0]
    return _wrapped(f"""# The similarity scale

<!-- made by bench/semantic_calibration.py --write -->

`detection.semantic.similarity_threshold` is **{FLOOR:g}** by default. It is no cosine: every embedder has
a scale of its
own, so cosines are put on one scale from 0 to 1, on which {FLOOR:g} is the place that best parts unrelated texts from
related ones. A cosine of 0 or less is 0, the embedder's *cut* is {FLOOR:g}, 0.6 and more is 1, and between
them the scale
is straight. Where a quarter of a question's content words come back in a text, the two count as related whatever the
vectors say.

## What it may say

The built-in vectors are a mean of word vectors. They tell *off topic* from *on topic*. They cannot tell a
right answer
from a wrong one about the same thing, and no detector claims that they do. Of a text longer than 4,000 characters an
evenly spread sample is read, of a run with more than 200 text fields 200 evenly spread ones; a finding says so
(`details.sampled`).

## The calibration set

{len(pairs)} questions with the passage that answers each, in {len({one["lang"] for one in pairs})} languages and
{len({(one["lang"], one["domain"]) for one in pairs})} domains (`bench/data/relevance.jsonl`):
{sum(one.hit for one in found)} searches that hit, {sum(not one.hit for one in found)} that missed. A cut
is as good as
the share of hits that it keeps, ten times, and the share of misses that it finds.

The best cut of the built-in embedder is a cosine of **{cut:.3f}**.

## The curve

Share of hits kept and of misses found, by the cosine at which the scale would be cut:

| cosine | English: hits kept | misses found | {", ".join(CALIBRATED[1:])}: hits kept | misses found |
|---|---|---|---|---|
{chr(10).join(rows)}

## Other languages

In {len(CALIBRATED) - 1} more languages the vectors tell less, as the curve shows. There a search is off
topic only when it
brought at least two documents, all stay below 0.75 of the threshold, and none has more than a twentieth of
the question's
groups of three letters: {sum(not one.hit for one in careful)} of {sum(not one.hit for one in calibrated)}
misses found,
{sum(one.hit for one in careful)} of {sum(one.hit for one in calibrated)} hits lost.

In all others ({", ".join(sorted({one.language for one in others}))} in the set) the vectors are not asked.
Documents that
share no letter group with the question, or no character in Chinese, Japanese and Korean, are off topic:
{sum(not one.hit for one in wordless)} of {sum(not one.hit for one in others)} misses found,
{sum(one.hit for one in wordless)} of {sum(one.hit for one in others)} hits lost. Without characters of
that kind it is
said as an info only: the same rule would lose
{sum(one.hit and one.letters == 0 for one in english)} of {sum(one.hit for one in english)} English hits.

## An embedder of your own

```yaml
detection:
  semantic:
    embedder: acme.vectors:Embedder        # or http://localhost:8080/v1
    embedder_cut: 0.31                     # the cosine that stands for {FLOOR:g}
```

`python bench/semantic_calibration.py --embedder acme.vectors:Embedder` finds its cut. When it fails,
answers too late or
returns what is no table of finite numbers, the built-in vectors stand in with their own cut; the trace says so in
`metadata.embedder_error`.

## Reproduce it

`python bench/semantic_calibration.py` prints this page and fails when the best cut is not the one in use.
""")


def _wrapped(text: str) -> str:
    """The paragraphs of a page filled to one width; headings, tables and code stay as they are."""
    blocks = text.split("\n\n")
    plain = [block[:1].isalnum() or block.startswith(("`d", "`p")) for block in blocks]
    return (
        "\n\n".join(
            textwrap.fill(" ".join(block.split()), 118, break_long_words=False, break_on_hyphens=False)
            if prose
            else block
            for block, prose in zip(blocks, plain, strict=True)
        ).rstrip()
        + "\n"
    )


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the page")
    parser.add_argument("--embedder", help="package.module:attribute or the address of a server")
    options = parser.parse_args(given)
    pairs = read_pairs()
    if options.embedder:
        own = chosen_embedder(SemanticSettings(embedder=options.embedder, embedder_timeout_s=60.0))
        found = measured(pairs, own or StaticEmbedder())
        cut = best_cut(found)
        kept, away = shares([one for one in found if one.language == "en"], cut)
        print(f"embedder_cut: {cut:.3f}   # English: {kept:.0%} of hits kept, {away:.0%} of misses found")
        return 1 if getattr(own, "failures", 0) else 0
    found = measured(pairs, StaticEmbedder())
    text = page(pairs, found)
    if options.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
    print(f"best cut {best_cut(found):.3f}; in use: RELEVANCE_CUT = {RELEVANCE_CUT}", file=sys.stderr)
    return 0 if abs(best_cut(found) - RELEVANCE_CUT) < STEP / 2 else 1


if __name__ == "__main__":
    raise SystemExit(main())
