"""Map and fold with dataclasses: a swimming meet scores every heat in a branch and folds them into team standings."""

from __future__ import annotations

import dataclasses
import statistics
from dataclasses import dataclass, field
from functools import reduce
from typing import Annotated, Any

from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from argus.testing.faults import SkippedStep

NAME = "swim_meet"
POINTS = (8, 6, 5, 4, 3, 2, 1)


@dataclass
class Lane:
    swimmer: str
    team: str
    seconds: float | None


@dataclass
class Heat:
    event: str
    metres: int
    lanes: list[Lane]


@dataclass
class HeatResult:
    event: str
    winner: str | None
    pace: float
    points: dict[str, int]
    remarks: tuple[str, ...] = ()


def fold(left: dict[str, HeatResult], right: dict[str, HeatResult] | None) -> dict[str, HeatResult]:
    return {**(left or {}), **(right or {})}


@dataclass
class Meet:
    venue: str
    sheet: list[str] = field(default_factory=list)
    heats: list[Heat] = field(default_factory=list)
    results: Annotated[dict[str, HeatResult], fold] = field(default_factory=dict)
    standings: list[tuple[str, int]] = field(default_factory=list)
    leader: str | None = None
    spread: int = 0
    bulletin: str = ""


@dataclass
class OneHeat:
    heat: Heat


class Desk:
    """Holds the rules of the meet; its methods are the nodes."""

    def __init__(self, best_possible: float = 2.2) -> None:
        self.best_possible = best_possible

    def read_sheet(self, meet: Meet) -> dict[str, Any]:
        heats: list[Heat] = []
        for row in meet.sheet:
            title, _, rest = row.partition("|")
            metres = int("".join(sign for sign in title.split()[0] if sign.isdigit()))
            lanes = [self._lane(cell) for cell in rest.split(";") if cell.strip()]
            heats.append(Heat(event=title.strip(), metres=metres, lanes=lanes))
        return {"heats": heats}

    def _lane(self, cell: str) -> Lane:
        who, team, clock = (part.strip() for part in cell.split("/"))
        if clock in ("DNS", "DSQ", ""):
            return Lane(who, team, None)
        minutes, _, seconds = clock.rpartition(":")
        return Lane(who, team, round(60 * int(minutes or 0) + float(seconds), 2))

    def spread_out(self, meet: Meet) -> list[Send] | str:
        if not meet.heats:
            return "publish"
        return [Send("judge", OneHeat(heat)) for heat in meet.heats]

    def judge(self, task: OneHeat) -> dict[str, Any]:
        heat = task.heat
        swam = sorted((lane for lane in heat.lanes if lane.seconds is not None), key=lambda lane: lane.seconds or 0.0)
        points: dict[str, int] = {}
        for lane, worth in zip(swam, POINTS, strict=False):
            points[lane.team] = points.get(lane.team, 0) + worth
        missing = tuple(f"{lane.swimmer} did not finish" for lane in heat.lanes if lane.seconds is None)
        made = HeatResult(
            event=heat.event,
            winner=swam[0].swimmer if swam else None,
            pace=round(statistics.fmean(heat.metres / (lane.seconds or 1) for lane in swam), 3) if swam else 0.0,
            points=points,
            remarks=missing,
        )
        return {"results": {heat.event: made}}

    def rank(self, meet: Meet) -> dict[str, Any]:
        def add(sums: dict[str, int], result: HeatResult) -> dict[str, int]:
            for team, worth in result.points.items():
                sums[team] = sums.get(team, 0) + worth
            return sums

        sums: dict[str, int] = reduce(add, meet.results.values(), {})
        table = sorted(sums.items(), key=lambda row: (-row[1], row[0]))
        spread = table[0][1] - table[1][1] if len(table) > 1 else 0
        return {"standings": table, "leader": table[0][0] if table else None, "spread": spread}

    def publish(self, meet: Meet) -> dict[str, Any]:
        if not meet.results:
            return {"bulletin": f"{meet.venue}: no heats were swum today."}
        lines = [f"Results from {meet.venue}"]
        for event in sorted(meet.results):
            result = meet.results[event]
            lines.append(f"{event}: {result.winner or 'nobody'} wins, mean pace {result.pace:.2f} m/s")
            lines.extend(f"  ({remark})" for remark in result.remarks)
        lines.append("Standings: " + ", ".join(f"{team} {sum_}" for team, sum_ in meet.standings) + ".")
        lines.append(f"{meet.leader} leads by {meet.spread} points." if meet.spread else "It is a tie at the top.")
        return {"bulletin": "\n".join(lines)}


