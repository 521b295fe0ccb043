"""Two real pipelines for ``argus demo``: healthy by default, and broken on request.

They run offline and do real work on the data shipped beside them. LangGraph is imported when a pipeline is built.
"""

from __future__ import annotations

from collections.abc import Mapping

from argus.demo.handbook.faults import FAULTS as HANDBOOK_FAULTS
from argus.demo.handbook.inputs import INPUTS as HANDBOOK_INPUTS
from argus.demo.invoices.faults import FAULTS as INVOICE_FAULTS
from argus.demo.invoices.inputs import INPUTS as INVOICE_INPUTS
from argus.demo.pipeline import Fault, Pipeline, UnknownFault, UnknownInput
from argus.demo.runner import run_demo

__all__ = ["PIPELINES", "Fault", "Pipeline", "UnknownFault", "UnknownInput", "run_demo"]

_ALL = (
    Pipeline(
        name="handbook",
        description="answers questions about a company's handbook, with sources",
        module="argus.demo.handbook.graph",
        inputs=HANDBOOK_INPUTS,
        faults=HANDBOOK_FAULTS,
    ),
    Pipeline(
        name="invoices",
        description="turns orders into invoices, each line priced in a branch of its own",
        module="argus.demo.invoices.graph",
        inputs=INVOICE_INPUTS,
        faults=INVOICE_FAULTS,
    ),
)

PIPELINES: Mapping[str, Pipeline] = {pipeline.name: pipeline for pipeline in _ALL}
"""By name."""
