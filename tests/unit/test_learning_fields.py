"""What one run after another says of the fields of a node."""

import pytest

from argus.learning.bounds import FIELDS, NODES, RELATIONS, TERMS
from argus.learning.merging import merge
from argus.learning.profiling import profile_of, profile_of_many
from argus.learning.teaching import is_lesson
from argus.learning.walking import KEYS, visits
from argus.learning.wordings import format_of, shape_of, summarised
from argus.model.profile import CHOICES, Profile
from argus.model.values import cut_marker, mark
from argus.testing.builders import build_trace, ran


def run(number, *updates, node="work", **changes):
    return build_trace(*(ran(node, update) for update in updates), trace_id=f"{number:016x}", **changes)


def runs(updates):
    return profile_of_many(run(number, update) for number, update in enumerate(updates))


def test_presence_is_counted_against_what_could_have_been_there():
    updates = [{"a": 1, "o": {"x": 1}}, {"a": 2, "o": None}, {"a": 3, "b": 1, "o": {"x": 2}}, {}]
    node = runs(updates).node("work")
    assert (node.runs, node.executions, node.silent) == (4, 4, 1)
    assert node.is_always_present("a")
    assert not node.is_always_present("b")
    assert node.is_always_present("o.x")
    assert (node.fields["b"].present, node.opportunities("b")) == (1, 3)
    assert node.fields["o"].types == {"dict": 2, "null": 1}


def test_items_of_lists_are_counted_together():
    node = runs([{"items": [{"id": "a1", "n": 1}, {"id": "a2"}]}, {"items": []}]).node("work")
    assert node.fields["items"].sizes.maximum == 2
    assert node.fields["items"].blank == 1
    assert node.fields["items[].id"].present == 2
    assert node.is_always_present("items[].id")
    assert not node.is_always_present("items[].n")


def test_executions_within_a_run_are_its_width():
    node = profile_of_many([run(1, {"a": 1}), run(2, {"a": 1}, {"a": 2}, {"a": 3})]).node("work")
    assert (node.runs, node.executions, node.width.minimum, node.width.maximum) == (2, 4, 1, 3)
    assert node.fields["a"].runs == 2


def test_steps_that_failed_say_nothing():
    trace = build_trace(ran("work", {"a": 1}, outcome="error"), ran("work", {"a": "x"}, attempt=2))
    assert profile_of(trace).field("work", "a").types == {"str": 1}


def test_inner_nodes_have_a_place_of_their_own():
    trace = build_trace(ran("outer", {"a": 1}), trace_id="00000000000000b1")
    inner = ran("work", {"a": "x"}, parent_id=trace.steps[0].id)
    profile = profile_of(build_trace(*trace.steps, inner, ran("work", {"a": 2}), trace_id="00000000000000b1"))
    assert set(profile.nodes) == {"outer", "outer/work", "work"}
    assert profile.field("outer/work", "a").types == {"str": 1}


def test_a_few_texts_are_choices_and_many_are_not():
    few = runs([{"state": ("open", "closed")[number % 2]} for number in range(10)])
    assert few.field("work", "state").choices == ("closed", "open")
    many = runs([{"state": f"s{number}"} for number in range(CHOICES + 1)])
    assert many.field("work", "state").values is None
    assert many.field("work", "state").choices is None


def test_texts_that_others_did_not_repeat_are_no_choices():
    profile = runs(
        [{"state": ("open", "closed")[number % 2]} for number in range(6)] + [{"state": "x"}, {"state": "y"}]
    )
    assert profile.field("work", "state").choices is None


def test_a_history_that_is_tiny_has_no_choices():
    assert runs([{"state": "open"}] * 3).field("work", "state").choices is None


def test_addresses_of_people_are_never_kept():
    field = runs([{"to": "ann@example.org"}] * 12).field("work", "to")
    assert field.formats == {"email": 12}
    assert field.values is None


def test_redacted_texts_are_not_looked_into():
    field = runs([{"key": "[REDACTED:api_key]"}] * 3).field("work", "key")
    assert field.types == {"redacted": 3}
    assert not field.values
    assert field.lengths is None


def test_cut_texts_count_with_their_whole_length():
    field = runs([{"page": "x" * 50 + cut_marker(90_000, "0" * 32)}]).field("work", "page")
    assert field.lengths.maximum == 90_000


def test_items_left_out_at_capture_count():
    field = runs([{"rows": [1, 2, mark("more", count=98)]}]).field("work", "rows")
    assert field.sizes.maximum == 100


def test_shapes_are_spelled_while_they_are_few():
    spelled = runs([{"id": f"AB-{number:04}"} for number in range(12)]).field("work", "id")
    assert spelled.shapes == {"AA-9999": 12}
    assert spelled.spelled
    lengths = runs([{"id": "A" * number + "-7"} for number in range(1, 15)]).field("work", "id")
    assert lengths.shapes == {"A-9": 14}
    assert not lengths.spelled
    none = runs([{"id": ".,;:!?-_#+*"[number] + "7"} for number in range(11)]).field("work", "id")
    assert none.shapes is None


