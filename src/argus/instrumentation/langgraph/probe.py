"""Whether the installed LangGraph still has the inner parts that the task hook builds on."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

__all__ = ["missing_parts"]


@functools.lru_cache(maxsize=1)
def missing_parts() -> tuple[str, ...]:
    """What is not as expected, in a few words each; empty when everything is."""
    return tuple(name for name, holds in _EXPECTED.items() if not _safely(holds))


def _safely(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except Exception:  # noqa: BLE001 - a part that is gone can fail in any way
        return False


def _sequences() -> bool:
    from langgraph._internal._runnable import RunnableSeq

    return {"invoke", "ainvoke", "stream", "astream"} <= vars(RunnableSeq).keys()


def _nodes() -> bool:
    from langgraph.pregel._read import PregelNode

    parts: Any = PregelNode
    return isinstance(parts.node, functools.cached_property) and hasattr(parts, "flat_writers")


def _live_state() -> bool:
    from langgraph._internal._scratchpad import PregelScratchpad
    from langgraph.pregel._algo import PregelTaskWrites, local_read

    given = tuple(inspect.signature(local_read).parameters)[:4]
    return (
        given == ("scratchpad", "channels", "managed", "task")
        and {"path", "name", "writes", "triggers"} <= set(PregelTaskWrites._fields)
        and "step" in PregelScratchpad.__dataclass_fields__
    )


def _keys() -> bool:
    from langgraph._internal import _constants as keys

    return (
        keys.CONFIG_KEY_READ == "__pregel_read"
        and keys.CONFIG_KEY_TASK_ID == "__pregel_task_id"
        and keys.CONFIG_KEY_CHECKPOINT_NS == "checkpoint_ns"
        and keys.PUSH == "__pregel_push"
        and keys.TASKS == "__pregel_tasks"
    )


def _channels() -> bool:
    from langgraph._internal._typing import MISSING
    from langgraph.channels.binop import BinaryOperatorAggregate
    from langgraph.channels.last_value import LastValue

    fresh: Any = LastValue(int)
    held = fresh.value is MISSING and not fresh.is_available()
    return held and "value" in BinaryOperatorAggregate.__slots__


_EXPECTED: Final[dict[str, Callable[[], bool]]] = {
    "sequences of node and writers": _sequences,
    "cached runnables of nodes": _nodes,
    "the live state handed to tasks": _live_state,
    "names of configuration keys": _keys,
    "values held in channels": _channels,
}
