"""Who takes which part in a conversation: who asks, who hands out work, who does it, what only answers as a tool."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from argus.model.trace import Trace, TraceStep

__all__ = ["Talk", "Turn", "is_conversation"]

_FORM: Final = "conversation"
_TOOL_OUTPUT = re.compile(r"\s*(?:exit ?code|code output|there is no code from the last)\b", re.IGNORECASE)
_TOOL_TYPES: Final = frozenset({"tool", "function", "ipython", "observation"})
_ASKING_TYPES: Final = frozenset({"human"})
_CODE: Final = "```"


def is_conversation(trace: Trace) -> bool:
    """Whether a run is a log of messages, one a step, of which nothing else was recorded.

    Args:
        trace: The run.
    """
    return trace.graph is None and trace.metadata.get("form") == _FORM


@dataclass(frozen=True)
class Turn:
    """One message.

    Attributes:
        step: Its step.
        content: What was said.
        kind: The type or role that it was sent under.
        to: Whom it was said to, if recorded.
    """

    step: TraceStep
    content: str
    kind: str
    to: str | None

    @property
    def agent(self) -> str:
        """Who said it."""
        return self.step.node_name

    @property
    def is_output(self) -> bool:
        """Whether it is what a tool gave back."""
        return self.kind in _TOOL_TYPES or _TOOL_OUTPUT.match(self.content) is not None

    @property
    def has_code(self) -> bool:
        """Whether it holds a block of code to be run."""
        return not self.is_output and _CODE in self.content


class Talk:
    """A conversation, its turns in order.

    Args:
        trace: A run for which :func:`is_conversation` holds.
    """

    def __init__(self, trace: Trace) -> None:
        self.turns = tuple(_turn(step) for step in trace.steps)
        asked = trace.input.get("question") if isinstance(trace.input, dict) else None
        self.question = asked if isinstance(asked, str) else ""

    @cached_property
    def tools(self) -> frozenset[str]:
        """Those who never say anything but what a tool gave back."""
        speaking = {turn.agent for turn in self.turns if not turn.is_output}
        return frozenset(turn.agent for turn in self.turns) - speaking

    @cached_property
    def askers(self) -> frozenset[str]:
        """Those who put the question."""
        return frozenset(turn.agent for turn in self.turns if turn.kind in _ASKING_TYPES)

    @cached_property
    def coordinators(self) -> frozenset[str]:
        """Those who hand out work to others."""
        return frozenset(turn.agent for turn in self.turns if turn.to is not None) - self.askers - self.tools

    @cached_property
    def working(self) -> tuple[int, ...]:
        """The places of the turns of those who do the work that others hand out; empty where nobody does."""
        if not self.coordinators:
            return ()
        others = self.askers | self.tools | self.coordinators
        return tuple(place for place, turn in enumerate(self.turns) if turn.agent not in others)

    def may_be_blamed(self, place: int) -> bool:
        """Whether a turn is one of those that can be wrong: neither the question nor a tool's answer.

        Args:
            place: Its place, from 0.
        """
        return self.turns[place].agent not in self.askers | self.tools


def _turn(step: TraceStep) -> Turn:
    messages = step.output_state.get("messages")
    message = messages[-1] if isinstance(messages, list) and messages else None
    said = message if isinstance(message, dict) else {}
    content, kind, to = said.get("content"), said.get("type"), said.get("to")
    return Turn(
        step=step,
        content=content if isinstance(content, str) else "",
        kind=kind if isinstance(kind, str) else "",
        to=to if isinstance(to, str) else None,
    )