def build(patch: Patch) -> Any:
    desk = Desk()
    graph = StateGraph(Meet)
    graph.add_node("read_sheet", desk.read_sheet)
    graph.add_node("judge", desk.judge)
    graph.add_node("rank", desk.rank)
    graph.add_node("publish", desk.publish)
    graph.add_edge(START, "read_sheet")
    graph.add_conditional_edges("read_sheet", desk.spread_out, ["judge", "publish"])
    graph.add_edge("judge", "rank")
    graph.add_edge("rank", "publish")
    graph.add_edge("publish", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------

DESK = Desk()


def judge_key_is_metres(task: OneHeat) -> dict[str, Any]:
    """judge files its result under the distance, so heats of one distance overwrite each other."""
    made = DESK.judge(task)["results"][task.heat.event]
    return {"results": {f"{task.heat.metres} m": made}}


def judge_forgets_heats_of_two(task: OneHeat) -> dict[str, Any]:
    """judge gives nothing back for heats with fewer than three swimmers."""
    return DESK.judge(task) if len(task.heat.lanes) > 2 else {}


def judge_in_minutes(task: OneHeat) -> dict[str, Any]:
    """judge takes the pace per minute."""
    made = DESK.judge(task)["results"][task.heat.event]
    return {"results": {task.heat.event: dataclasses.replace(made, pace=made.pace * 60)}}


def judge_as_mapping(task: OneHeat) -> dict[str, Any]:
    """judge returns a dict with `best` where a HeatResult is due."""
    made = DESK.judge(task)["results"][task.heat.event]
    return {"results": {task.heat.event: {"event": made.event, "best": made.winner, "points": made.points}}}


def all_but_last(meet: Meet) -> list[Send] | str:
    """the last heat of the sheet is taken for a summary line"""
    return [Send("judge", OneHeat(heat)) for heat in meet.heats[:-1]] or "publish"


def rank_ascending(meet: Meet) -> dict[str, Any]:
    """rank sorts the wrong way, and the spread is negative."""
    made = DESK.rank(meet)
    table = made["standings"][::-1]
    return {"standings": table, "leader": table[0][0], "spread": table[0][1] - table[1][1]}


def rank_names_only(meet: Meet) -> dict[str, Any]:
    """rank lists the teams without their points."""
    made = DESK.rank(meet)
    return {**made, "standings": [team for team, _ in made["standings"]]}


def publish_returns_text(meet: Meet) -> dict[str, Any]:
    """publish writes `bulletins`, which no one declared."""
    return {"bulletins": DESK.publish(meet)["bulletin"]}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _meet(venue: str, *rows: str) -> dict[str, Any]:
    return {"venue": venue, "sheet": list(rows)}


FREE = "50m free | Ada Lund/Otters/28.41; Bea Roth/Pikes/29.02; Cleo Maas/Terns/29.77"
BACK = "100m back | Dov Stern/Pikes/1:04.9; Eli Marsh/Otters/1:05.3; Finn Oye/Terns/1:09.0"
FLY = "100m fly | Gus Hale/Terns/1:01.2; Hugo Brix/Pikes/1:03.8; Ian Falk/Otters/1:04.4"
BREAST = "200m breast | Jon Vik/Otters/2:31.7; Kai Wolf/Terns/2:36.2"
LONG = "400m free | Lars Ek/Pikes/4:18.3; Max Thiel/Otters/4:20.9; Nils Bo/Terns/4:33.5; Oke Rand/Pikes/4:41.0"
INPUTS = (
    Healthy(name="spring", input=_meet("Harbour Pool", FREE, BACK, LONG)),
    Healthy(name="club", input=_meet("Mill Baths", BACK, FLY, BREAST)),
    Healthy(name="gala", input=_meet("North Arena", FREE, FLY, BREAST, LONG)),
    Healthy(name="sprint", input=_meet("Quay Lido", FREE, FLY, BACK)),
    Healthy(name="derby", input=_meet("City Pool", FREE, BREAST, LONG)),
    Healthy(name="open", input=_meet("Lake Stage", FREE, BACK, FLY, BREAST)),
    Healthy(
        name="failed-start",
        input=_meet("Dock Pool", "50m free | Error Nyborg/Otters/DSQ; Ann Fail/Pikes/31.2; Lu Poe/Terns/32.0", BACK),
        why="names that are words of failure, and a disqualification",
    ),
    Healthy(
        name="nobody",
        input=_meet("Old Baths", "50m fly | Una Bek/Otters/DNS; Vera Sol/Pikes/DNS", FREE),
        why="a heat without a winner: None and zero",
    ),
    Healthy(name="cancelled", input=_meet("Rain Pool"), why="no heats at all"),
    Healthy(name="one", input=_meet("Yard Pool", FREE), why="a single branch"),
    Healthy(
        name="tie",
        input=_meet(
            "Twin Pool", "50m free | A Po/Otters/30.0; B Qu/Pikes/30.1", "50m back | C Ra/Pikes/33; D Su/Otters/34"
        ),
        why="a tie: the spread is zero",
    ),
    Healthy(
        name="same-times",
        input=_meet(
            "Echo Pool", *[f"50m relay {at} | P/Otters/30.0; Q/Pikes/31.0; R/Terns/32.0" for at in range(1, 7)]
        ),
        why="six heats with the very same times",
    ),
    Healthy(
        name="welsh",
        input=_meet("Pwll Nofio Môn", "100m rhydd | Siân Llŷr/Môr/1:02.5; Gwên Ŵyn/Dŵr/1:03.1; Ffion Êl/Môr/1:05.0"),
        why="unusual letters",
    ),
)

EACH = "results.*"
PLAN = Plan(NAME, "tuning", on=["spring", "club", "gala", "sprint", "derby", "open"])
PLAN.each(TEXT, "publish", "bulletin")
PLAN.each(("placeholder", "exception_text"), "judge", f"{EACH}.winner", calls=(1,))
PLAN.each(("missing_value", "wrong_type", "poisoned_value"), "judge", f"{EACH}.points", calls=(1,))
PLAN.each(
    ("power_of_ten", "sign_flip", "unit_error", "unparsed_text", "missing_value"), "judge", f"{EACH}.pace", calls=(2,)
)
PLAN.add("missing_branch", "read_sheet", times=3)
PLAN.add("missing_result", "judge", "results", times=3)
PLAN.add("crash", "judge", calls=(2,), times=2)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output"), "read_sheet", "heats")
PLAN.each(("missing_value", "wrong_type"), "read_sheet", "heats.0.lanes", symptom="judge")
PLAN.each(("power_of_ten", "unparsed_text"), "read_sheet", "heats.1.lanes.0.seconds", symptom="judge")
PLAN.add("fewer_items", "read_sheet", "heats", on="gala")
PLAN.each(NUMBER, "rank", "spread", on="gala")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "rank", "standings", symptom="publish")
PLAN.each(("foreign_value", "foreign_meaning", "foreign_type"), "rank", "heats")
PLAN.each(("foreign_value", "foreign_meaning"), "publish", "leader")
PLAN.add(SkippedStep(target="publish"), "read_sheet")
PLAN.add("no_update", "rank")
PLAN.add("stale_result", "publish", on="club", warm_up="sprint")
PLAN.each(("unsupported_number", "unsupported_name"), "publish", "bulletin")

PLAN.variant("missing_result", "judge", judge_key_is_metres, on="open", symptom="rank")
PLAN.variant("missing_result", "judge", judge_forgets_heats_of_two, on="derby")
PLAN.variant("unit_error", "judge", judge_in_minutes)
PLAN.variant("wrong_type", "judge", judge_as_mapping, symptom="publish")
PLAN.variant("missing_branch", "read_sheet", all_but_last, place="branch", on="gala")
PLAN.variant("sign_flip", "rank", rank_ascending, on="gala")
PLAN.variant("wrong_type", "rank", rank_names_only, symptom="publish")
PLAN.variant("renamed_key", "publish", publish_returns_text)

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="Send over dataclasses, a fold", build=build, inputs=INPUTS, faults=PLAN.cases
)
