"""Finds the cosine that stands for 0.7 on the normalised scale, and prints the curve it follows from.

    python bench/semantic_calibration.py

``bench/data/relevance.jsonl`` holds questions in several languages, each with the passage that answers it, by domain. A
search that hit is a question with its own passage and up to two more of its domain; a search that missed is a question
with up to three passages of one other domain in the same language. A search is called off topic when the closest of its
passages lies below the cut. A good cut keeps the hits and finds the misses; the best one maximises the mean of both
shares, hits counting ten times: healthy searches are far more frequent, and a false alarm costs more than a miss. It is
chosen on the English searches; the other languages show why the detector is more careful there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from argus.detectors.semantic.similarity import shared_words
from argus.judges.embedding import RELEVANCE_CUT, StaticEmbedder

DATA = Path(__file__).parent / "data" / "relevance.jsonl"
WEIGHT_OF_HITS = 10
SHARED = 0.25
PASSAGES = 3
CUTS = np.arange(0.04, 0.25, 0.005)


def searches(pairs: list[dict[str, str]], closeness: Any) -> Iterator[tuple[str, bool, float]]:
    """Language, whether it hit, and the closeness of the closest passage."""
    domains: dict[tuple[str, str], list[int]] = {}
    for number, pair in enumerate(pairs):
        domains.setdefault((pair["lang"], pair["domain"]), []).append(number)
    for number, pair in enumerate(pairs):
        for (language, domain), members in domains.items():
            if language != pair["lang"]:
                continue
            hit = domain == pair["domain"]
            chosen = [number, *(one for one in members if one != number)] if hit else members
            yield language, hit, max(closeness[number][one] for one in chosen[:PASSAGES])


def main() -> int:
    pairs = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    embedder = StaticEmbedder()
    cosines = embedder.embed([one["query"] for one in pairs]) @ embedder.embed([one["document"] for one in pairs]).T
    words = np.array([[shared_words(a["query"], b["document"]) for b in pairs] for a in pairs])
    found = list(searches(pairs, np.where(words >= SHARED, 1.0, cosines)))

    def shares(cut: float, *, english: bool) -> tuple[float, float]:
        rows = [(hit, score) for language, hit, score in found if (language == "en") == english]
        kept = np.mean([score >= cut for hit, score in rows if hit])
        away = np.mean([score < cut for hit, score in rows if not hit])
        return float(kept), float(away)

    hits = sum(hit for _, hit, _ in found)
    print(f"{hits} searches that hit, {len(found) - hits} that missed, {len({one[0] for one in found})} languages\n")
    print("               English                       other languages")
    print("  cut    hits kept  misses found         hits kept  misses found")
    best = (0.0, 0.0)
    for cut in CUTS:
        (kept, away), (kept_others, away_others) = shares(cut, english=True), shares(cut, english=False)
        score = (WEIGHT_OF_HITS * kept + away) / (WEIGHT_OF_HITS + 1)
        best = max(best, (score, -float(cut)))
        print(f" {cut:6.3f} {kept:11.1%} {away:13.1%} {kept_others:17.1%} {away_others:13.1%}")
    print(f"\nbest cut {-best[1]:.3f} (score {best[0]:.3f}); in use: RELEVANCE_CUT = {RELEVANCE_CUT}")
    return 0 if abs(-best[1] - RELEVANCE_CUT) < 0.0025 else 1


if __name__ == "__main__":
    sys.exit(main())
