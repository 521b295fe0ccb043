"""One run: its page, its steps, its values."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import get
from litestar.params import Parameter

from argus.model.trace import Trace, TraceStep
from argus.server.desk import Desk
from argus.server.known_runs import KnownRun
from argus.server.problem_answers import Refused
from argus.server.resources.values import RecordedValue
from argus.server.routes.parameters import StepNumber, TraceId
from argus.server.value_answers import recorded_value
from argus.views.run_page import RunPage, run_page
from argus.views.run_row import RunRow, run_row
from argus.views.step_columns import StepColumns, step_columns
from argus.views.step_page import StepPage, step_page

__all__ = ["row_of", "run_routes", "step_of"]

_SHORT_ID = 8


def run_routes(desk: Desk) -> list[Any]:
    """The routes.

    Args:
        desk: What they work with.
    """

    @get("/traces/{trace_id:str}", sync_to_thread=True, operation_id="get_trace", tags=["runs"])
    def get_trace(trace_id: TraceId) -> RunPage:
        """One run without its values: verdict, chain, suspects, findings, graph. Works while it is being recorded."""
        run = desk.runs.get(trace_id)
        whole = run.trace.id
        commands = desk.commands(
            ("show", ("trace", whole)),
            ("changes", ("trace", whole, "--diff")),
            ("fix", ("fix", whole)),
            ("report", ("report", whole)),
            *((("compare", ("diff", run.usual.last_good.id, whole)),) if run.usual.last_good else ()),
        )
        return run.once(
            "page",
            lambda: run_page(run.trace, row_of(run), run.usual, rule_names=desk.rule_names, commands=commands),
        )

    @get("/traces/{trace_id:str}/steps", sync_to_thread=True, operation_id="list_steps", tags=["runs"])
    def list_steps(trace_id: TraceId) -> StepColumns:
        """All steps of a run as columns, without values."""
        run = desk.runs.get(trace_id)
        return run.once("columns", lambda: step_columns(run.trace, run.usual, running=run.running))

    @get("/traces/{trace_id:str}/steps/{number:int}", sync_to_thread=True, operation_id="get_step", tags=["runs"])
    def get_step(trace_id: TraceId, number: StepNumber) -> StepPage:
        """One step: what it changed, its fields as previews, calls, error, findings."""
        run = desk.runs.get(trace_id)
        step = step_of(run.trace, number)
        words = ("trace", run.trace.id, "--step", str(number))
        commands = desk.commands(("show", words), ("changes", (*words, "--diff")))
        return step_page(run.trace, step, run.usual, rule_names=desk.rule_names, commands=commands, running=run.running)

    @get(
        "/traces/{trace_id:str}/steps/{number:int}/value", sync_to_thread=True, operation_id="get_value", tags=["runs"]
    )
    def get_value(
        trace_id: TraceId,
        number: StepNumber,
        side: Annotated[
            Literal["input", "output", "state", "before", "tools", "llm"],
            Parameter(
                description="What the step was given; its own update; the state afterwards; the same as input; "
                "tool calls (`path=0.arguments`); model calls (`path=0.messages`)."
            ),
        ] = "state",
        path: Annotated[
            str, Parameter(max_length=4000, description="A field or dotted path, such as `order.items[0].total`.")
        ] = "",
        full: Annotated[bool, Parameter(description="All of it, however large; else the first 50 KB.")] = False,
    ) -> RecordedValue:
        """A recorded value; a large one is cut to its beginning unless all of it is asked for."""
        run = desk.runs.get(trace_id)
        return recorded_value(run.trace, step_of(run.trace, number), side, path, full=full)

    return [get_trace, list_steps, get_step, get_value]


def row_of(run: KnownRun) -> RunRow:
    """A run at hand as a row.

    Args:
        run: The run.
    """
    return run_row(run.trace, short_id=run.trace.id[:_SHORT_ID], running=run.running)


def step_of(trace: Trace, number: int) -> TraceStep:
    """A step by its number.

    Args:
        trace: The run.
        number: From 1.

    Raises:
        Refused: There is none.
    """
    if number <= len(trace.steps) and trace.steps[number - 1].step_number == number:
        return trace.steps[number - 1]
    found = next((step for step in trace.steps if step.step_number == number), None)
    if found is None:
        last = max((step.step_number for step in trace.steps), default=0)
        known = f"this run has steps 1 to {last}" if last else "this run has no steps"
        raise Refused(404, f"There is no step {number}; {known}.")
    return found
