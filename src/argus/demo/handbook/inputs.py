"""Questions that the handbook pipeline handles well, some of them odd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["INPUTS"]

INPUTS: Mapping[str, Mapping[str, Any]] = {
    "annual-leave": {"question": "How many days of annual leave do I get?", "department": "warehouse"},
    "short-yes": {"question": "May I bring my dog to the office?", "department": "design"},
    "short-no": {"question": "May I smoke on the balcony?", "department": None},
    "greeting": {"question": "Hello, good morning!"},
    "about-failures": {"question": "What do I do when a service fails?", "department": "engineering"},
    "about-errors": {"question": "What does error 429 of the order interface mean?", "department": "engineering"},
    "about-todos": {"question": "What must a TODO comment in our code name?", "department": "engineering"},
    "german": {"question": "Wie viele Tage Urlaub habe ich im Jahr?", "department": "Werkstatt"},
    "french": {"question": "Combien de jours de télétravail par semaine ?", "department": ""},
    "other-words": {"question": "What is handed in when I quit?", "department": "sales"},
    "two-topics": {
        "question": "What is the notice period for a resignation, and must I return laptop and forklift licence?",
        "department": "warehouse",
    },
    "not-in-the-handbook": {"question": "How do I reserve a meeting room in the planner?", "department": "sales"},
    "shouted": {"question": "HOW MUCH MAY A HOTEL COST PER NIGHT???", "department": "sales"},
    "rambling": {
        "question": (
            "I am new here and not sure whom to ask, sorry if this is the wrong place. My salary did not arrive on "
            "Friday. On which day of the month are salaries paid?"
        ),
        "department": "workshop",
    },
}
