"""Plain functions: decorate what you call anyway."""

from argus import ArgusSession

session = ArgusSession(pipeline_name="orders")


@session.node("load")
def load(path: str) -> dict:
    return {"path": path, "rows": [{"id": 1, "amount": 40.0}, {"id": 2, "amount": 2.5}]}


@session.node("total")
def total(loaded: dict) -> dict:
    return {"count": len(loaded["rows"]), "sum": sum(row["amount"] for row in loaded["rows"])}


@session.node("report")
def report(totals: dict) -> dict:
    return {"text": f"{totals['count']} orders over {totals['sum']:.2f} EUR"}


session.set_edges({"load": ["total"], "total": ["report"], "report": []})

with session:
    print(report(total(load("orders.csv")))["text"])
print(session.trace.status, [step.node_name for step in session.trace.steps])
