"""What code can know, how numbers are written, and what arithmetic leads to."""

from __future__ import annotations

import pytest

from argus._internal.words import fingerprint, word_key
from argus.dataflow.knowledge import knowledge_of
from argus.detectors.semantic.claims.arithmetic import Reckoning, operands_of
from argus.detectors.semantic.claims.figures import figures_in
from argus.detectors.semantic.claims.names import names_in
from argus.model.knowledge import packed, unpacked

PRICES = {"lamp": 40.0, "gift wrap": 3.5}


def priced(state):
    return {"price": PRICES[state["sku"]], "text": f"The {state['sku']} is cheap"}


def runs_a_text(state):
    return {"text": eval(state["path"])}


def asks_its_configuration(state, config):
    return {"text": config["name"]}


def test_constants_within_reach_are_known():
    found = knowledge_of(priced)
    assert found is not None
    assert found.sealed
    assert {40.0, 3.5} <= set(found.numbers)
    assert {fingerprint(word_key(word)) for word in ("lamp", "cheap", "gift")} <= unpacked(found.words)
    assert fingerprint(word_key("Hollenbeck")) not in unpacked(found.words)


@pytest.mark.parametrize("function", [runs_a_text, asks_its_configuration])
def test_what_lets_something_in_is_not_sealed(function):
    found = knowledge_of(function)
    assert found is not None
    assert not found.sealed


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,299.95", 1299.95), ("1.299,95", 1299.95), ("12 500,5", 12500.5), ("49,90", 49.9), ("6.340", 6340.0)],
)
def test_numbers_are_read_in_many_spellings(text, value):
    (figure,) = figures_in(f"costs {text.replace(' ', chr(0xA0))} EUR")
    assert value in figure.readings


def test_sums_and_products_are_reached_and_slips_are_not():
    numbers = operands_of([{"lines": [{"price": 40.0, "quantity": 2}, {"price": 8.5, "quantity": 4}]}])
    assert Reckoning(numbers, 1, 1).reaches(114.0, 2)
    assert not Reckoning(numbers, 1, 0, subtracts=False).reaches(-114.0, 2)
    assert Reckoning(numbers, 1, 1).slip(4000.0, 0) is None  # one telling digit only
    assert Reckoning([74.25], 0, 1).slip(7425.0, 0) == 100.0


def test_names_follow_capitals_and_titles():
    assert list(names_in("This was confirmed by Ivan Sokolov.")) == ["Ivan Sokolov"]
    assert "Balthasar Quendt" in set(names_in("Ansprechpartner ist Herr Balthasar Quendt."))
    assert list(names_in("Please contact Customer Service.")) == []


def test_fingerprints_survive_packing():
    assert unpacked(packed({1, 4_000_000_000})) == {1, 4_000_000_000}
    assert unpacked("not packed \x00") == frozenset()
