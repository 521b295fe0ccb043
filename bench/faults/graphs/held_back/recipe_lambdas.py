"""No type hints at all: a plain dict as state and lambdas as nodes; recipes are scaled and costed."""

import re

from bench.faults.graphs.pace import pause
from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph
from langgraph.graph import END, START, StateGraph

NAME = "recipe_lambdas"

PRICES = {"flour": 0.001, "sugar": 0.002, "butter": 0.009, "eggs": 0.3, "milk": 0.0012, "rice": 0.003, "salt": 0.0005}


def read_recipe(state):
    found = re.findall(r"(\d+(?:\.\d+)?) ?(g|ml|pcs) (\w+)", state["text"])
    return {**state, "items": [{"name": name, "amount": float(amount), "unit": unit} for amount, unit, name in found]}


def scale(state):
    pause(0.01)
    factor = state["guests"] / state["serves"]
    return {
        **state,
        "factor": factor,
        "items": [{**item, "amount": round(item["amount"] * factor, 2)} for item in state["items"]],
    }


def wording(state):
    if not state["items"]:
        return f"{state['title']}: nothing to buy."
    bought = ", ".join(f"{item['amount']:g} {item['unit']} {item['name']}" for item in state["items"])
    return f"{state['title']} for {state['guests']}: buy {bought}. It will cost {state['cost']:.2f} EUR."


