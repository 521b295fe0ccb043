"""Healthy nodes that reckon, parse, rename and rewrite in ways that no detector may take for invention."""

from __future__ import annotations

import base64
import calendar
import functools
import hashlib
import itertools
import json
import math
import operator
import random
import re
import statistics
import string
import textwrap
import unicodedata
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel

from argus.watcher import ArgusWatcher

READINGS = [12.4, 17.9, 8.35, 22.1, 19.75, 13.2, 9.9]
ROWS = [
    {"name": "Ilse Brandt", "city": "Münster", "hours": 37.5, "rate": 21.4, "day": "2026-03-14", "code": "MU-0417"},
    {"name": "Tomás Ferreira", "city": "Lisboa", "hours": 12.25, "rate": 33.8, "day": "2026-02-27", "code": "LI-2290"},
    {"name": "Aoife Byrne", "city": "Cork", "hours": 29.0, "rate": 18.95, "day": "2026-04-02", "code": "CO-1183"},
    {"name": "Kenji Mori", "city": "Sapporo", "hours": 41.75, "rate": 27.6, "day": "2026-01-09", "code": "SA-7734"},
]
NOTE = "Delivery of 14 pallets, 3.5 t in all; leave 06:45, back 17:20. Deposit 1.250,00 EUR, due 30 days net."
RATES = {"km": 1000.0, "mi": 1609.344, "nmi": 1852.0, "eur": 1.0, "dkk": 7.46, "gbp": 0.855}
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
SEEN: list[str] = []
TALLY = {"calls": 1}
NOTED = ["opening"]
HEALTHY: dict[str, Callable[[Any], Any]] = {}


class State(TypedDict, total=False):
    readings: list[float]
    rows: list[dict[str, Any]]
    note: str
    result: Any
    more: Any


