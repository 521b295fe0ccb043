"""A frozen baseline: readable, without the pipeline's data, and as good as the learned one."""

import json

import msgspec
import pytest
import yaml

from argus.errors import ConfigError
from argus.learning.freezing import freeze, thaw
from argus.learning.profiling import learned, profile_of_many
from argus.model.profile import Profile
from argus.testing.builders import build_trace, ran
from argus.testing.full_trace import full_trace, hostile_trace


def bills(count=12):
    for number in range(count):
        items = [{"price": 1.5 * number + rank} for rank in range(3)]
        update = {
            "items": items,
            "total": sum(item["price"] for item in items),
            "status": ("paid", "open")[number % 2],
            "median": f"customer {number}",
        }
        yield build_trace(ran("bill", update), trace_id=f"{number:016x}")


@pytest.mark.parametrize("through", [lambda document: document, lambda d: json.loads(json.dumps(d)),
                                     lambda d: yaml.safe_load(yaml.safe_dump(d))])  # fmt: skip
def test_it_comes_back_through_json_and_yaml(through):
    profile = profile_of_many(bills())
    thawed = thaw(through(freeze(profile)))
    assert thawed.relations == profile.relations
    assert thawed.terms == profile.terms
    assert thawed.field("bill", "status") == profile.field("bill", "status")
    assert thawed.field("bill", "total") == profile.field("bill", "total")
    assert freeze(thawed) == freeze(profile)


def test_it_goes_on_learning():
    profile = profile_of_many(bills())
    again = learned(thaw(freeze(profile)), next(bills()))
    assert again.runs == 13
    assert again.believed == learned(profile, next(bills())).believed


def test_it_says_what_people_want_to_know():
    document = freeze(profile_of_many(bills()))
    assert document["believed"] == ["bill.total = sum(bill.items[].price)"]
    assert document["nodes"]["bill"]["fields"]["status"]["values"] == {"open": 6, "paid": 6}
    assert document["nodes"]["bill"]["fields"]["total"]["numbers"]["median"] == pytest.approx(27.75)


def test_it_holds_no_text_that_is_no_choice():
    assert "customer" not in json.dumps(freeze(profile_of_many(bills())))


@pytest.mark.parametrize("trace", [full_trace(), hostile_trace()], ids=["full", "hostile"])
def test_any_run_can_be_frozen(trace):
    profile = profile_of_many([trace])
    assert freeze(thaw(freeze(profile))) == freeze(profile)


def test_nothing_frozen_is_nothing_thawed():
    assert thaw(freeze(Profile())) == Profile()


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"format": "1"},
        {"format": 99},
        {"format": 1, "runs": "many"},
        {"format": 1, "nodes": {"a": 3}},
        {"format": 1, "relations": [{"kind": "unheard_of", "result": ["a", "update", "x"], "of": []}]},
    ],
)
def test_what_is_no_baseline_is_refused(document):
    with pytest.raises(ConfigError, match="baseline"):
        thaw(document)


def test_a_profile_is_json():
    profile = profile_of_many(bills())
    assert msgspec.json.decode(msgspec.json.encode(profile), type=Profile) == profile
