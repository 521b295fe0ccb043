"""A linear chain: sales exports are read, cleaned, converted, added up and described."""

from __future__ import annotations

import json
from typing import Any, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import NUMBER, RECORD, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

NAME = "etl_chain"


class Row(TypedDict):
    date: str
    region: str
    product: str
    amount: float
    note: str


class EtlState(TypedDict):
    source: str
    raw_rows: list[dict[str, str]]
    rejected: list[str]
    rows: list[Row]
    totals: dict[str, float]
    grand_total: float
    row_count: int
    report: str
    payload: str


def read_rows(state: EtlState) -> dict[str, Any]:
    lines = [line for line in state["source"].splitlines() if line.strip()]
    header = [name.strip() for name in lines[0].split(";")]
    return {"raw_rows": [dict(zip(header, line.split(";"), strict=False)) for line in lines[1:]]}


def clean(state: EtlState) -> dict[str, Any]:
    pause(0.015)
    kept, rejected = [], []
    for row in state["raw_rows"]:
        stripped = {key: value.strip() for key, value in row.items()}
        if stripped.get("amount"):
            kept.append(stripped)
        else:
            rejected.append(f"{stripped.get('date', '?')} {stripped.get('product', '?')}: no amount")
    return {"raw_rows": kept, "rejected": rejected}


def convert(state: EtlState) -> dict[str, Any]:
    rows = [
        {
            "date": row["date"],
            "region": row["region"],
            "product": row["product"],
            "amount": float(row["amount"]),
            "note": row.get("note", ""),
        }
        for row in state["raw_rows"]
    ]
    return {"rows": rows}


def aggregate(state: EtlState) -> dict[str, Any]:
    totals: dict[str, float] = {}
    for row in state["rows"]:
        totals[row["region"]] = round(totals.get(row["region"], 0.0) + row["amount"], 2)
    return {"totals": totals, "grand_total": round(sum(totals.values()), 2), "row_count": len(state["rows"])}


def describe(state: EtlState) -> dict[str, Any]:
    best = max(state["totals"], key=lambda region: state["totals"][region])
    sentences = [
        f"{state['row_count']} sales add up to {state['grand_total']:.2f} EUR.",
        f"The strongest region is {best} with {state['totals'][best]:.2f} EUR.",
    ]
    for region, total in sorted(state["totals"].items()):
        count = sum(1 for row in state["rows"] if row["region"] == region)
        sentences.append(f"{region} sold {count} items for {total:.2f} EUR in all.")
    notes = [row["note"] for row in state["rows"] if row["note"]]
    if notes:
        sentences.append("Notes: " + "; ".join(notes) + ".")
    if state["rejected"]:
        sentences.append(f"{len(state['rejected'])} rows were left out because they had no amount.")
    return {"report": " ".join(sentences)}


def export(state: EtlState) -> dict[str, Any]:
    body = {
        "total": state["grand_total"],
        "count": state["row_count"],
        "regions": [{"name": name, "total": total} for name, total in state["totals"].items()],
        "text": state["report"],
    }
    return {"payload": json.dumps(body, ensure_ascii=False)}


