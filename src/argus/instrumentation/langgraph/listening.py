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
    manager = config["callbacks"]
    if manager is None:
        return
    listener = TaskListener(frame) if frame.node.functional else StepListener(frame)
    # new lists, for the old ones may be those of an outer manager
    manager.handlers = [*_others(manager.handlers), listener] if manager.handlers else [listener]
    outer = manager.inheritable_handlers
    manager.inheritable_handlers = [*_others(outer), listener] if outer else [listener]


def _others(handlers: Sequence[Any]) -> list[Any]:
    return [one for one in handlers if not isinstance(one, StepListener)]
