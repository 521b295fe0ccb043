"""The functional API with futures: bids for a tender are opened, checked and scored at the same time, then awarded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, TypedDict

from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.func import entrypoint, task

NAME = "tender_futures"
CENT = Decimal("0.01")

LETTERS = {
    "nordbau": "NORDBAU GmbH offers the footbridge for 184.500,00 EUR within 22 weeks. Guarantee: 6 years. ISO 9001.",
    "keller": "Keller & Sons: footbridge, EUR 171,200.50, 26 weeks, 5 years guarantee. ISO 9001, ISO 14001.",
    "ponte": "Ponte Srl can do it for EUR 169,900.00 in 30 weeks; 5 years of guarantee.",
    "arch": "Arch Works asks EUR 198,750.00, 18 weeks, guarantee 10 years, ISO 9001 certified.",
    "river": "River Steel: EUR 176,000.00, delivery 24 weeks, 7 years guarantee. ISO 14001.",
    "late": "Error Correction Ltd regrets: we fail to meet the date, and withdraw our bid.",
    "blank": "",
    "free": "The Bridge Club would build it for EUR 0.00 in 52 weeks, as volunteers. 1 year guarantee.",
    "lorem": "Lorem & Ipsum Partners: EUR 180,000.00, 25 weeks, 5 years guarantee. TODO list attached.",
    "yes": "Yes.",
}


class Tender(TypedDict):
    title: str
    bidders: list[str]
    ceiling: float


@dataclass(frozen=True, slots=True)
class Bid:
    bidder: str
    price: Decimal | None
    weeks: int | None
    guarantee: int = 0
    norms: tuple[str, ...] = ()
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    bidder: str
    verdict: Literal["valid", "incomplete", "too dear"]
    gap: str | None = None


def money(text: str) -> Decimal | None:
    hit = re.search(r"(?:EUR )?(\d[\d.,]*\d)(?= EUR|,| in|;|$)|EUR (\d[\d.,]*\d)", text)
    if hit is None:
        return None
    figure = hit[1] or hit[2]
    point = max(figure.rfind("."), figure.rfind(","))
    whole, cents = re.sub(r"\D", "", figure[:point]), figure[point + 1 :]
    return Decimal(f"{whole}.{cents}").quantize(CENT)


def first_int(pattern: str, text: str) -> int | None:
    hit = re.search(pattern, text)
    return int(hit[1]) if hit else None


def open_bid(bidder: str) -> Bid:
    letter = LETTERS[bidder]
    years = first_int(r"(\d+) years?", letter)
    return Bid(
        bidder=bidder,
        price=money(letter),
        weeks=first_int(r"(\d+) weeks", letter),
        guarantee=years or 0,
        norms=tuple(re.findall(r"ISO \d+", letter)),
        seal=hashlib.sha256(letter.encode()).hexdigest()[:8],
    )


def check_bid(bid: Bid, ceiling: float) -> Check:
    if bid.price is None or bid.weeks is None:
        return Check(bid.bidder, "incomplete", gap="price" if bid.price is None else "time")
    return Check(bid.bidder, "too dear" if bid.price > Decimal(str(ceiling)) else "valid")


def score_bid(bid: Bid, cheapest: Decimal, fastest: int) -> dict[str, Any]:
    price = float(cheapest / bid.price) if bid.price else 1.0
    marks = 60 * price + 25 * fastest / (bid.weeks or fastest) + min(10, bid.guarantee) + 2.5 * len(bid.norms)
    return {"bidder": bid.bidder, "marks": round(marks, 2), "price": bid.price, "weeks": bid.weeks}


def award(scores: Sequence[dict[str, Any]]) -> dict[str, Any]:
    table = sorted(scores, key=lambda score: (-score["marks"], score["bidder"]))
    first, second = table[0], table[1] if len(table) > 1 else None
    lead = round(first["marks"] - second["marks"], 2) if second else None
    return {"winner": first["bidder"], "price": first["price"], "lead": lead, "table": table}


def minutes(tender: Tender, checks: Sequence[Check], decision: dict[str, Any] | None) -> str:
    lines = [f"Opening of bids for {tender['title']}, ceiling {tender['ceiling']:.2f} EUR."]
    for check in checks:
        gap = f" (no {check.gap} stated)" if check.gap else ""
        lines += [f"- {check.bidder}: {check.verdict}{gap}"]
    if decision is None:
        return "\n".join([*lines, "No bid can be accepted. The tender is closed without an award."])
    lines += [f"{row['bidder']} has {row['marks']:.2f} marks." for row in decision["table"]]
    price = Decimal(decision["price"]).quantize(CENT, ROUND_HALF_UP)
    lead = "" if decision["lead"] is None else f", {decision['lead']:.2f} marks ahead"
    lines.append(f"The contract goes to {decision['winner']} for {price} EUR{lead}.")
    return "\n".join(lines)


def build(patch: Patch) -> Any:
    parts = {f.__name__: patch.part(f.__name__, f) for f in (open_bid, check_bid, score_bid, award, minutes)}
    t_open, t_check, t_score, t_award, t_minutes = (task(part, name=name) for name, part in parts.items())

    @entrypoint()
    async def tender_futures(tender: Tender) -> dict[str, Any]:
        opening = [t_open(name) for name in tender["bidders"]]
        bids = [await future for future in opening]
        checking = [t_check(bid, tender["ceiling"]) for bid in bids]
        checks = [await future for future in checking]
        passed = [bid for bid, check in zip(bids, checks, strict=True) if check.verdict == "valid"]
        decision = None
        if passed:
            cheapest, fastest = min(bid.price for bid in passed), min(bid.weeks for bid in passed)
            scoring = [t_score(bid, cheapest, fastest) for bid in passed]
            decision = await t_award([await future for future in scoring])
        text = await t_minutes(tender, checks, decision)
        return {"minutes": text, "winner": decision["winner"] if decision else None, "bids": len(bids)}

    return tender_futures


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def open_bid_drops_weeks(bidder: str) -> Bid:
    """open_bid looks for `days`, and no bid states a time any more."""
    bid = open_bid(bidder)
    return Bid(bidder, bid.price, first_int(r"(\d+) days", LETTERS[bidder]), bid.guarantee, bid.norms, bid.seal)


def open_bid_reads_thousands(bidder: str) -> Bid:
    """open_bid takes the price in cents."""
    bid = open_bid(bidder)
    price = bid.price * 100 if bid.price is not None else None
    return Bid(bidder, price, bid.weeks, bid.guarantee, bid.norms, bid.seal)


def check_bid_as_bool(bid: Bid, ceiling: float) -> Any:
    """check_bid says True or False where a Check is due."""
    return check_bid(bid, ceiling).verdict == "valid"


def check_bid_catches(bid: Bid, ceiling: float) -> Check:
    """check_bid makes a verdict of the exception that it caught."""
    try:
        raise LookupError("ceiling")
    except LookupError as error:
        return Check(bid.bidder, "valid", gap=f"LookupError: {error}")


def score_bid_as_points(bid: Bid, cheapest: Decimal, fastest: int) -> dict[str, Any]:
    """score_bid calls the marks `points`."""
    made = score_bid(bid, cheapest, fastest)
    return {("points" if key == "marks" else key): value for key, value in made.items()}


def award_to_the_last(scores: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """award sorts the wrong way: the worst bid wins, with a negative lead."""
    table = sorted(scores, key=lambda score: score["marks"])
    lead = round(table[0]["marks"] - table[1]["marks"], 2)
    return {"winner": table[0]["bidder"], "price": table[0]["price"], "lead": lead, "table": table}


def minutes_stub(tender: Tender, checks: Sequence[Check], decision: dict[str, Any] | None) -> str:
    """minutes was never written."""
    return "<minutes go here>"


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _tender(title: str, ceiling: float, *bidders: str) -> Tender:
    return {"title": title, "ceiling": ceiling, "bidders": list(bidders)}


INPUTS = (
    Healthy(name="footbridge", input=_tender("footbridge north", 190000, "nordbau", "keller", "ponte")),
    Healthy(name="weir", input=_tender("weir crossing", 210000, "arch", "river", "keller", "nordbau")),
    Healthy(name="park", input=_tender("park bridge", 205000, "river", "ponte", "arch")),
    Healthy(name="canal", input=_tender("canal walk", 185500, "nordbau", "river", "ponte")),
    Healthy(name="station", input=_tender("station link", 200000, "keller", "arch", "nordbau")),
    Healthy(name="island", input=_tender("island path", 220000, "arch", "nordbau", "ponte", "river", "keller")),
    Healthy(name="withdrawn", input=_tender("mill bridge", 190000, "late", "keller", "river"), why="a bid that fails"),
    Healthy(name="blank", input=_tender("hill bridge", 190000, "blank", "ponte", "river"), why="an empty letter"),
    Healthy(name="free", input=_tender("club bridge", 190000, "free"), why="a price of zero, nobody second"),
    Healthy(name="lorem", input=_tender("press bridge", 190000, "lorem", "keller"), why="named Lorem & Ipsum, TODO"),
    Healthy(name="nobody", input=_tender("moor bridge", 190000), why="no bids, no award"),
    Healthy(name="too-dear", input=_tender("toy bridge", 900, "arch", "river"), why="every bid is turned down"),
    Healthy(name="yes", input=_tender("yes bridge", 190000, "yes", "river", "keller"), why="a bid that says yes"),
    Healthy(name="single", input=_tender("lone bridge", 190000, "keller"), why="the lead is None"),
)

PLAN = Plan(NAME, "tuning", on=["footbridge", "weir", "park", "canal", "station", "island"])
PLAN.each(TEXT, "minutes", "")
PLAN.each(("missing_value", "wrong_type"), "open_bid", "weeks", calls=(2,), symptom="check_bid")
PLAN.each(
    ("missing_value", "poisoned_value", "unparsed_text"), "open_bid", "guarantee", calls=(1,), symptom="score_bid"
)
PLAN.each(("power_of_ten", "sign_flip"), "open_bid", "price", calls=(2,))
PLAN.each(("placeholder", "missing_value", "exception_text"), "check_bid", "verdict", calls=(1,))
PLAN.each(("placeholder", "mojibake", "http_error_body"), "check_bid", "bidder", calls=(2,))
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "wrong_type", "unparsed_text"), "score_bid", "marks", calls=(1,)
)
PLAN.each(("power_of_ten", "sign_flip", "unit_error"), "score_bid", "marks", calls=(2,))
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "error_payload"), "award", "winner")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "award", "table", symptom="minutes")
PLAN.add("fewer_items", "award", "table", on="island")
PLAN.add("crash", "score_bid", calls=(2,))
PLAN.add("crash", "check_bid", calls=(3,), on="park")
PLAN.each(("missing_value", "wrong_type"), "minutes", "")
PLAN.add("stale_result", "minutes", on="canal", warm_up="station")
PLAN.add("stale_result", "award", on="park", warm_up="canal")
PLAN.each(("unsupported_number", "unsupported_name", "contradiction"), "minutes", "")

PART: dict[str, Any] = {"place": "part"}
PLAN.variant("missing_value", "open_bid", open_bid_drops_weeks, symptom="check_bid", **PART)
PLAN.variant("unit_error", "open_bid", open_bid_reads_thousands, on="weir", **PART)
PLAN.variant("wrong_type", "check_bid", check_bid_as_bool, **PART)
PLAN.variant("exception_text", "check_bid", check_bid_catches, **PART)
PLAN.variant("renamed_key", "score_bid", score_bid_as_points, symptom="award", **PART)
PLAN.variant("contradiction", "award", award_to_the_last, on="weir", **PART)
PLAN.variant("placeholder", "minutes", minutes_stub, **PART)

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="functional API, futures",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    asynchronous=True,
)
