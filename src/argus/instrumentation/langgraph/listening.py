"""Who listens to what happens inside a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from argus.instrumentation.langgraph.events import StepListener
from argus.instrumentation.langgraph.functional import TaskListener
from argus.instrumentation.langgraph.running import TaskFrame

__all__ = ["listen"]


def listen(frame: TaskFrame, config: Any) -> None:
    """Has the model and tool calls of a step recorded.

    The callback manager is the one that LangGraph made for this step alone. A listener inherited from an outer step
    gives way, so that a call is recorded once, with the innermost step.

    Args:
        frame: The step.
        config: The configuration that the node's own code gets.
    """
    manager = config.get("callbacks") if config else None
    if manager is None or not hasattr(manager, "inheritable_handlers"):
        return
    listener = TaskListener(frame) if frame.node.functional else StepListener(frame)
    manager.handlers = [*_others(manager.handlers), listener]
    manager.inheritable_handlers = [*_others(manager.inheritable_handlers), listener]


def _others(handlers: Sequence[Any]) -> list[Any]:
    return [one for one in handlers if not isinstance(one, StepListener)]
