"""asyncio task groups (Python 3.11 and newer): tasks inherit the block they were started in."""

import asyncio

from argus import ArgusSession

session = ArgusSession(pipeline_name="weather")


@session.node("fetch")
async def fetch(city: str) -> dict:
    await asyncio.sleep(0.01)
    return {"city": city, "degrees": len(city)}


@session.node("compare")
async def compare(readings: list) -> dict:
    warmest = max(readings, key=lambda reading: reading["degrees"])
    return {"warmest": warmest["city"]}


async def warmest_of(*cities: str) -> str:
    async with session:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(fetch(city)) for city in cities]
        return (await compare([task.result() for task in tasks]))["warmest"]


async def main() -> None:
    print(await asyncio.gather(warmest_of("Rome", "Reykjavik"), warmest_of("Oslo", "Lisbon", "Bern")))


asyncio.run(main())
for trace in sorted(session.traces, key=lambda trace: len(trace.steps)):
    print(trace.status, sorted(step.node_name for step in trace.steps))
