"""What any SQL client sees, and how a schema of this store behaves beside others."""

import json
import random
import re
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from argus._internal.clock import SystemClock
from argus.errors import SchemaMismatch, StorageError, StoreCorrupt, StoreUnavailable
from argus.storage.base import TraceQuery
from argus.storage.exact_json import from_json
from argus.storage.locate import open_store
from argus.testing.full_trace import full_trace, hostile_trace, small_trace

PROMISED = {
    "traces": "id, created_at, pipeline_name, status, duration_ms, node_count, detection_count, metadata",
    "trace_steps": (
        "id, trace_id, step_number, node_name, input_state, output_state, duration_ms, timestamp, metadata"
    ),
    "detections": "id, trace_id, step_id, layer, severity, message, details, created_at",
    "forensics": "id, trace_id, root_cause_step, detection_ids, explanation, causal_chain, created_at",
}


PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "postgres.md"
BLOCKS = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def store(url):
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def sql(server, url):
    schema = url.rpartition("%3D")[2]

    def run(statement):
        return server.sql(f"SET search_path = {schema}; {statement}")

    return run


@pytest.mark.parametrize("relation", PROMISED)
def test_the_promised_columns_can_be_selected(relation, store, server, url):
    store.save(full_trace())
    with psycopg.connect(url) as connection:
        assert connection.execute(f"SELECT {PROMISED[relation]} FROM {relation}").fetchall()


def test_the_view_puts_steps_together(store, url):
    items = [{"content": f"{number} " + "x" * 200} for number in range(12)]
    trace = full_trace()
    grown = small_trace(5)
    steps = tuple(
        type(grown.steps[0])(
            id=f"{grown.id}-s{number}",
            step_number=number,
            node_name="grow",
            input_state={"list": items[:number], "one": 1.50},
            output_state={"list": items[: number + 1]},
            state_after={"list": items[: number + 1], "one": 1.50},
            timestamp=grown.created_at,
        )
        for number in range(1, 6)
    )
    grown = replace(grown, steps=steps)
    hostile = hostile_trace()
    store.save_many([trace, grown, hostile])
    with psycopg.connect(url) as connection:
        connection.adapters.register_loader("json", psycopg.types.string.TextLoader)
        connection.execute("SET TIME ZONE 'UTC'")
        for whole in (trace, grown, hostile):
            # found by its place in time, since the hostile one's id is hostile too
            found = connection.execute(
                "SELECT s.id, input_state, output_state, state_after, s.timestamp FROM trace_steps AS s"
                " JOIN traces AS t ON t.id = s.trace_id WHERE t.created_at = %s ORDER BY s.step_number, s.id",
                (whole.created_at,),
            ).fetchall()
            expected = sorted(whole.steps, key=lambda step: step.step_number)
            states = [tuple(map(from_json, row[1:4])) for row in found]
            assert states == [(step.input_state, step.output_state, step.state_after) for step in expected]
            assert [row[4] for row in found] == [step.timestamp for step in expected]
        calls = connection.execute("SELECT kind, given FROM trace_calls WHERE trace_id = %s", (trace.id,)).fetchall()
    tools = [call for step in trace.steps for call in step.tool_calls]
    assert [given and json.loads(given) for kind, given in calls if kind == "tool"] == [
        call.arguments for call in tools
    ]


def test_a_store_that_a_newer_version_wrote_is_refused(store, sql, url):
    store.save(small_trace(1))
    sql("UPDATE argus_layout SET version = 99")
    with pytest.raises(SchemaMismatch, match="upgrade ARGUS"):
        open_store(url)
    sql("UPDATE argus_layout SET version = 1")
    assert open_store(url).get(small_trace(1).id) == small_trace(1)


def test_a_table_of_another_program_is_left_alone(sql, url):
    sql("CREATE TABLE traces (ours text)")
    with pytest.raises(StoreCorrupt, match="search_path%3Dargus"):
        open_store(url)
    assert sql("SELECT count(*) FROM traces") == [(0,)]


def test_text_is_exact_in_a_database_that_cannot_hold_it(server):
    server.sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    with pytest.raises(Exception, match="createdb --encoding UTF8"):
        open_store(server.url(database="latin"))


def test_ids_too_long_for_an_index_are_an_error_that_says_so(store):
    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20_000))
    named = small_trace(2, pipeline_name=long)
    store.save(named)
    assert [row.id for row in store.list().rows] == [named.id]
    with pytest.raises(StorageError, match="longer than an index takes"):
        store.save(small_trace(1, trace_id=long))
    assert [row.id for row in store.list(TraceQuery(pipeline=long)).rows] == [named.id]
    assert store.history(long, None).runs() == 1


def test_the_roles_of_the_page_are_enough(server):
    server.sql("CREATE DATABASE paged")
    owner = open_store(server.url(database="paged"))
    owner.save(small_trace(1))
    (grants,) = [block for block in BLOCKS if "CREATE ROLE argus_writer" in block]
    server.sql(grants, database="paged")
    writer = open_store(server.url(user="argus_writer", database="paged"))
    writer.save(small_trace(2))
    assert writer.delete([small_trace(1).id]) == 1
    reader = open_store(server.url(user="argus_reader", database="paged"))
    assert reader.get(small_trace(2).id) == small_trace(2)
    with pytest.raises(StoreUnavailable, match=r"does not permit this to the role.*how-to/postgres"):
        reader.save(small_trace(3))
    for store in (owner, writer, reader):
        store.close()


def test_the_retention_of_the_page_removes_old_traces_wholly(store, sql):
    store.save_many([full_trace(), small_trace(1), small_trace(2, created_at=SystemClock().now())])
    (delete,) = [block for block in BLOCKS if "DELETE FROM" in block]
    sql(delete)
    assert [row.id for row in store.list().rows] == [small_trace(2).id]
    for table in ("steps", "trace_values", "measurements", "detections", "forensics", "calls"):
        assert sql(f"SELECT count(*) FROM {table} WHERE trace NOT IN (SELECT number FROM traces)") == [(0,)]


def test_the_queries_of_the_page_run(store, sql):
    store.save(full_trace())
    (queries,) = [block for block in BLOCKS if "percentile_cont" in block]
    sql(queries)