def test_order_is_believed_when_chance_does_not_explain_it():
    def scored(count):
        rows = [[{"score": 9 - number / 10}, {"score": 3}, {"score": 1}] for number in range(count)]
        return runs([{"hits": hits} for hits in rows]).field("work", "hits[].score").sequences

    assert scored(2).order is None
    assert scored(3).order == "descending"
    broken = runs([{"n": [3, 2, 1]}] * 9 + [{"n": [1, 3, 2]}]).field("work", "n[]").sequences
    assert broken.order is None
    assert broken.is_unique


def test_keys_that_are_data_are_not_told_apart():
    one = runs([{"by_id": {f"u{number}": {"n": number} for number in range(KEYS + 1)}}])
    assert one.field("work", "by_id").keys
    over_time = runs([{"by_id": {f"u{number}": {"n": number}}} for number in range(KEYS + 1)])
    assert over_time.field("work", "by_id").keys
    assert [path for path in over_time.node("work").fields if "by_id" in path] == ["by_id"]
    again = merge(over_time, runs([{"by_id": {"u1": {"n": 1}}}]))
    assert [path for path in again.node("work").fields if "by_id" in path] == ["by_id"]


def test_languages_are_told_of_longer_texts():
    text = "Das ist ein Satz, der lang genug ist und in dem die Wörter nicht zu selten sind."
    assert runs([{"answer": text, "id": "und der"}]).field("work", "answer").languages == {"de": 1}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-02-28", "date"),
        ("2026-13-01", None),
        ("2026-02-28T10:11:12Z", "datetime"),
        ("10:30", "time"),
        ("ann@example.org", "email"),
        ("https://example.org/a?b=c", "url"),
        ("6f1c4a52-3b0e-4b9a-9c39-2f0f6f6f1a2b", "uuid"),
        ("EUR", "currency"),
        ("FOO", None),
        ("-12.5e3", "number"),
        ('{"a": [1, 2]}', "json"),
        ("{not json}", None),
        ("prose", None),
    ],
)
def test_formats(text, form):
    assert format_of(text) == form


def test_shapes():
    assert shape_of("Ab-12.é") == "Aa-99.a"
    assert shape_of("two words") is None
    assert summarised("AAaa-9999") == "Aa-9"


def test_visits_tell_both_paths():
    found = {(one.path, one.where) for one in visits({"a": [{"b": 1}, {"b": 2}]})}
    assert found == {("a", "a"), ("a[]", "a.0"), ("a[].b", "a.0.b"), ("a[]", "a.1"), ("a[].b", "a.1.b")}


def test_bounds_hold():
    traces = [
        build_trace(
            *(ran(f"node {number} {rank}", {f"f{rank} {part}": part for part in range(20)}) for rank in range(50)),
            trace_id=f"{number:016x}",
        )
        for number in range(6)
    ]
    profile = profile_of_many(traces)
    assert profile.is_full
    assert len(profile.nodes) == NODES
    assert 0 < sum(len(node.fields) for node in profile.nodes.values()) <= FIELDS
    assert len(profile.relations) <= RELATIONS
    assert len(profile.terms) <= TERMS


def test_hostile_updates_are_survived():
    deep = value = {}
    for _ in range(50):
        value["x"] = value = {}
    update = {
        "nan": float("nan"),
        "inf": [float("inf")] * 3,
        "huge": 10**400,
        "deep": deep,
        "odd": {1: 2, None: 3},
        "long": {"k" * 500: 1},
        "lone": "\ud800",
        "bytes": mark("bytes", length=3),
        "mixed": [1, "a", None, True, {}, []],
        7: "no name",
    }
    profile = profile_of_many([run(1, update), run(2, update)])
    assert profile.is_full
    assert profile.field("work", "nan").types == {"nan": 2}
    assert profile.field("work", "huge").numbers.count == 2


def test_only_whole_healthy_runs_teach():
    good = run(1, {"a": 1})
    assert is_lesson(good)
    assert not is_lesson(build_trace())
    assert not is_lesson(run(1, {"a": 1}, status="warning"))
    assert not is_lesson(run(1, {"a": 1}, metadata={"outcome": "interrupted"}))
    assert not is_lesson(run(1, {"a": 1}, metadata={"analysis_error": "boom"}))
    assert not is_lesson(run(1, {"a": 1}, metadata={"replay_of": "00000000000000a1"}))


@pytest.mark.parametrize(("known", "share"), [(0, 1), (127, 1), (128, 8), (511, 8), (512, 32), (10**6, 32)])
def test_later_a_share_of_the_runs_teaches(known, share):
    taught = sum(is_lesson(run(number, {"a": 1}), known) for number in range(2_000))
    assert 0.6 * 2_000 / share < taught < 1.4 * 2_000 / share + 1


def test_nothing_is_added_by_nothing():
    profile = runs([{"a": 1}])
    assert merge(profile, Profile()) == merge(Profile(), profile) == profile
