"""How a task ended, from the exception that left it."""

from __future__ import annotations

import asyncio
import sys

from langgraph.errors import GraphBubbleUp, ParentCommand

from argus.model.trace import Outcome

__all__ = ["outcome_of"]


def outcome_of(error: BaseException) -> Outcome:
    """How a task ended.

    Args:
        error: What left it.
    """
    if isinstance(error, ParentCommand):
        return "parent_command"
    if isinstance(error, GraphBubbleUp):
        return "interrupted"
    if isinstance(error, asyncio.CancelledError):
        return "error" if _raised_by_the_node() else "cancelled"
    return "error" if isinstance(error, Exception) else "cancelled"


def _raised_by_the_node() -> bool:
    """Whether nobody asked for a cancellation: a node that raises ``CancelledError`` itself has failed."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return True
    return sys.version_info >= (3, 11) and task is not None and task.cancelling() == 0