def build(patch):
    graph = StateGraph(dict)
    graph.add_node("read_recipe", read_recipe)
    graph.add_node("scale", scale)
    graph.add_node(
        "add_cost", lambda s: {**s, "cost": round(sum(PRICES.get(i["name"], 0) * i["amount"] for i in s["items"]), 2)}
    )
    graph.add_node("per_head", lambda s: {**s, "per_head": round(s["cost"] / s["guests"], 2)})
    graph.add_node("spell", lambda s: {**s, "list": wording(s)})
    graph.add_node("audit", lambda s: s)
    graph.add_edge(START, "read_recipe")
    graph.add_edge("read_recipe", "scale")
    graph.add_edge("scale", "add_cost")
    graph.add_edge("add_cost", "per_head")
    graph.add_edge("per_head", "spell")
    graph.add_edge("spell", "audit")
    graph.add_edge("audit", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def read_recipe_forgets_state(state):
    """read_recipe returns only its own key; without a schema the rest of the state is gone."""
    found = re.findall(r"(\d+(?:\.\d+)?) ?(g|ml|pcs) (\w+)", state["text"])
    return {"items": [{"name": name, "amount": float(amount), "unit": unit} for amount, unit, name in found]}


def read_recipe_text_amounts(state):
    """read_recipe leaves the amounts as text."""
    found = re.findall(r"(\d+(?:\.\d+)?) ?(g|ml|pcs) (\w+)", state["text"])
    return {**state, "items": [{"name": name, "amount": amount, "unit": unit} for amount, unit, name in found]}


def scale_upside_down(state):
    """scale divides the wrong way round."""
    factor = state["serves"] / state["guests"]
    return {
        **state,
        "factor": factor,
        "items": [{**item, "amount": round(item["amount"] * factor, 2)} for item in state["items"]],
    }


def scale_in_kilos(state):
    """scale turns grams into kilograms and leaves the unit as it was."""
    factor = state["guests"] / state["serves"] / 1000
    return {
        **state,
        "factor": factor,
        "items": [{**item, "amount": round(item["amount"] * factor, 4)} for item in state["items"]],
    }


def add_price(state):
    """add_cost writes `price`; per_head reads `cost`."""
    return {**state, "price": round(sum(PRICES.get(i["name"], 0) * i["amount"] for i in state["items"]), 2)}


def spell_nothing(state):
    """spell is still a stub."""
    return {**state, "list": "shopping list TBD"}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _recipe(title, serves, guests, text):
    return {"title": title, "serves": serves, "guests": guests, "text": text}


INPUTS = (
    Healthy(name="cake", input=_recipe("Cake", 8, 12, "Mix 300 g flour, 200 g sugar, 150 g butter and 4 pcs eggs.")),
    Healthy(name="pudding", input=_recipe("Rice pudding", 4, 6, "Cook 200 g rice in 1000 ml milk with 50 g sugar.")),
    Healthy(name="crepes", input=_recipe("Crêpes", 4, 4, "Beat 3 pcs eggs, 250 g flour, 500 ml milk and 5 g salt.")),
    Healthy(name="shortbread", input=_recipe("Shortbread", 10, 20, "Knead 350 g flour, 120 g sugar, 240 g butter.")),
    Healthy(
        name="waffles",
        input=_recipe("Waffles", 6, 9, "Stir 250 g flour, 100 g sugar, 125 g butter, 3 pcs eggs, 300 ml milk."),
    ),
    Healthy(
        name="buns",
        input=_recipe("Buns", 12, 18, "Take 500 g flour, 60 g sugar, 80 g butter, 250 ml milk, 1 pcs eggs."),
    ),
    Healthy(name="water", input=_recipe("Water", 1, 3, "Nothing but water."), why="an empty list and a cost of zero"),
    Healthy(
        name="salt", input=_recipe("Brine", 2, 2, "Dissolve 10 g salt."), why="a cost that rounds to almost nothing"
    ),
    Healthy(
        name="unknown",
        input=_recipe("Saffron rice", 4, 4, "Take 300 g rice and 1 g saffron."),
        why="saffron has no price and counts as zero",
    ),
    Healthy(name="one", input=_recipe("Egg", 1, 1, "Boil 1 pcs eggs."), why="very small"),
    Healthy(
        name="error",
        input=_recipe("Trial and Error Tart", 8, 8, "After the first failed try: 220 g flour, 110 g butter."),
        why="a title with Error in it",
    ),
    Healthy(
        name="todo",
        input=_recipe("TODO cake (lorem ipsum icing)", 8, 8, "Use 280 g flour, 180 g sugar, 3 pcs eggs."),
        why="TODO and lorem ipsum in a title",
    ),
    Healthy(
        name="german",
        input=_recipe("Grießbrei für Müßiggänger", 4, 8, "Man nehme 1000 ml milk, 80 g sugar und 5 g salt."),
        why="another language",
    ),
    Healthy(
        name="twice",
        input=_recipe("Butter with butter", 2, 2, "100 g butter, then 100 g butter again."),
        why="the same item twice",
    ),
    Healthy(
        name="muffins",
        input=_recipe("Muffins", 12, 12, "Combine 260 g flour, 140 g sugar, 120 g butter, 2 pcs eggs, 200 ml milk."),
    ),
)

PLAN = Plan(NAME, "held-back", on=["cake", "pudding", "crepes", "shortbread", "waffles", "buns", "muffins"])
PLAN.each(TEXT, "spell", "list")
PLAN.each(NUMBER, "add_cost", "cost")
PLAN.each(("dropped_field", "renamed_key"), "add_cost", "cost", symptom="per_head")
PLAN.each(("power_of_ten", "sign_flip"), "per_head", "per_head")
PLAN.add("dropped_field", "per_head", "per_head", needs_history=True)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "read_recipe", "items")
PLAN.add("empty_output", "read_recipe", "items", needs_history=True)
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "unparsed_text", "sign_flip"), "read_recipe", "items.*.amount"
)
PLAN.each(("power_of_ten", "wrong_type", "missing_value"), "scale", "items.0.amount")
PLAN.each(("power_of_ten", "sign_flip"), "scale", "factor")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "add_cost", "items")
PLAN.each(("foreign_value", "foreign_meaning"), "audit", "cost")
PLAN.add("foreign_value", "audit", "list")
PLAN.add("foreign_type", "per_head", "guests")
PLAN.add("crash", "scale")
PLAN.add("crash", "spell")
PLAN.add("no_update", "scale")
PLAN.add("fewer_items", "read_recipe", "items", times=2)
PLAN.add("slow_node", "scale")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "spell", "list")
PLAN.add("contradiction", "spell", "list", times=2)
PLAN.add("stale_result", "spell", "list", on="cake", warm_up="waffles")
PLAN.add("stale_result", "read_recipe", "items", on="buns", warm_up="pudding", needs_history=True)

PLAN.variant("dropped_field", "read_recipe", read_recipe_forgets_state, symptom="scale")
PLAN.variant("wrong_type", "read_recipe", read_recipe_text_amounts, symptom="scale")
PLAN.variant("unit_error", "scale", scale_in_kilos, on="cake")
PLAN.variant("power_of_ten", "scale", scale_upside_down, on="shortbread")
PLAN.variant("renamed_key", "add_cost", add_price, symptom="per_head")
PLAN.variant("placeholder", "spell", spell_nothing)

GRAPH = MatrixGraph(
    name=NAME, part="held-back", description="plain dict, lambdas", build=build, inputs=INPUTS, faults=PLAN.cases
)
