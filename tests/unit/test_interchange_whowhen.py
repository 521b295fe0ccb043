"""Foreign records become traces within limits; labels stay outside; what is wrong with a file is said."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.errors import InterchangeError
from argus.interchange.json_lines import read_records
from argus.interchange.limits import ImportLimits, check, safe_id
from argus.interchange.whowhen import labelled_run, read_whowhen
from argus.model.codec import decode_trace, encode_trace


def record(**changes: Any) -> dict[str, Any]:
    history = [
        {"role": "assistant", "name": "Planner", "content": "Count the ships in the harbour."},
        {"role": "user", "name": "Counter", "content": "```python\nprint(7)\n```"},
        {"role": "user", "name": "Computer_terminal", "content": "exitcode: 0 (execution succeeded)\nCode output: 7"},
        {"role": "user", "name": "Counter", "content": "There are **7** ships."},
    ]
    known = {
        "question": "How many ships are there?",
        "question_ID": "q-1",
        "history": history,
        "mistake_agent": "Counter",
        "mistake_step": "1",
        "mistake_reason": "the label's own words",
        "ground_truth": "nine ships",
        "is_correct": False,
    }
    return {**known, **changes}


def write(path: Path, *records: Any, zipped: bool = False) -> Path:
    lines = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records).encode()
    path.write_bytes(gzip.compress(lines) if zipped else lines)
    return path


@pytest.mark.parametrize("zipped", [True, False])
def test_a_record_becomes_a_trace_with_its_labels_beside_it(tmp_path: Path, zipped: bool) -> None:
    (run,) = read_whowhen(write(tmp_path / "runs.jsonl", record(), zipped=zipped))
    assert (run.agent, run.step_number) == ("Counter", 2)
    assert [step.node_name for step in run.trace.steps] == ["Planner", "Counter", "Computer_terminal", "Counter"]
    assert run.trace.id == "q-1"
    assert run.trace.input == {"question": "How many ships are there?"}
    assert run.trace.output == "There are **7** ships."
    assert run.trace.graph is None
    assert run.trace.status == "failed"
    (finding,) = run.trace.detections
    assert finding.step_id == run.trace.steps[-1].id
    assert decode_trace(encode_trace(run.trace)) == run.trace


def test_labels_and_the_right_answer_never_enter_the_trace() -> None:
    told = encode_trace(labelled_run(record(), "x").trace).decode()
    for secret in ("nine ships", "label's own words", "mistake"):
        assert secret not in told


def test_roles_that_name_agents_and_receivers() -> None:
    history = [
        {"role": "human", "content": "How many?"},
        {"role": "Orchestrator (thought)", "content": "A plan."},
        {"role": "Orchestrator (-> WebSurfer)", "content": "Look it up."},
        {"role": "WebSurfer", "content": "Done."},
        {"role": "", "content": "?"},
    ]
    trace = labelled_run(record(history=history), "x").trace
    said = [(step.node_name, step.output_state["messages"][0].get("to")) for step in trace.steps]
    assert said == [
        ("human", None), ("Orchestrator", None), ("Orchestrator", "WebSurfer"), ("WebSurfer", None), ("unknown", None),
    ]  # fmt: skip


@pytest.mark.parametrize(("label", "number"), [("0", 1), (3, 4), ("4", None), (-1, None), (None, None), ("x", None)])
def test_labels_that_name_no_step(label: Any, number: int | None) -> None:
    assert labelled_run(record(mistake_step=label), "x").step_number == number


def test_a_run_that_went_well_has_no_finding() -> None:
    trace = labelled_run(record(is_correct=True), "x").trace
    assert (trace.status, trace.detections) == ("ok", ())


def test_secrets_are_not_taken_in() -> None:
    history = [{"role": "a", "content": "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789"}]
    assert "abcdefghijkl" not in encode_trace(labelled_run(record(history=history), "x").trace).decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"history": []}, "no Who&When record"),
        ({"history": "x"}, "no Who&When record"),
        ({"mistake_agent": None}, "no Who&When record"),
        ({"history": ["text"]}, "message 0"),
        ({"history": [{"role": "a"}]}, "message 0"),
        ({"history": [{"content": "x" * 200}]}, "200 characters"),
        ({"history": [{"content": "x"}] * 21}, "21 messages"),
        ({"history": [{"content": "x", "more": list(range(500))}]}, "more than 400 values"),
        ({"history": [{"content": "x", "more": [[[[[[[[[[[["deep"]]]]]]]]]]]]}]}, "nested deeper"),
    ],
)
def test_what_is_refused_and_why(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    limits = ImportLimits(max_depth=8, max_values=400, max_steps=20, max_text=100)
    path = write(tmp_path / "runs.jsonl", record(**changes))
    with pytest.raises(InterchangeError, match=said) as caught:
        list(read_whowhen(path, limits))
    assert "runs.jsonl, line 1" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b"[1]", "a JSON object, not a list"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "nested deeper|not JSON"),
        (b"\x1f\x8bnot gzip at all", "cannot be read"),
        (gzip.compress(b"{}" * 50, mtime=0)[:-12], "cannot be read|not JSON"),
        (b'{"a": 1}\n' * 4, "more than 3 records"),
        (gzip.compress(b" " * 5_000_000, mtime=0), "more than 1,000 bytes"),
        (b"\n" * 3_000, "more than 2,000 bytes when unpacked"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    limits = ImportLimits(max_bytes=2_000, max_record_bytes=1_000, max_records=3)
    if content.startswith(b"[[["):
        limits = ImportLimits()
    with pytest.raises(InterchangeError, match=said):
        list(read_records(path, limits))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InterchangeError, match="cannot be read"):
        list(read_whowhen(tmp_path / "missing.jsonl"))


def test_records_before_a_broken_one_are_given(tmp_path: Path) -> None:
    runs = read_whowhen(write(tmp_path / "runs.jsonl", record(), "", "{"))
    assert next(runs).trace.id == "q-1"
    with pytest.raises(InterchangeError, match="line 3"):
        next(runs)


@pytest.mark.parametrize("text", ["../../etc/passwd", "a b", "-rf", "", "x" * 65, "\x1b[2J", None, 7, "ü"])
def test_ids_are_safe_whatever_the_file_says(text: Any) -> None:
    made = safe_id(text, "f, line 1")
    assert made.isalnum()
    assert made == safe_id(text, "f, line 1") != safe_id(text, "f, line 2")
    assert safe_id("8f2c-1a.5_b", "x") == "8f2c-1a.5_b"


JSON = st.recursive(
    st.none() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=30,
)


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_any_json_is_taken_or_refused_in_words(value: Any) -> None:
    check(value, ImportLimits(), "here")
    try:
        told = labelled_run({**record(), "history": value}, "here").trace.id
    except InterchangeError as error:
        told = str(error)
    assert told.startswith(("here", "q-1"))


def test_the_public_collection_is_read_whole() -> None:
    folder = os.environ.get("ARGUS_PUBLIC_DATA")
    files = sorted((Path(folder) / "whowhen").glob("*.jsonl.gz")) if folder else []
    if not files:
        pytest.skip("ARGUS_PUBLIC_DATA names no folder with whowhen/*.jsonl.gz")
    for path in files:
        runs = list(read_whowhen(path))
        assert runs
        assert all(run.trace.steps and run.trace.status == "failed" for run in runs)
        assert all(run.step_number is not None for run in runs)
        assert len({run.trace.id for run in runs}) == len(runs)
