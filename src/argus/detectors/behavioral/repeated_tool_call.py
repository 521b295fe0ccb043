"""The same tool call over and over."""

from __future__ import annotations

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.talk import Call, calls_of
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["RepeatedToolCall"]

_TIMES = 3


class RepeatedToolCall(BaseDetector):
    """A tool was called with the same arguments again and again, and answered the same each time.

    Finds:
        Three or more identical calls in a row, in different steps or within one.

    Why it matters:
        An agent that asks the same again has not understood the answer. It pays for every round, and often never ends.

    How it decides:
        Calls count as identical when tool, arguments and result are equal (ids aside); a call that failed the same way
        each time counts too. Any other call in between ends the row, and so does a different answer: a tool that is
        polled until it is ready is none. Branches of one superstep are not compared. Calls whose arguments or results
        were not recorded are not compared either. Warning from the third call on.

    When it is wrong:
        For tools without arguments that act each time and always answer the same, such as ``next_page``.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        ``BEH303``: the same for whole loops.
    """

    code = "BEH311"
    name = "repeated_tool_call"
    layer = "behavioral"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds repeated calls.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        findings: list[Detection] = []
        for steps in index.scopes.values():
            row: list[Call] = []
            for step in steps:
                for call in calls_of(step):
                    if row and _identical(row[-1], call):
                        beside = row[-1].step is not step and index.moment(row[-1].step) == index.moment(step)
                        row += [] if beside else [call]
                        continue
                    polled = bool(row) and _asks_the_same(row[-1], call)
                    findings += [] if polled else self._findings(row)
                    row = [call]
            findings += self._findings(row)
        return findings

    def _findings(self, row: list[Call]) -> list[Detection]:
        if len(row) < _TIMES:
            return []
        call = row[_TIMES - 1]
        same = "failed the same way" if call.failed else "answered the same"
        return [
            Detection(
                layer=self.layer,
                code=self.code,
                severity="warning",
                message=f"the tool `{call.tool}` was asked the same {len(row)} times in a row and {same} each time",
                step_id=call.step.id,
                details={"tool": call.tool, "times": len(row), "failed": call.failed},
                confidence=0.9,
                evidence=tuple(Evidence(step_id=one.step.id, note=f"called `{one.tool}`") for one in row[:5]),
            )
        ]


def _asks_the_same(one: Call, other: Call) -> bool:
    return one.tool == other.tool and one.arguments is not None and one.arguments == other.arguments


def _identical(one: Call, other: Call) -> bool:
    if not _asks_the_same(one, other) or one.failed != other.failed:
        return False
    return one.said == other.said if one.failed else one.result is not None and one.result == other.result
