"""Lays out the faults of one graph: which kinds fit which slot, with wordings that vary from slot to slot."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from bench.faults.records import FaultCase, Part, Variant

from argus.testing.faults import FAULTS, Fault, Layer, TextFault, make

TEXT = (
    "placeholder",
    "refusal",
    "error_payload",
    "http_error_body",
    "exception_text",
    "html_page",
    "stack_trace",
    "unfilled_template",
    "repeated_filler",
    "prompt_leak",
    "mojibake",
    "cut_output",
    "empty_output",
)
"""What can happen to any text that a reader is meant to read."""

RECORD = ("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output")
"""What can happen to a list, dict or text that a later node needs."""

NUMBER = ("power_of_ten", "sign_flip", "unit_error", "wrong_type", "unparsed_text", "missing_value")
"""What can happen to a figure."""

CLAIMS = ("unsupported_number", "unsupported_name", "unsupported_date", "other_answer")
"""What can happen to an answer that rests on a context."""


class Plan:
    """Collects the faults of one graph.

    Inputs are given by name (`on`); several names are taken in turn, so that a kind meets different inputs.
    """

    def __init__(self, graph: str, part: Part, on: Sequence[str]) -> None:
        self.graph = graph
        self.part = part
        self.on = tuple(on)
        self._cases: list[FaultCase] = []

    @property
    def cases(self) -> tuple[FaultCase, ...]:
        return tuple(self._cases)

    def add(
        self,
        kind: str | Fault,
        node: str,
        field: str | None = None,
        *,
        times: int = 1,
        on: str | None = None,
        symptom: str | None = None,
        where: str = "",
        spot: str = "",
        needs_history: bool | None = None,
        also: Sequence[str] = (),
        warm_up: str | None = None,
        **options: Any,
    ) -> None:
        """A fault that is injected by a wrapper, `times` with other seeds and inputs."""
        for turn in range(times):
            name = kind if isinstance(kind, str) else kind.kind
            label = f"{self.graph}:{node}:{field or '-'}:{name}"
            seed = self._seed(label) + turn
            fault = make(kind, field=field, seed=seed, **options) if isinstance(kind, str) else kind
            fault = self._worded(fault)
            history = fault.needs_history if needs_history is None else needs_history
            self._append(
                kind=name,
                node=node,
                layer=fault.layer,
                needs_history=history,
                how=fault,
                on=on or self._turn(turn),
                note=fault.description,
                where=where,
                spot=spot,
                symptom=symptom,
                also=tuple(also),
                warm_up=warm_up,
            )

    def each(self, kinds: Sequence[str], node: str, field: str | None = None, **options: Any) -> None:
        """One fault of each kind in one slot."""
        for kind in kinds:
            self.add(kind, node, field, **options)

    def variant(
        self,
        kind: str,
        node: str,
        function: Callable[..., Any],
        *,
        on: str | None = None,
        layer: Layer | None = None,
        needs_history: bool | None = None,
        symptom: str | None = None,
        where: str = "",
        spot: str = "",
        place: Any = "node",
        also: Sequence[str] = (),
        note: str = "",
    ) -> None:
        """A fault that is written into the source: `function` takes the node's place."""
        known = FAULTS.get(kind)
        chosen = layer or (known.layer if known else "structural")
        history = needs_history if needs_history is not None else bool(known and known.needs_history)
        self._append(
            kind=kind,
            node=node,
            layer=chosen,
            needs_history=history,
            how=Variant(function=function, place=place),
            on=on or self._turn(0),
            note=note or (function.__doc__ or "").strip().partition("\n")[0],
            where=where,
            spot=spot,
            symptom=symptom,
            also=tuple(also),
        )

    def _append(self, **values: Any) -> None:
        number = len(self._cases) + 1
        self._cases.append(FaultCase(id=f"{self.graph}/{number:03d}", graph=self.graph, **values))

    def _turn(self, turn: int) -> str:
        return self.on[(len(self._cases) + turn) % len(self.on)]

    def _seed(self, label: str) -> int:
        return zlib.crc32(label.encode()) % 997

    def _worded(self, fault: Fault) -> Fault:
        """Held-back graphs speak with held-back wordings."""
        if self.part == "tuning" or not isinstance(fault, TextFault) or fault.pool is not None:
            return fault
        from bench.faults.held_back_wordings import POOLS

        pool = POOLS.get(fault.kind)
        return fault if pool is None else dataclasses.replace(fault, pool=pool)
