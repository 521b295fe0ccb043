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
    manager.handlers = _with(listener, manager.handlers)
    manager.inheritable_handlers = _with(listener, manager.inheritable_handlers)


def _with(listener: StepListener, handlers: Sequence[Any]) -> list[Any]:
    return [*(one for one in handlers if not isinstance(one, StepListener)), listener] if handlers else [listener]
