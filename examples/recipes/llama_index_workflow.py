"""LlamaIndex workflows: put ``session.node`` under ``@step``; the workflow still sees the function it knows."""

import asyncio

from workflows import Workflow, step
from workflows.events import Event, StartEvent, StopEvent

from argus import ArgusSession

session = ArgusSession(pipeline_name="headlines")


class Drafted(Event):
    text: str


class Headlines(Workflow):
    @step
    @session.node("draft")
    async def draft(self, event: StartEvent) -> Drafted:
        return Drafted(text=f"{event.topic}: what we know")

    @step
    @session.node("polish")
    async def polish(self, event: Drafted) -> StopEvent:
        return StopEvent(result=event.text.capitalize())


async def main() -> None:
    async with session:
        print(await Headlines().run(topic="tides"))
    print(session.trace.status, [step.node_name for step in session.trace.steps])


asyncio.run(main())
