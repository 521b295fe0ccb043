"""What the chunks of a stream tell about its run; they pass through unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from argus._internal.guard import Guard
from argus.recording.run import UNSET

__all__ = ["ChunkReader", "Sight"]

_guard = Guard("langgraph.chunk")

_INTERRUPT: Final = "__interrupt__"
_METADATA: Final = "__metadata__"


class Sight(NamedTuple):
    """What one chunk tells.

    Attributes:
        interrupts: What ``interrupt()`` was called with, or None when the chunk tells of no interruption.
        cached: The updates of nodes that were answered from the cache, by node.
    """

    interrupts: tuple[Any, ...] | None = None
    cached: Mapping[str, Any] | None = None


class ChunkReader:
    """Reads the chunks of one call, whose shape depends on how it was made.

    Args:
        stream_mode: As passed by the caller, or the graph's own.
        subgraphs: Whether chunks of inner graphs are asked for.
        version: LangGraph's version of the chunk format.

    Attributes:
        useful: Whether there is anything to read.
        last_values: The latest whole state that was streamed, or ``UNSET``.
    """

    def __init__(self, stream_mode: Any, subgraphs: bool, version: str) -> None:
        self._typed = version == "v2"
        self._named = isinstance(stream_mode, list)  # LangGraph leaves the modes out for every other sequence
        self._single = stream_mode if isinstance(stream_mode, str) else None
        self._subgraphs = subgraphs
        self._as_invoke = self._named and not self._typed and not subgraphs
        self.useful = self._typed or self._named or self._single in ("updates", "values")
        self.last_values: Any = UNSET

    def read(self, chunk: Any) -> Sight | None:
        """What a chunk tells, or None if nothing. Never raises.

        Args:
            chunk: As streamed to the caller.
        """
        try:
            if self._as_invoke:  # the shape behind every ``invoke``, worth a short way
                mode, payload = chunk
                if type(payload) is dict and _INTERRUPT not in payload:
                    if mode == "values":
                        self.last_values = payload
                        return None
                    if mode == "updates" and _METADATA not in payload:
                        return None
            return self._read(chunk)
        except Exception as error:  # noqa: BLE001 - ours: the chunk passes on unread
            _guard.absorb(error)
            return None

    def _read(self, chunk: Any) -> Sight | None:
        if self._typed and chunk.get("interrupts"):
            return Sight(interrupts=tuple(chunk["interrupts"])) if not chunk.get("ns") else None
        mode, payload = self._opened(chunk)
        if mode == "values":
            if isinstance(payload, dict) and _INTERRUPT in payload:
                return Sight(interrupts=tuple(payload[_INTERRUPT]))
            self.last_values = payload
            return None
        if mode != "updates" or not isinstance(payload, dict):
            return None
        if _INTERRUPT in payload:
            return Sight(interrupts=tuple(payload[_INTERRUPT]))
        if _METADATA in payload and payload[_METADATA].get("cached"):
            return Sight(cached={node: update for node, update in payload.items() if node != _METADATA})
        return None

    def _opened(self, chunk: Any) -> tuple[Any, Any]:
        """Mode and payload of a chunk of the graph itself; those of inner graphs are their own calls' business."""
        if self._typed:
            return (None, None) if chunk.get("ns") else (chunk.get("type"), chunk.get("data"))
        if self._subgraphs and chunk[0]:
            return None, None
        if self._named:
            return chunk[-2], chunk[-1]
        return self._single, chunk[1] if self._subgraphs else chunk
