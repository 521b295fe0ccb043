"""Every version of a field: who wrote it, from what, who read it, and how that is known."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

import msgspec

from argus.dataflow.field_life import field_life
from argus.dataflow.known_fields import fields_of_run, near_fields
from argus.dataflow.life_records import FieldLife
from argus.model.codec import decode, encode
from argus.model.trace import Trace
from argus.model.values import mark
from argus.testing.builders import build_graph, build_trace, ran


def told(life: FieldLife) -> list[tuple[str, int | None, str | None]]:
    return [(one.kind, one.version, one.place.node_name if one.place else None) for one in life.events]


def chain(**changes: object) -> Trace:
    graph = build_graph(
        ["find", "rank", "send"],
        state={"query": str, "found": list, "best": dict},
        reads={"find": ["query"], "rank": ["found"], "send": ["best.title", "missing"]},
        writes={"find": ["found"], "rank": ["best"], "send": []},
    )
    return build_trace(
        ran("find", {"found": [{"title": "A long title"}]}),
        ran("rank", {"best": {"title": "A long title", "score": 2}}),
        ran("send", error=KeyError("missing")),
        input={"query": "which title?"},
        graph=graph,
        **changes,
    )


def test_a_version_names_writer_source_and_reader():
    life = field_life(chain(), "best")
    (event,) = life.events
    assert told(life) == [("wrote", 1, "rank")]
    (source,) = event.sources
    assert (source.path, source.how, source.origin, source.turns_up) == ("found", "source", "step", True)
    assert source.place.node_name == "find"
    assert [(one.place.node_name, one.path, one.how) for one in event.readers] == [("send", "best.title", "source")]
    assert life.declared == "dict"


def test_what_the_caller_gave_is_version_zero():
    life = field_life(chain(), "query")
    assert told(life) == [("given", 0, None)]
    assert [one.place.node_name for one in life.events[0].readers] == ["find"]


def test_a_field_that_nobody_wrote_is_known_by_who_looked_for_it():
    life = field_life(chain(), "missing")
    assert life.known
    assert life.events == ()
    assert [(one.place.node_name, one.how, one.absent) for one in life.unwritten] == [("send", "error", True)]


def test_a_declared_field_that_nothing_touched_is_known():
    graph = build_graph(["a"], state={"x": int, "spare": int})
    assert field_life(build_trace(ran("a", {"x": 1}), graph=graph), "spare").known


def test_an_unknown_field_is_unknown_and_its_neighbours_are_offered():
    assert not field_life(chain(), "bset").known
    assert near_fields(chain(), "bset") == ("best",)
    assert not field_life(chain(), "best.titel").known
    assert near_fields(chain(), "best.titel") == ("best.title",)
    assert near_fields(chain(), "zzzzzz") == ()
    assert set(fields_of_run(chain())) == {"query", "found", "best", "missing"}
    assert near_fields(build_trace(), "x") == ()


def test_losses_stand_between_the_versions():
    graph = build_graph(["a", "b", "c"], state={"x": int}, writes={"a": ["x"], "b": ["x"], "c": ["x"]})
    trace = build_trace(ran("a", {"x": 5}), ran("b", {}), ran("c", {"y": 1, "x": 6}), graph=graph)
    steps = (*trace.steps[:2], msgspec.structs.replace(trace.steps[2], metadata={"dropped": ["y"], "writes": ["x"]}))
    trace = msgspec.structs.replace(trace, steps=steps)
    assert told(field_life(trace, "x")) == [("wrote", 1, "a"), ("omitted", None, "b"), ("wrote", 2, "c")]
    life = field_life(trace, "y")
    assert told(life) == [("dropped", None, "c")]
    assert life.events[0].value == 1


def test_rounds_are_versions_of_their_own():
    graph = build_graph(["count"], state={"n": int}, reads={"count": ["n"]}, writes={"count": ["n"]})
    trace = build_trace(*[ran("count", {"n": n}) for n in (7, 8, 9)], input={"n": 6}, graph=graph)
    life = field_life(trace, "n")
    assert [(one.place.round, one.place.rounds) for one in life.events[1:]] == [(1, 3), (2, 3), (3, 3)]
    assert [[reader.place.step_number for reader in one.readers] for one in life.events] == [[1], [2], [3], []]
    for earlier, later in pairwise(life.events[1:]):
        assert later.sources[0].place.step_id == earlier.place.step_id


def test_a_nested_path_has_the_versions_that_changed_it():
    trace = build_trace(
        ran("a", {"order": {"total": 1, "note": "n"}}),
        ran("b", {"order": {"total": 1, "note": "m"}}),
        ran("c", {"order": {"total": 2}}),
    )
    assert told(field_life(trace, "order.total")) == [("wrote", 1, "a"), ("echoed", 2, "b"), ("wrote", 3, "c")]
    assert told(field_life(trace, "order.note")) == [("wrote", 1, "a"), ("wrote", 2, "b")]


def test_items_of_a_list_without_a_reducer_keep_their_first_writer():
    one, two = {"role": "user", "content": "the question"}, {"role": "assistant", "content": "the answer"}
    trace = build_trace(ran("a", {"messages": [one]}), ran("b", {"messages": [one, two]}))
    life = field_life(trace, "messages")
    assert [(item.position, item.place.node_name) for item in life.items] == [(0, "a"), (1, "b")]


def test_a_common_item_is_nobody_s_when_two_may_have_added_it():
    trace = build_trace(ran("a", {"log": [1]}), ran("b", {"log": [1, "no"]}))
    assert [item.origin for item in field_life(trace, "log").items] == ["unknown", "step"]


def test_states_that_were_not_kept_say_nothing_untrue():
    trace = build_trace(ran("a"), ran("b"))
    bare = msgspec.structs.replace(
        trace, steps=tuple(msgspec.structs.replace(step, state_after={}) for step in trace.steps)
    )
    assert not field_life(bare, "x").known


def test_replaced_values_are_versions_like_others():
    cut = "x" * 30 + "⟦cut length=90 xxh3=" + "0" * 32 + "⟧"
    trace = build_trace(ran("a", {"x": mark("skipped")}), ran("b", {"x": "[REDACTED]"}), ran("c", {"x": cut}))
    assert [one.value for one in field_life(trace, "x").events] == [mark("skipped"), "[REDACTED]", cut]


def test_strange_paths_do_no_harm():
    trace = build_trace(ran("a", {"a.b": 1, "": 2, "x": [[1]]}))
    assert told(field_life(trace, "a.b")) == [("wrote", 1, "a")]
    assert told(field_life(trace, "x[0][0]")) == [("wrote", 1, "a")]
    for path in ("..", "[", "]", "x[", "x[99999999999]", "\ud800", "x" * 100_000, "a.b.c"):
        assert isinstance(field_life(trace, path), FieldLife)
        near_fields(trace, path)


def test_it_is_stored_and_read_again():
    life = field_life(chain(), "best")
    assert decode(encode(life), FieldLife) == life


def test_it_is_linear_in_the_run():
    def took(length: int) -> float:
        graph = build_graph(["a"], state={"n": int}, reads={"a": ["n"]}, writes={"a": ["n"]})
        trace = build_trace(*[ran("a", {"n": number}) for number in range(length)], input={"n": 0}, graph=graph)
        best = float("inf")
        for _ in range(3):
            begun = process_time()
            field_life(trace, "n")
            best = min(best, process_time() - begun)
        return best

    assert took(4_000) < 12 * took(1_000) + 0.05


def test_branches_count_as_they_were_sent_whichever_thread_began_first():
    def sent(place: int) -> dict[str, object]:
        return {"kind": "push", "superstep": 2, "sent": place}

    trace = build_trace(
        ran("fan", {"pieces": ["a", "b", "c"]}, metadata={"kind": "pull", "superstep": 1}),
        ran("work", {"part": "C"}, metadata=sent(2)),
        ran("work", {"part": "A"}, metadata=sent(0)),
        ran("work", {"part": "B"}, metadata=sent(1)),
    )
    made = field_life(trace, "part").events
    assert {event.place.branch: event.value for event in made} == {1: "A", 2: "B", 3: "C"}
