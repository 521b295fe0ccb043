"""Pydantic AI: wrap the agent's tools and the call of the agent; tool calls become steps inside the agent's step.

The model here is the offline one that the library ships for tests: it calls every tool once.
"""

from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel

from argus import ArgusSession

session = ArgusSession(pipeline_name="travel-agent")


@session.node("fare")
def fare(city: str) -> dict:
    """The fare to a city.

    Args:
        city: Where to.
    """
    return {"city": city, "euro": 89}


agent = Agent(TestModel(custom_output_text="The train costs 89 EUR."), tools=[fare])


@session.node("agent")
def ask(question: str) -> dict:
    return {"answer": agent.run_sync(question).output}


with session:
    print(ask("What does the train to Ghent cost?")["answer"])
trace = session.trace
agent_step, fare_step = trace.steps
print(trace.status, [step.node_name for step in trace.steps], fare_step.parent_id == agent_step.id)
