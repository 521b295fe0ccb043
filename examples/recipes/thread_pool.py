"""``concurrent.futures``: threads started inside a block belong to its run.

While several blocks are open at once, a pool's thread cannot know whose call it works on: hand it the context.
"""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from argus import ArgusSession

session = ArgusSession(pipeline_name="thumbnails")


@session.node("shrink")
def shrink(name: str) -> dict:
    return {"name": name, "size": 128}


@session.node("index")
def index(images: list) -> dict:
    return {"count": len(images), "names": sorted(image["name"] for image in images)}


def album(pool: ThreadPoolExecutor, names: list[str]) -> dict:
    with session:
        jobs = [pool.submit(copy_context().run, shrink, name) for name in names]
        return index([job.result() for job in jobs])


with ThreadPoolExecutor(4) as pool, ThreadPoolExecutor(2) as albums:
    wanted = [["sea.png", "sand.png"], ["hill.png", "lake.png", "moon.png"]]
    for done in albums.map(lambda names: album(pool, names), wanted):
        print(done["count"], done["names"])
for trace in sorted(session.traces, key=lambda trace: len(trace.steps)):
    print(trace.status, sorted(step.node_name for step in trace.steps))