def build(patch: Patch) -> Any:
    graph = StateGraph(EtlState)
    for function in (read_rows, clean, convert, aggregate, describe, export):
        graph.add_node(function)
    graph.add_edge(START, "read_rows")
    for source, target in (
        ("read_rows", "clean"),
        ("clean", "convert"),
        ("convert", "aggregate"),
        ("aggregate", "describe"),
        ("describe", "export"),
    ):
        graph.add_edge(source, target)
    graph.add_edge("export", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def clean_keeps_the_wrong_list(state: EtlState) -> dict[str, Any]:
    """clean hands on the rejected rows and throws the good ones away."""
    kept, rejected = [], []
    for row in state["raw_rows"]:
        stripped = {key: value.strip() for key, value in row.items()}
        (kept if not stripped.get("amount") else rejected).append(stripped)
    return {"raw_rows": kept, "rejected": []}


def convert_calls_it_value(state: EtlState) -> dict[str, Any]:
    """convert writes `value` into each row where everybody reads `amount`."""
    rows = [
        {
            "date": row["date"],
            "region": row["region"],
            "product": row["product"],
            "value": float(row["amount"]),
            "note": "",
        }
        for row in state["raw_rows"]
    ]
    return {"rows": rows}


def convert_returns_records(state: EtlState) -> dict[str, Any]:
    """convert returns `records`; the state has `rows`, so LangGraph drops it."""
    records = [
        {
            "date": row["date"],
            "region": row["region"],
            "product": row["product"],
            "amount": float(row["amount"]),
            "note": row.get("note", ""),
        }
        for row in state["raw_rows"]
    ]
    return {"records": records}


def convert_leaves_amounts_as_text(state: EtlState) -> dict[str, Any]:
    """convert forgets float(), so amounts stay text."""
    rows = [
        {
            "date": row["date"],
            "region": row["region"],
            "product": row["product"],
            "amount": row["amount"],
            "note": row.get("note", ""),
        }
        for row in state["raw_rows"]
    ]
    return {"rows": rows}


def convert_reads_cents(state: EtlState) -> dict[str, Any]:
    """convert takes euros for cents and multiplies by a hundred."""
    rows = [
        {
            "date": row["date"],
            "region": row["region"],
            "product": row["product"],
            "amount": float(row["amount"]) * 100,
            "note": row.get("note", ""),
        }
        for row in state["raw_rows"]
    ]
    return {"rows": rows}


def aggregate_without_total(state: EtlState) -> dict[str, Any]:
    """aggregate forgets grand_total."""
    totals: dict[str, float] = {}
    for row in state["rows"]:
        totals[row["region"]] = round(totals.get(row["region"], 0.0) + row["amount"], 2)
    return {"totals": totals, "row_count": len(state["rows"])}


def aggregate_resets_totals(state: EtlState) -> dict[str, Any]:
    """aggregate returns the dictionary it made anew for the last row, so all but one sale is lost."""
    totals: dict[str, float] = {}
    for row in state["rows"]:
        totals = {row["region"]: row["amount"]}
    return {"totals": totals, "grand_total": round(sum(totals.values()), 2), "row_count": len(state["rows"])}


def read_rows_of_comma_file(state: EtlState) -> dict[str, Any]:
    """read_rows splits at commas; the export uses semicolons."""
    lines = [line for line in state["source"].splitlines() if line.strip()]
    header = [name.strip() for name in lines[0].split(",")]
    return {"raw_rows": [dict(zip(header, line.split(","), strict=False)) for line in lines[1:]]}


def export_of_dict_repr(state: EtlState) -> dict[str, Any]:
    """export writes Python's repr instead of JSON."""
    body = {"total": state["grand_total"], "count": state["row_count"], "text": state["report"]}
    return {"payload": str(body)}


def describe_returns_none(state: EtlState) -> dict[str, Any]:
    """describe keeps what list.sort() returns."""
    sentences = [f"{state['row_count']} sales add up to {state['grand_total']:.2f} EUR."].sort()
    return {"report": sentences}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _csv(*rows: str) -> str:
    return "date;region;product;amount;note\n" + "\n".join(rows)


def _many(count: int) -> str:
    regions = ("North", "South", "East")
    return _csv(*(f"2024-05-{at % 28 + 1:02d};{regions[at % 3]};Lamp;{20 + at % 13}.50;" for at in range(count)))


INPUTS = (
    Healthy(
        name="spring",
        input={
            "source": _csv(
                "2024-03-01;North;Lamp;59.90;", "2024-03-02;South;Chair;120.00;", "2024-03-02;North;Desk;340.50;"
            )
        },
    ),
    Healthy(
        name="summer",
        input={
            "source": _csv(
                "2024-06-11;East;Desk;310.00;",
                "2024-06-11;East;Lamp;49.90;",
                "2024-06-12;South;Shelf;89.00;",
                "2024-06-14;North;Chair;99.00;",
                "2024-06-15;North;Lamp;64.50;",
            )
        },
    ),
    Healthy(
        name="autumn",
        input={
            "source": _csv(
                "2024-09-20;South;Sofa;780.00;",
                "2024-09-21;South;Lamp;45.00;",
                "2024-09-23;West;Desk;295.00;",
                "2024-09-23;West;Rug;150.00;",
            )
        },
    ),
    Healthy(
        name="winter",
        input={
            "source": _csv(
                "2024-12-01;North;Lamp;39.90;gift wrap",
                "2024-12-03;East;Candle;9.90;",
                "2024-12-05;South;Rug;210.00;",
                "2024-12-07;North;Desk;355.00;delivered late",
            )
        },
    ),
    Healthy(
        name="two-regions",
        input={
            "source": _csv(
                "2024-04-02;North;Bench;180.00;", "2024-04-02;East;Stool;60.00;", "2024-04-03;East;Stool;60.00;"
            )
        },
    ),
    Healthy(
        name="one-row",
        input={"source": _csv("2024-07-01;South;Mirror;75.00;")},
        why="a single row",
    ),
    Healthy(
        name="refunds",
        input={
            "source": _csv(
                "2024-08-01;North;Desk;340.00;", "2024-08-02;North;Desk;-340.00;refund", "2024-08-02;South;Lamp;59.00;"
            )
        },
        why="a negative amount, and a region whose total is zero",
    ),
    Healthy(
        name="todo-notes",
        input={
            "source": _csv(
                "2024-02-01;East;Planner 'TODO';12.50;TODO list printed",
                "2024-02-02;East;Poster;18.00;lorem ipsum motif",
                "2024-02-02;South;Sign;25.00;text: error 404",
            )
        },
        why="data that contains TODO, lorem ipsum and an error number",
    ),
    Healthy(
        name="rejected-rows",
        input={
            "source": _csv(
                "2024-01-03;North;Lamp;59.90;",
                "2024-01-03;North;Chair;;price missing",
                "2024-01-04;West;Desk;;",
                "2024-01-05;West;Shelf;88.00;",
            )
        },
        why="rows without an amount are left out, as they should be",
    ),
    Healthy(
        name="namibia",
        input={"source": _csv("2024-05-05;NA;Lamp;51.00;", "2024-05-06;NA;Chair;99.00;", "2024-05-06;BW;Rug;140.00;")},
        why="NA is a country code here",
    ),
    Healthy(
        name="umlauts",
        input={
            "source": _csv(
                "2024-10-01;Köln;Tischlampe „Größe M“;61.00;Fehler im Etikett",
                "2024-10-02;Zürich;Bücherregal;199.00;",
                "2024-10-02;Köln;Stuhl;89.00;",
            )
        },
        why="other languages, and a note about an error on a label",
    ),
    Healthy(name="long", input={"source": _many(60)}, why="sixty rows that look alike"),
    Healthy(
        name="same-lines",
        input={"source": _csv(*["2024-11-11;North;Candle;9.90;"] * 8)},
        why="the same line eight times, because eight were sold",
    ),
    Healthy(
        name="free-samples",
        input={
            "source": _csv(
                "2024-03-09;South;Sample;0.00;free", "2024-03-09;East;Lamp;59.00;", "2024-03-10;South;Sample;0.00;free"
            )
        },
        why="amounts and a total of zero",
    ),
    Healthy(
        name="spring-sale",
        input={
            "source": _csv(
                "2024-03-20;North;Lamp;47.90;",
                "2024-03-20;South;Chair;96.00;",
                "2024-03-21;North;Desk;272.40;",
                "2024-03-22;East;Rug;118.00;",
                "2024-03-22;West;Sofa;624.00;",
            )
        },
    ),
)

PLAN = Plan(NAME, "tuning", on=["spring", "summer", "autumn", "winter", "spring-sale", "two-regions"])
PLAN.each(TEXT, "describe", "report")
PLAN.each(("short_output",), "describe", "report", on="spring-sale")
PLAN.each(RECORD, "convert", "rows")
PLAN.each(RECORD, "aggregate", "totals")
PLAN.each(NUMBER, "aggregate", "grand_total")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "unparsed_text"), "convert", "rows.*.amount")
PLAN.each(("missing_value", "wrong_type", "poisoned_value"), "convert", "rows.1.amount", on="summer")
PLAN.add("missing_value", "read_rows", "raw_rows.1.amount", on="summer", symptom="clean")
PLAN.each(("power_of_ten", "sign_flip"), "convert", "rows.*.amount", on="summer")
PLAN.add("truncated_json", "export", "payload", times=3)
PLAN.each(("html_page", "http_error_body", "empty_output"), "export", "payload")
PLAN.each(("no_update", "crash"), "convert")
PLAN.add("no_update", "aggregate")
PLAN.add("crash", "describe", times=2)
PLAN.add("fewer_items", "clean", "raw_rows", on="long", times=2)
PLAN.add("slow_node", "clean", times=2)
PLAN.add("fast_node", "clean", result={"rejected": []}, on="summer")
PLAN.each(("foreign_type", "foreign_meaning", "foreign_value"), "describe", "rows")
PLAN.each(("foreign_type", "foreign_value"), "export", "report")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date"), "describe", "report")
PLAN.add("contradiction", "describe", "report", times=2)
PLAN.add("stale_result", "describe", on="summer", warm_up="winter")
PLAN.add("stale_result", "read_rows", on="spring", warm_up="autumn")

PLAN.variant("dropped_field", "clean", clean_keeps_the_wrong_list, on="summer", symptom="describe")
PLAN.variant("renamed_key", "convert", convert_calls_it_value, symptom="aggregate")
PLAN.variant("renamed_key", "convert", convert_returns_records, symptom="aggregate")
PLAN.variant("wrong_type", "convert", convert_leaves_amounts_as_text, symptom="aggregate")
PLAN.variant("unit_error", "convert", convert_reads_cents)
PLAN.variant("dropped_field", "aggregate", aggregate_without_total, symptom="describe")
PLAN.variant("fewer_items", "aggregate", aggregate_resets_totals, on="summer", needs_history=True)
PLAN.variant("wrong_type", "read_rows", read_rows_of_comma_file, on="autumn", symptom="clean")
PLAN.variant("truncated_json", "export", export_of_dict_repr)
PLAN.variant("missing_value", "describe", describe_returns_none)

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="linear chain, TypedDict", build=build, inputs=INPUTS, faults=PLAN.cases
)
