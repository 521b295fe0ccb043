"""A long chain of async nodes, bound methods, partials and lambdas: a household's energy tariffs are compared."""

from __future__ import annotations

import asyncio
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph
from typing_extensions import NotRequired, TypedDict

from argus.testing.faults import SkippedStep

NAME = "tariff_async"


class Tariff(NamedTuple):
    code: str
    per_kwh: float
    standing: float
    night: float | None
    green: bool


MARKET = (
    Tariff("Steady", 0.312, 9.9, None, False),
    Tariff("NightOwl", 0.344, 11.5, 0.198, False),
    Tariff("Meadow", 0.329, 8.4, None, True),
    Tariff("Fix24 (error-free billing)", 0.301, 14.2, None, False),
    Tariff("SunFlow", 0.355, 6.0, 0.231, True),
)


class Usage(TypedDict):
    day_kwh: float
    night_kwh: float
    months: int


class Offer(TypedDict):
    code: str
    yearly: float
    saving: float
    green: bool
    remark: NotRequired[str]


class Household(TypedDict, total=False):
    meter_log: str
    wants_green: bool
    current_bill: float
    readings: list[float]
    usage: Usage
    forecast: dict[str, float]
    candidates: list[str]
    offers: list[Offer]
    best: Offer | None
    co2_kg: float
    carbon_note: str
    advice: str
    subject: str


class Meter:
    def __init__(self, share_at_night: float) -> None:
        self.share_at_night = share_at_night

    @staticmethod
    def numbers(log: str) -> list[float]:
        return [float(hit) for hit in re.findall(r"\d+(?:\.\d+)?(?= ?kWh)", log)]

    async def read(self, state: Household) -> Household:
        await asyncio.sleep(0)
        return {"readings": self.numbers(state["meter_log"])}

    async def split(self, state: Household) -> Household:
        total = math.fsum(state["readings"])
        night = round(total * self.share_at_night, 1)
        return {"usage": {"day_kwh": round(total - night, 1), "night_kwh": night, "months": len(state["readings"])}}


def _per_year(usage: Usage, key: str) -> float:
    return round(usage[key] * 12 / max(1, usage["months"]), 1)  # type: ignore[literal-required]


async def project(state: Household) -> Household:
    usage = state["usage"]
    day, night = (_per_year(usage, key) for key in ("day_kwh", "night_kwh"))
    return {"forecast": {"day": day, "night": night, "total": round(day + night, 1)}}


def suitable(tariffs: Iterable[Tariff], green_only: bool) -> list[str]:
    return [tariff.code for tariff in tariffs if tariff.green or not green_only]


async def price(state: Household, *, vat: float, market: tuple[Tariff, ...]) -> Household:
    ahead, offers = state["forecast"], []
    chosen = set(state["candidates"])
    for tariff in market:
        if tariff.code not in chosen:
            continue
        night_rate = tariff.night if tariff.night is not None else tariff.per_kwh
        net = ahead["day"] * tariff.per_kwh + ahead["night"] * night_rate + 12 * tariff.standing
        yearly = round(net * (1 + vat), 2)
        offer: Offer = {
            "code": tariff.code,
            "yearly": yearly,
            "saving": round(state["current_bill"] - yearly, 2),
            "green": tariff.green,
        }
        if tariff.night is not None:
            offer["remark"] = "cheaper between 23 and 6"
        offers.append(offer)
    return {"offers": sorted(offers, key=lambda offer: offer["yearly"])}


def worth_switching(state: Household) -> bool:
    return state["best"] is not None