def healthy(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    HEALTHY[function.__name__] = function
    return function


def simple(name: str, function: Callable[[Any], Any]) -> None:
    def node(state: State) -> dict[str, Any]:
        return {"result": function(state)}

    HEALTHY[name] = node


# -- plain arithmetic ---------------------------------------------------------------------------------------------


@healthy
def spread(state: State) -> dict[str, Any]:
    return {"result": max(state["readings"]) - min(state["readings"])}


@healthy
def deviation(state: State) -> dict[str, Any]:
    return {"result": round(statistics.stdev(state["readings"]), 2)}


@healthy
def deviation_by_hand(state: State) -> dict[str, Any]:
    values = state["readings"]
    mean = sum(values) / len(values)
    return {"result": round((sum((one - mean) ** 2 for one in values) / (len(values) - 1)) ** 0.5, 3)}


@healthy
def median_by_hand(state: State) -> dict[str, Any]:
    ordered = sorted(state["readings"])[:-1]
    middle = len(ordered) // 2
    return {"result": (ordered[middle - 1] + ordered[middle]) / 2}


@healthy
def subset_mean(state: State) -> dict[str, Any]:
    warm = [one for one in state["readings"] if one > 13]
    return {"result": sum(warm) / len(warm)}


@healthy
def subset_sum(state: State) -> dict[str, Any]:
    return {"result": sum(one for one in state["readings"] if one < 18)}


@healthy
def top_three(state: State) -> dict[str, Any]:
    return {"result": sum(sorted(state["readings"], reverse=True)[:3])}


@healthy
def running(state: State) -> dict[str, Any]:
    total, totals = 0.0, []
    for one in state["readings"]:
        total += one
        totals.append(round(total, 2))
    return {"result": totals}


@healthy
def running_by_accumulate(state: State) -> dict[str, Any]:
    return {"result": [round(one, 2) for one in itertools.accumulate(state["readings"])]}


@healthy
def smoothed(state: State) -> dict[str, Any]:
    level = state["readings"][0]
    for one in state["readings"][1:]:
        level = 0.3 * one + 0.7 * level
    return {"result": level}


@healthy
def moving_average(state: State) -> dict[str, Any]:
    values = state["readings"]
    return {"result": [sum(values[at : at + 3]) / 3 for at in range(len(values) - 2)]}


@healthy
def differences(state: State) -> dict[str, Any]:
    values = state["readings"]
    return {"result": [round(later - earlier, 2) for earlier, later in itertools.pairwise(values)]}


@healthy
def interpolated(state: State) -> dict[str, Any]:
    (low, high), share = state["readings"][:2], 0.37
    return {"result": low + (high - low) * share}


@healthy
def weighted(state: State) -> dict[str, Any]:
    return {"result": sum(row["hours"] * row["rate"] for row in state["rows"])}


@healthy
def weighted_mean(state: State) -> dict[str, Any]:
    rows = state["rows"]
    return {"result": sum(row["hours"] * row["rate"] for row in rows) / sum(row["hours"] for row in rows)}


@healthy
def pay_of_some(state: State) -> dict[str, Any]:
    return {"result": sum(row["hours"] * row["rate"] for row in state["rows"] if row["hours"] > 20)}


@healthy
def normalised(state: State) -> dict[str, Any]:
    values = state["readings"]
    low, high = min(values), max(values)
    return {"result": [round((one - low) / (high - low), 4) for one in values]}


@healthy
def shares(state: State) -> dict[str, Any]:
    total = sum(state["readings"])
    return {"result": [round(100 * one / total, 1) for one in state["readings"]]}


@healthy
def growth(state: State) -> dict[str, Any]:
    first, last = state["readings"][0], state["readings"][-1]
    return {"result": f"{(last - first) / first:+.1%} since the start"}


@healthy
def compound(state: State) -> dict[str, Any]:
    return {"result": round(state["rows"][0]["rate"] * (1 + 0.043) ** 7, 2)}


@healthy
def annuity(state: State) -> dict[str, Any]:
    monthly = 0.039 / 12
    return {"result": round(18_000 * monthly / (1 - (1 + monthly) ** -48), 2)}


@healthy
def hypotenuse(state: State) -> dict[str, Any]:
    one, other = state["readings"][:2]
    return {"result": math.hypot(one, other), "more": math.sqrt(one * other)}


@healthy
def logarithm(state: State) -> dict[str, Any]:
    return {"result": [math.log10(one) for one in state["readings"]]}


@healthy
def modulo(state: State) -> dict[str, Any]:
    return {"result": [int(one * 100) % 97 for one in state["readings"]], "more": int(state["readings"][0]) // 5}


@healthy
def check_digit(state: State) -> dict[str, Any]:
    digits = [int(sign) for sign in state["rows"][1]["code"] if sign.isdigit()]
    return {"result": 10 - sum(digit * weight for digit, weight in zip(digits, (3, 1, 3, 1), strict=True)) % 10}


@healthy
def floored(state: State) -> dict[str, Any]:
    return {"result": [int(one) for one in state["readings"]], "more": math.ceil(state["readings"][2])}


@healthy
def rounded_to_tens(state: State) -> dict[str, Any]:
    return {"result": [round(row["hours"] * row["rate"], -1) for row in state["rows"]]}


@healthy
def to_nearest_five(state: State) -> dict[str, Any]:
    return {"result": [5 * round(one / 5) for one in state["readings"]]}


@healthy
def flag_as_number(state: State) -> dict[str, Any]:
    return {"result": [int(one > 13) for one in state["readings"]], "more": float(len(state["note"]) > 4)}


@healthy
def reversed_sign(state: State) -> dict[str, Any]:
    return {"result": [-one for one in state["readings"]], "more": 0 - state["readings"][3]}


@healthy
def times_a_hundred(state: State) -> dict[str, Any]:
    scale = 10**3
    return {"result": [round(one * scale) for one in state["readings"]]}


@healthy
def cents(state: State) -> dict[str, Any]:
    return {"result": [int(Decimal(str(one)) * 100) for one in state["readings"]]}


@healthy
def with_decimals(state: State) -> dict[str, Any]:
    net = Decimal(str(state["rows"][0]["rate"])) * 3
    gross = (net * Decimal("1.19")).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return {"result": float(gross), "more": f"{gross} EUR"}


@healthy
def fractions(state: State) -> dict[str, Any]:
    return {"result": float(Fraction(3, 7) * Fraction(str(state["readings"][0])))}


@healthy
def converted(state: State) -> dict[str, Any]:
    return {"result": {unit: round(state["readings"][0] / factor, 4) for unit, factor in RATES.items()}}


@healthy
def kilometres(state: State) -> dict[str, Any]:
    return {"result": [one * RATES["km"] for one in state["readings"]]}


@healthy
def fahrenheit(state: State) -> dict[str, Any]:
    return {"result": [one * 9 / 5 + 32 for one in state["readings"]]}


@healthy
def powers_of_two(state: State) -> dict[str, Any]:
    return {"result": [1 << at for at in range(3, 11)], "more": 0b1011 ^ 0b0110}


@healthy
def scores(state: State) -> dict[str, Any]:
    score = 50
    if len(state["rows"]) > 3:
        score += 15
    if state["readings"][0] < 20:
        score -= 8
    if "Deposit" in state["note"]:
        score += 22
    return {"result": score}


@healthy
def points_from_table(state: State) -> dict[str, Any]:
    points = {"Münster": 31, "Cork": 17, "Lisboa": 44}
    return {"result": sum(points.get(row["city"], 9) for row in state["rows"])}


@healthy
def sigmoid(state: State) -> dict[str, Any]:
    return {"result": [round(1 / (1 + math.exp(-one / 10)), 4) for one in state["readings"]]}


@healthy
def loop_until_small(state: State) -> dict[str, Any]:
    left, rounds = state["readings"][3], 0
    while left > 1:
        left = left * 0.62
        rounds += 1
    return {"result": left, "more": rounds}


@healthy
def by_reduce(state: State) -> dict[str, Any]:
    return {"result": functools.reduce(operator.mul, state["readings"][:3]), "more": math.prod((7, 11, 13))}


def doubled(value: float) -> float:
    return value * 2.3


@healthy
def helper_of_helper(state: State) -> dict[str, Any]:
    return {"result": doubled(doubled(doubled(state["readings"][0])))}


def factorial(number: int) -> int:
    return 1 if number < 2 else number * factorial(number - 1)


@healthy
def recursive(state: State) -> dict[str, Any]:
    return {"result": factorial(len(state["rows"]) + 4)}


def scaled(pair: tuple[int, float]) -> float:
    return pair[0] * pair[1] - 0.5


simple("lambda_of_lambda", lambda state: (lambda f, x: f(f(f(x))))(lambda x: x + 7.7, state["readings"][0]))
simple("mapped", lambda state: list(map(scaled, enumerate(state["readings"], 5))))
simple("dot", lambda state: sum(map(operator.mul, state["readings"], [3, 1, 4, 1, 5, 9, 2])))
simple("polynomial", lambda state: [3 * x * x - 2 * x + 7 for x in state["readings"]])
simple("ranged", lambda state: list(range(100, 900, 125)))
simple("random_but_seeded", lambda state: [random.Random(7).randint(1_000, 9_999), random.Random(3).random()])
simple("hashed", lambda state: int(hashlib.sha256(state["note"].encode()).hexdigest()[:6], 16))
simple("built_in_hash", lambda state: hash(tuple(state["readings"])) % 100_003)
simple("squares_of_lengths", lambda state: sum(len(row["name"]) * len(row["city"]) for row in state["rows"]))
simple("word_count", lambda state: len(state["note"].split()) * 3 + len(set(state["note"])))
simple("reading_time", lambda state: len(state["note"].split()) / 200 * 60)
simple("letters_in_all", lambda state: sum(len(row["name"]) for row in state["rows"]))
simple("most_common", lambda state: Counter(state["note"].lower()).most_common(3))
simple("bits", lambda state: (4711).bit_length() * 37)
simple("code_points", lambda state: [ord(sign) for sign in state["note"][:5]])
simple("scientific", lambda state: float("6.02e3") * 2)
simple("complex_size", lambda state: abs(complex(3.3, 4.4)))
simple("clamped", lambda state: [min(max(one * 1.5, 15.0), 30.5) for one in state["readings"]])
simple("ranked", lambda state: [sorted(state["readings"]).index(one) + 1 for one in state["readings"]])
simple("percentile", lambda state: statistics.quantiles(state["readings"], n=10))
simple("geometric", lambda state: statistics.geometric_mean(state["readings"]))
simple("fmean", lambda state: statistics.fmean(one * 2 for one in state["readings"]))


# -- numbers read from texts --------------------------------------------------------------------------------------


@healthy
def minutes_between(state: State) -> dict[str, Any]:
    (h1, m1), (h2, m2) = re.findall(r"(\d\d):(\d\d)", state["note"])
    return {"result": (int(h2) * 60 + int(m2)) - (int(h1) * 60 + int(m1))}


@healthy
def tonnes_to_kilos(state: State) -> dict[str, Any]:
    found = re.search(r"([\d.]+) t\b", state["note"])
    assert found
    return {"result": float(found[1]) * 1000}


@healthy
def german_amount(state: State) -> dict[str, Any]:
    found = re.search(r"([\d.,]+) EUR", state["note"])
    assert found
    return {"result": float(found[1].replace(".", "").replace(",", "."))}


@healthy
def digits_joined(state: State) -> dict[str, Any]:
    return {"result": int("".join(sign for sign in state["rows"][0]["day"] if sign.isdigit()))}


@healthy
def digits_cut(state: State) -> dict[str, Any]:
    return {"result": [int(row["code"][-3:]) for row in state["rows"]], "more": int(state["rows"][0]["day"][2:4])}


@healthy
def roman(state: State) -> dict[str, Any]:
    total = 0
    for sign, following in itertools.pairwise([*"MCMXCIV", "I"]):
        total += ROMAN[sign] if ROMAN[sign] >= ROMAN[following] else -ROMAN[sign]
    return {"result": total}


@healthy
def number_words(state: State) -> dict[str, Any]:
    words = {"twelve": 12, "thirty": 30, "seven": 7}
    return {"result": sum(words[word] for word in ["thirty", "seven"])}


@healthy
def hexadecimal(state: State) -> dict[str, Any]:
    return {"result": int("ff3a", 16), "more": format(4095, "x")}


@healthy
def from_json(state: State) -> dict[str, Any]:
    return {"result": json.loads('{"limit": 733, "steps": [81, 82]}')}


# -- dates --------------------------------------------------------------------------------------------------------


@healthy
def due(state: State) -> dict[str, Any]:
    start = date.fromisoformat(state["rows"][0]["day"])
    return {"result": (start + timedelta(days=45)).isoformat(), "more": (start - date(2026, 1, 1)).days}


@healthy
def weekday(state: State) -> dict[str, Any]:
    return {"result": [date.fromisoformat(row["day"]).strftime("%A %d %B") for row in state["rows"]]}


@healthy
def weekday_name(state: State) -> dict[str, Any]:
    return {"result": calendar.day_name[date.fromisoformat(state["rows"][0]["day"]).weekday()]}


@healthy
def month_name(state: State) -> dict[str, Any]:
    return {"result": f"{calendar.month_name[4]} {calendar.monthrange(2026, 4)[1]}"}


@healthy
def stamped(state: State) -> dict[str, Any]:
    return {
        "result": datetime.fromtimestamp(1_790_000_000, timezone.utc).isoformat(),
        "more": datetime(2026, 5, 4, 3).timestamp(),
    }


@healthy
def day_by_hand(state: State) -> dict[str, Any]:
    year, month, day = state["rows"][0]["day"].split("-")
    return {"result": f"{int(day) + 9}.{int(month)}.{year}", "more": int(year) * 10_000 + int(month) * 100 + int(day)}


@healthy
def clock_by_hand(state: State) -> dict[str, Any]:
    minutes = 405 + 137
    return {"result": f"{minutes // 60:02}:{minutes % 60:02}"}


# -- classes ------------------------------------------------------------------------------------------------------


@dataclass
class Box:
    width: float
    height: float
    depth: float = 7.5
    tags: list[str] = field(default_factory=list)

    @property
    def volume(self) -> float:
        return self.width * self.height * self.depth

    def grown(self, by: float) -> Box:
        return Box(self.width * by, self.height * by, self.depth * by)


@healthy
def boxes(state: State) -> dict[str, Any]:
    box = Box(*state["readings"][:2])
    return {"result": box.volume, "more": box.grown(1.2).volume}


class Invoice(BaseModel):
    hours: float
    rate: float
    tax: float = 0.23

    def total(self) -> float:
        return round(self.hours * self.rate * (1 + self.tax), 2)


@healthy
def invoices(state: State) -> dict[str, Any]:
    return {"result": [Invoice(hours=row["hours"], rate=row["rate"]).total() for row in state["rows"]]}


@healthy
def coerced(state: State) -> dict[str, Any]:
    return {"result": Invoice.model_validate({"hours": "41.25", "rate": "1e2"}).model_dump()}


class Counting:
    def __init__(self) -> None:
        self.called = 3
        self.said: list[str] = []

    def __call__(self, state: State) -> dict[str, Any]:
        self.called += 17
        self.said.append(f"{state['rows'][self.called % 4]['name']} called")
        return {"result": self.called, "more": " then ".join(self.said)}


HEALTHY["counting_object"] = Counting()


class Memory:
    def __init__(self) -> None:
        self.numbers = [4.25]

    def node(self, state: State) -> dict[str, Any]:
        self.numbers.append(state["readings"][0] * self.numbers[-1])
        return {"result": self.numbers[-1], "more": sum(self.numbers)}


HEALTHY["remembering_method"] = Memory().node
NUMBERS = itertools.count(5_001)
simple("numbered", lambda state: f"INV-{next(NUMBERS)}")


@healthy
def tallied(state: State) -> dict[str, Any]:
    TALLY["calls"] += 43
    return {"result": TALLY["calls"]}


@healthy
def noted(state: State) -> dict[str, Any]:
    NOTED.append(f"reading {state['readings'][0]}")
    SEEN.append(state["note"][:12])
    return {"result": " / ".join(NOTED), "more": SEEN[-1]}


@healthy
def grouped(state: State) -> dict[str, Any]:
    groups: dict[str, float] = defaultdict(float)
    for row in state["rows"]:
        groups["long" if row["hours"] > 30 else "short"] += row["hours"] * row["rate"]
    return {"result": dict(groups)}


@healthy
def matrix(state: State) -> dict[str, Any]:
    values = state["readings"][:3]
    return {"result": [[round(one * other, 3) for one in values] for other in values]}


@healthy
def with_numpy(state: State) -> dict[str, Any]:
    numpy = pytest.importorskip("numpy")
    values = numpy.array(state["readings"])
    return {"result": float(values.std()), "more": numpy.cumsum(values).tolist()}


# -- names, identifiers, sentences --------------------------------------------------------------------------------

simple("initials", lambda state: ["".join(word[0] for word in row["name"].split()) for row in state["rows"]])
simple("monograms", lambda state: " ".join(row["name"][:2] + row["city"][-2:] for row in state["rows"]))
simple("airport_codes", lambda state: " ".join(row["city"][:3].upper() for row in state["rows"]))
simple("user_names", lambda state: [row["name"].lower().replace(" ", "") for row in state["rows"]])
simple("addresses", lambda state: [f"{row['name'].split()[-1].lower()}@example.org" for row in state["rows"]])
simple("handles", lambda state: " ".join(row["name"][0].lower() + row["name"].split()[1] for row in state["rows"]))
simple("slugs", lambda state: "-".join(re.sub(r"[^a-z]+", "-", row["city"].lower()) for row in state["rows"]))
simple("camel", lambda state: "".join(word.title() for word in state["note"].split()[:5]))
simple("backwards", lambda state: state["note"][::-1])
simple("backwards_by_word", lambda state: " ".join("".join(reversed(word)) for word in state["note"].split()))
simple("caesar", lambda state: "".join(chr(ord(sign) + 1) for sign in state["note"]))
simple("rot13", lambda state: state["note"].translate(str.maketrans(string.ascii_lowercase, "n" * 26)))
simple("encoded", lambda state: base64.b64encode(state["note"].encode()).decode())
simple("digest", lambda state: hashlib.md5(state["note"].encode(), usedforsecurity=False).hexdigest())
simple("uuids", lambda state: [uuid.UUID(int=4711).hex, str(uuid.uuid5(uuid.NAMESPACE_DNS, state["note"]))])
simple("without_accents", lambda state: unicodedata.normalize("NFKD", state["rows"][0]["city"]))
simple("umlauts", lambda state: [row["city"].replace("ü", "ue") + " Hbf" for row in state["rows"]])
simple("vowels_gone", lambda state: re.sub("[aeiou]", "", state["note"]))
simple("letters_sorted", lambda state: " ".join("".join(sorted(word)) for word in state["note"].split()))
simple("masked", lambda state: " ".join(word[0] + "***" + word[-1] for word in state["note"].split()))
simple("hyphenated", lambda state: " ".join(f"{word[:4]}-{word[4:]}" for word in state["note"].split()))
simple("shortened", lambda state: textwrap.shorten(state["note"], 40, placeholder=" and so on"))
simple("spelled", lambda state: " ".join(state["rows"][0]["name"]))
simple("pig_latin", lambda state: " ".join(f"{word[1:]}{word[0]}ay" for word in state["note"].split()))
simple("syllables", lambda state: " ".join(re.findall(r"[^aeiou\W]*[aeiou]+", state["note"].lower())))
simple("plural", lambda state: f"{len(state['rows'])} {'entr' + ('y' if len(state['rows']) == 1 else 'ies')}")
simple("joined_stems", lambda state: "un" + "believ" + "able " + "over" + "whelm" + "ing")
simple("formatted_bytes", lambda state: f"{len(state['note']) * 1024 / 1e6:.3f} MB of {2**20:,} bytes")
simple("thousands", lambda state: f"{sum(row['hours'] * row['rate'] for row in state['rows']) * 12:,.2f} a year")
simple("ordinals", lambda state: ", ".join(f"{at}th" for at in range(24, 60, 7)))
simple("spelled_number", lambda state: ("twenty", "thirty")[len(state["rows"]) % 2] + "-" + "three")
simple("exception_text", lambda state: _complaint(state))
simple("type_names", lambda state: f"{type(state['rows']).__name__} of {type(state['readings'][0]).__name__}")
simple("represented", lambda state: repr(Box(1.25, state["readings"][0])))
simple("object_names", lambda state: f"{_complaint.__name__} in {__name__.rpartition('.')[2]}")
simple("documented", lambda state: (_complaint.__doc__ or "").upper())
simple("regular_groups", lambda state: {m[1]: int(m[2]) for m in re.finditer(r"(\w{3})\w* (\d+)", state["note"])})


def _complaint(state: State) -> str:
    """What goes wrong when a word is taken for a number."""
    try:
        return str(int(state["note"]))
    except ValueError as error:
        return f"could not be read: {error}"


def _alarms(node: Callable[[Any], Any]) -> list[str]:
    """What two runs with different inputs are told about; what is not certain may be said, but not as a warning."""
    found = []
    for turn in range(2):
        watcher = ArgusWatcher(pipeline_name="work", storage="memory:")
        graph = StateGraph(State)
        graph.add_node("work", node)
        graph.add_edge(START, "work")
        graph.add_edge("work", END)
        watcher.watch(graph).compile().invoke({"readings": READINGS[turn:], "rows": ROWS, "note": NOTE})
        trace = watcher.finalize()
        found += [f"{one.code} {one.message}" for one in trace.detections if one.severity != "info"]
    return found


@pytest.mark.parametrize("name", HEALTHY)
def test_reckoned_results_stay_silent(name: str) -> None:
    assert _alarms(HEALTHY[name]) == []
