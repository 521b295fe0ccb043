"""A replay as a JSON document."""

from __future__ import annotations

from typing import Any

from argus.replay.result import ReplayResult

__all__ = ["document_of"]


def document_of(result: ReplayResult) -> dict[str, Any]:
    """What a replay came to, without the new run itself, which is in the store.

    Args:
        result: The replay.
    """
    return {
        "verdict": result.verdict,
        "sentence": result.sentence,
        "replay_of": result.replay_of,
        "trace_id": result.trace.id,
        "from_step": result.from_step,
        "from_node": result.from_node,
        "status": result.trace.status,
        "changes": result.changes,
        "steps": result.steps,
        "remaining": result.remaining,
        "gone": result.gone,
        "warnings": result.warnings,
        "comparison": result.comparison,
    }