class Adviser:
    async def footprint(self, state: Household) -> Household:
        factor = defaultdict(lambda: 0.38, {True: 0.03})[bool(state["best"] and state["best"]["green"])]
        kilos = round(state["forecast"]["total"] * factor, 1)
        return {"co2_kg": kilos, "carbon_note": f"{kilos:.0f} kg of CO2 a year"}

    def __call__(self, state: Household) -> Household:
        best, ahead = state["best"], state["forecast"]
        assert best is not None
        extra = f" It is {best['remark']}." if best.get("remark") else ""
        return {
            "advice": (
                f"You will need about {ahead['total']:.0f} kWh a year. {best['code']} would cost {best['yearly']:.2f} "
                f"euros, {best['saving']:.2f} less than today.{extra} That means {state['carbon_note']}."
            )
        }

    async def stay(self, state: Household) -> Household:
        return {"advice": "Your present tariff is the best for you: there is no cheaper offer at the moment."}


def build(patch: Patch) -> Any:
    meter, adviser = Meter(0.3), Adviser()
    graph = StateGraph(Household)
    graph.add_node("read", meter.read)
    graph.add_node("split", meter.split)
    graph.add_node("project", project)
    graph.add_node("shortlist", lambda s: {"candidates": suitable(MARKET, s.get("wants_green", False))})
    graph.add_node("price", partial(price, vat=0.19, market=MARKET))
    graph.add_node("choose", lambda s: {"best": next((o for o in s["offers"] if o["saving"] > 0), None)})
    graph.add_node("footprint", adviser.footprint)
    graph.add_node("advise", adviser.__call__)
    graph.add_node("stay", adviser.stay)
    graph.add_node("title", lambda s: {"subject": f"Energy: {s['best']['code'] if s['best'] else 'no change'}"})
    graph.add_node("audit", lambda s: None)
    for here, there in zip(
        (START, "read", "split", "project", "shortlist", "price", "footprint", "advise", "stay", "title"),
        ("read", "split", "project", "shortlist", "price", "choose", "advise", "title", "title", "audit"),
        strict=True,
    ):
        graph.add_edge(here, there)
    graph.add_conditional_edges("choose", worth_switching, {True: "footprint", False: "stay"})
    graph.add_edge("audit", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------

METER = Meter(0.3)
PRICE = partial(price, vat=0.19, market=MARKET)


async def read_keeps_units(state: Household) -> Any:
    """read keeps the unit beside each number."""
    return {"readings": [f"{number} kWh" for number in METER.numbers(state["meter_log"])]}


async def split_as_tuple(state: Household) -> Any:
    """split returns a pair where a record is due."""
    usage = (await METER.split(state))["usage"]
    return {"usage": (usage["day_kwh"], usage["night_kwh"])}


async def split_in_watt_hours(state: Household) -> Any:
    """split counts watt hours."""
    usage = (await METER.split(state))["usage"]
    return {"usage": {**usage, "day_kwh": usage["day_kwh"] * 1000, "night_kwh": usage["night_kwh"] * 1000}}


async def project_short_keys(state: Household) -> Any:
    """project calls its figures d and n."""
    made = (await project(state))["forecast"]
    return {"forecast": {"d": made["day"], "n": made["night"], "total": made["total"]}}


async def price_forgets_saving(state: Household) -> Any:
    """price leaves the saving to somebody else."""
    offers = (await PRICE(state))["offers"]
    return {"offers": [{key: value for key, value in offer.items() if key != "saving"} for offer in offers]}


async def price_swallows(state: Household) -> Any:
    """price answers its own exception with an offer of nothing."""
    try:
        raise TimeoutError("tariff service did not answer within 10 s")
    except TimeoutError as error:
        return {"offers": [{"code": str(error), "yearly": 0.0, "saving": state["current_bill"], "green": False}]}


def choose_all(state: Household) -> Any:
    """choose returns every cheaper offer instead of the first."""
    return {"best": [offer for offer in state["offers"] if offer["saving"] > 0]}


def never_worth(state: Household) -> bool:
    """the branch looks for `best_offer`"""
    return bool(state.get("best_offer"))


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _home(log: str, bill: float, **extra: Any) -> dict[str, Any]:
    return {"meter_log": log, "current_bill": bill, **extra}


INPUTS = (
    Healthy(name="flat", input=_home("Jan 210 kWh, Feb 188 kWh, Mar 176.5 kWh", 1290.0)),
    Healthy(name="house", input=_home("Q1: 980 kWh; Q2: 610 kWh", 5600.0, wants_green=True)),
    Healthy(name="studio", input=_home("April 96 kWh / May 91.2 kWh / June 88 kWh", 690.0)),
    Healthy(name="family", input=_home("402 kWh then 377 kWh then 391 kWh then 365 kWh", 2450.0)),
    Healthy(name="farm", input=_home("barn 1210 kWh, house 540 kWh", 5200.0, wants_green=True)),
    Healthy(name="shop", input=_home("week one 301.5 kWh, week two 288 kWh, week three 310 kWh", 2010.0)),
    Healthy(
        name="happy", input=_home("Jan 150 kWh, Feb 140 kWh", 400.0), why="no offer is cheaper: None, a step skipped"
    ),
    Healthy(name="away", input=_home("Jan 0 kWh, Feb 0 kWh", 310.0), why="zero consumption"),
    Healthy(name="unread", input=_home("The meter failed: error E-04, display dark.", 900.0), why="no readings: empty"),
    Healthy(name="todo", input=_home("TODO read again!! 205 kWh", 1500.0), why="TODO in a log"),
    Healthy(name="same", input=_home("200 kWh, 200 kWh, 200 kWh, 200 kWh, 200 kWh", 1310.0), why="the same five times"),
    Healthy(name="no-green", input=_home("Mai 240 kWh, Juni 199 kWh", 1450.0, wants_green=False), why="a False flag"),
    Healthy(name="solar", input=_home("sold 80 kWh, bought 120.5 kWh", -35.0), why="a negative bill"),
)

PLAN = Plan(NAME, "tuning", on=["flat", "house", "studio", "family", "farm", "shop"])
PLAN.each(TEXT, "advise", "advice")
PLAN.each(("placeholder", "html_page"), "footprint", "carbon_note")
PLAN.each(("unfilled_template", "missing_value"), "title", "subject")
PLAN.each(("dropped_field", "missing_value", "wrong_type", "poisoned_value"), "read", "readings", symptom="split")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "split", "usage.months", symptom="project")
PLAN.each(("power_of_ten", "sign_flip", "unparsed_text"), "split", "usage.day_kwh")
PLAN.each(NUMBER, "project", "forecast.total")
PLAN.each(("renamed_key", "missing_value", "wrong_type"), "shortlist", "candidates", symptom="price")
PLAN.add("fewer_items", "shortlist", "candidates", on="shop")
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "unparsed_text"), "price", "offers.*.saving", symptom="choose"
)
PLAN.each(("renamed_key", "error_payload"), "price", "offers.0.code")
PLAN.each(("dropped_field", "renamed_key", "wrong_type"), "choose", "best", symptom="footprint")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "footprint", "offers")
PLAN.each(("foreign_value", "foreign_meaning"), "title", "advice")
PLAN.add(SkippedStep(target=False, instead_of=True), "choose", needs_history=True)
PLAN.each(("crash", "no_update"), "price")
PLAN.add("no_update", "advise")
PLAN.add("stale_result", "project", on="flat", warm_up="farm", needs_history=True)
PLAN.each(("unsupported_number", "contradiction"), "advise", "advice")

PLAN.variant("unparsed_text", "read", read_keeps_units, symptom="split")
PLAN.variant("wrong_type", "split", split_as_tuple, symptom="project")
PLAN.variant("unit_error", "split", split_in_watt_hours)
PLAN.variant("renamed_key", "project", project_short_keys, symptom="price")
PLAN.variant("dropped_field", "price", price_forgets_saving, symptom="choose")
PLAN.variant("swallowed_tool_error", "price", price_swallows)
PLAN.variant("wrong_type", "choose", choose_all, symptom="footprint")
PLAN.variant("skipped_step", "choose", never_worth, place="branch", needs_history=True)

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="async, methods, partials, lambdas",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    asynchronous=True,
)
