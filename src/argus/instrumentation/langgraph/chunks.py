"""What the chunks of a stream tell about its run; they pass through unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

__all__ = ["ChunkReader", "Sight"]

_INTERRUPT: Final = "__interrupt__"
_METADATA: Final = "__metadata__"


class Sight(NamedTuple):
    """What one chunk tells.

    Attributes:
        interrupts: What ``interrupt()`` was called with, or None when the chunk tells of no interruption.
        cached: The updates of nodes that were answered from the cache, by node.
        values: The whole state, in a one-item tuple; empty when the chunk does not hold it.
    """

    interrupts: tuple[Any, ...] | None = None
    cached: Mapping[str, Any] | None = None
    values: tuple[Any, ...] = ()


class ChunkReader:
    """Reads the chunks of one call, whose shape depends on how it was made.

    Args:
        stream_mode: As passed by the caller, or the graph's own.
        subgraphs: Whether chunks of inner graphs are asked for.
        version: LangGraph's version of the chunk format.
    """

    def __init__(self, stream_mode: Any, subgraphs: bool, version: str) -> None:
        self._single = stream_mode if isinstance(stream_mode, str) else None
        self._modes = (stream_mode,) if isinstance(stream_mode, str) else tuple(stream_mode)
        self._subgraphs = subgraphs
        self._typed = version == "v2"
        self.useful = "updates" in self._modes or "values" in self._modes

    def read(self, chunk: Any) -> Sight | None:
        """What a chunk tells, or None if nothing.

        Args:
            chunk: As streamed to the caller.
        """
        mode, payload = self._opened(chunk)
        if mode == "values":
            if isinstance(payload, Mapping) and _INTERRUPT in payload:
                return Sight(interrupts=tuple(payload[_INTERRUPT]))
            return Sight(values=(payload,))
        if mode != "updates" or not isinstance(payload, Mapping):
            return None
        if _INTERRUPT in payload:
            return Sight(interrupts=tuple(payload[_INTERRUPT]))
        about = payload.get(_METADATA)
        if isinstance(about, Mapping) and about.get("cached"):
            return Sight(cached={node: update for node, update in payload.items() if node != _METADATA})
        return None

    def _opened(self, chunk: Any) -> tuple[Any, Any]:
        """Mode and payload of a chunk of the graph itself; those of inner graphs are their own calls' business."""
        if self._typed:
            own = isinstance(chunk, Mapping) and not chunk.get("ns")
            return (chunk.get("type"), chunk.get("data")) if own else (None, None)
        if self._subgraphs:
            if chunk[0]:
                return None, None
            return (self._single, chunk[1]) if self._single else (chunk[1], chunk[2])
        return (self._single, chunk) if self._single else (chunk[0], chunk[1])
