"""What the server counts is what is counted one by one."""

from datetime import timedelta

import pytest

from argus.model.detection import Detection
from argus.model.trace import TokenUsage
from argus.storage.base import BaseStore, TraceQuery
from argus.storage.locate import open_store
from argus.testing.builders import CREATED_AT, ran
from argus.testing.full_trace import full_trace, hostile_trace, small_trace


@pytest.fixture
def store(url):
    store = open_store(url)
    yield store
    store.close()


def made():
    for number in range(40):
        usage = TokenUsage(input_tokens=number, output_tokens=2, total_tokens=number + 2) if number % 3 else None
        steps = tuple(
            ran(node, duration_ms=float(number * 7 % 40 + rank), outcome="error" if number % 9 == rank else "ok",
                token_usage=usage)
            for rank, node in enumerate(("plan", "act")[: number % 2 + 1])
        )  # fmt: skip
        found = tuple(
            Detection(layer=layer, severity=severity, message=f"{code} {number}", step_id="s", code=code,
                      suppressed="known" if number == 8 else None)
            for code, layer, severity in (("STR401", "structural", "critical"), ("", "semantic", "warning"))
        )  # fmt: skip
        yield small_trace(
            number,
            pipeline_name=f"p{number % 3}",
            created_at=CREATED_AT + timedelta(hours=number),
            duration_ms=float(number * 11 % 40),
            steps=steps,
            detections=found if number % 4 == 0 else (),
            status="warning" if number % 4 == 0 else "ok",
        )


@pytest.mark.parametrize(
    "query",
    [
        None,
        TraceQuery(pipeline="p1"),
        TraceQuery(node="act", statuses=("ok",)),
        TraceQuery(codes=("STR*",), since=CREATED_AT + timedelta(hours=5)),
        TraceQuery(node="no such node"),
    ],
)
def test_the_server_counts_as_one_counts_by_hand(store, query):
    store.save_many([*made(), full_trace(), hostile_trace()])
    assert store.figures(query) == BaseStore.figures(store, query)


def test_an_empty_store_comes_to_nothing(store):
    assert store.figures() == BaseStore.figures(store)
