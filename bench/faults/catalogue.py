"""All graphs of the matrix."""

from __future__ import annotations

import importlib
from functools import lru_cache

from bench.faults.records import MatrixGraph, Part

NAMES: dict[Part, tuple[str, ...]] = {
    "tuning": (
        "etl_chain",
        "essay_loop",
        "review_fanout",
        "claims_subgraph",
        "newsroom_supervisor",
        "shop_agent",
        "manual_rag",
        "support_chat",
        "polyglot_tickets",
        "loan_pydantic",
        "orders",
        "digest_functional",
        "warehouse_dict",
        "triage_nested",
        "tramites_agent",
        "swim_meet",
        "tariff_async",
        "bauhof_planner",
        "tender_futures",
    ),
    "held-back": (
        "lab_dataclass",
        "book_mapreduce",
        "recipe_lambdas",
        "statute_rag",
        "travel_agent",
        "translation_loop",
        "inspection_sends",
    ),
}


@lru_cache(maxsize=1)
def graphs() -> dict[str, MatrixGraph]:
    """Every graph by name, the tuning ones first."""
    found = {}
    for part, names in NAMES.items():
        for name in names:
            module = importlib.import_module(f"bench.faults.graphs.{part.replace('-', '_')}.{name}")
            found[name] = module.GRAPH
    return found


def chosen(part: str = "all", names: tuple[str, ...] = ()) -> list[MatrixGraph]:
    """The graphs of a part (`tuning`, `held-back`, `all`), or of these names only."""
    return [graph for graph in graphs().values() if part in ("all", graph.part) and (not names or graph.name in names)]
