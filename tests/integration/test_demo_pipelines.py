"""What ``argus.demo`` offers beside the pipelines themselves."""

import subprocess
import sys
from importlib.resources import files

import pytest

from argus.demo import PIPELINES, UnknownFault, UnknownInput
from argus.demo.pipeline import Pipeline
from argus.errors import ArgusError, NotAvailable

ALL = [pytest.param(pipeline, id=name) for name, pipeline in PIPELINES.items()]
ALL_FAULTS = [
    pytest.param(pipeline, name, id=f"{pipeline.name}-{name}")
    for pipeline in PIPELINES.values()
    for name in pipeline.faults
]


@pytest.mark.parametrize("pipeline", ALL)
def test_pipeline_has_what_a_demonstration_needs(pipeline: Pipeline) -> None:
    assert len(pipeline.inputs) >= 10
    assert len(pipeline.faults) >= 5
    assert any(fault.needs_history for fault in pipeline.faults.values())
    assert any(fault.node != fault.symptom for fault in pipeline.faults.values())


@pytest.mark.parametrize(("pipeline", "name"), ALL_FAULTS)
def test_fault_names_real_nodes_and_inputs_and_keeps_the_shape(pipeline: Pipeline, name: str) -> None:
    fault = pipeline.fault(name)
    healthy, broken = pipeline.build(), pipeline.build(name)
    assert {fault.node, fault.symptom} <= set(healthy.nodes)
    assert fault.input in pipeline.inputs
    assert list(broken.nodes) == list(healthy.nodes)
    assert broken.edges == healthy.edges
    before = {node: spec.runnable.func for node, spec in healthy.nodes.items()}
    after = {node: spec.runnable.func for node, spec in broken.nodes.items()}
    changed = [node for node in before if before[node] is not after[node]]
    assert changed == [fault.node]


@pytest.mark.parametrize("pipeline", ALL)
def test_unknown_names_are_answered_with_the_known_ones(pipeline: Pipeline) -> None:
    with pytest.raises(UnknownFault, match="wrong-key"):
        pipeline.build("nonsense")
    with pytest.raises(UnknownInput, match=next(iter(pipeline.inputs))):
        pipeline.input("nonsense")
    assert issubclass(UnknownFault, ArgusError)


@pytest.mark.parametrize("pipeline", ALL)
def test_without_langgraph_the_install_command_is_named(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("argus.demo.pipeline.find_spec", lambda name: None)
    with pytest.raises(NotAvailable, match=r'pip install "arguslabs\[langgraph\]"'):
        pipeline.build()


def test_listing_the_pipelines_does_not_import_langgraph() -> None:
    heavy = ("langgraph", "langchain", "pydantic", "numpy")
    code = f"import sys, argus.demo; print([name for name in sys.modules if name.startswith({heavy})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_data_files_are_part_of_the_package() -> None:
    assert (files("argus.demo.handbook") / "handbook.md").is_file()
    assert (files("argus.demo.invoices") / "catalogue.csv").is_file()
