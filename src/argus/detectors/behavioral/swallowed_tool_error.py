"""A failed tool call that nobody mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import is_blank
from argus.detectors.excerpts import excerpt
from argus.detectors.run_index import RunIndex
from argus.detectors.talk import Call, calls_of, is_answer, messages_in, text_of
from argus.detectors.wording import admits_failure, explains, texts_in
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep

__all__ = ["SwallowedToolError"]

_WORDS: Final = re.compile(r"[^\W\d_]{5,}|\w*\d\w{2,}")
_QUOTED: Final = 2
"""Rare words of an error that an answer must repeat to pass for talking about it."""


class SwallowedToolError(BaseDetector):
    """A tool call failed, and the answer that followed speaks as if nothing had happened.

    Finds:
        A final answer of an assistant after a failed tool call that was neither repeated with success nor made up for
        by another tool; a step that caught its tool's error and returned nothing.

    Why it matters:
        The answer is made up: what it claims to have looked up or done was never looked up or done.

    How it decides:
        The last tool call before an answer failed (exception, or a tool message with status ``error`` or
        with a JSON object whose ``ok`` or ``success`` is false), no call between
        it and the answer succeeded, and the answer neither admits a failure (in a dozen languages), nor asks back, nor
        repeats two rare words of the error: warning. A step without messages whose tool failed and whose whole update
        is blank, without a field that says why: warning; the same with a filled update is a fallback and passes.

    When it is wrong:
        When the tool was a nicety that the answer does not need.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        LangGraph's ``ToolNode`` turns exceptions into messages with status ``error``.
    """

    code = "BEH310"
    name = "swallowed_tool_error"
    layer = "behavioral"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds failures that nobody mentions.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        findings: list[Detection] = []
        for steps in index.scopes.values():
            findings += self._in_talk(steps)
        findings += (
            self._finding(step, failed, "returned nothing", None)
            for step in trace.steps
            if step.outcome == "ok" and (failed := _caught(step)) is not None
        )
        return findings

    def _in_talk(self, steps: Sequence[TraceStep]) -> Iterator[Detection]:
        failed: list[Call] = []
        for step in steps:
            for call in calls_of(step):
                failed = [*failed, call] if call.failed else []
            for message in messages_in(step):
                if failed and is_answer(message):
                    text = text_of(message)
                    if not admits_failure([text]) and not _talks_about(text, failed):
                        yield self._finding(step, failed[-1], "answered as if nothing had happened", text)
                    failed = []

    def _finding(self, step: TraceStep, failed: Call, what: str, answer: str | None) -> Detection:
        said = Evidence(step_id=failed.step.id, note=f"`{failed.tool}` failed", value=excerpt(failed.said))
        shown = (Evidence(step_id=step.id, note="what was answered", value=excerpt(answer)),) if answer else ()
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` {what} after the tool `{failed.tool}` had failed",
            step_id=step.id,
            details={"tool": failed.tool},
            confidence=0.8,
            evidence=(said, *shown),
        )


def _talks_about(answer: str, failed: Sequence[Call]) -> bool:
    said = {word.lower() for word in _WORDS.findall(answer[:5_000])}
    return any(len({word.lower() for word in _WORDS.findall(call.said[:2_000])} & said) >= _QUOTED for call in failed)


def _caught(step: TraceStep) -> Call | None:
    """The failed call of a step that swallowed it and has nothing to show; None when there is no such call."""
    if not step.tool_calls or not all(is_blank(value) for value in step.output_state.values()):
        return None
    calls = calls_of(step)
    if not calls or not calls[-1].failed or any(explains(name, value) for name, value in step.output_state.items()):
        return None
    return None if admits_failure(texts_in(step.output_state)) else calls[-1]
