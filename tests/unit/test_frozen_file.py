"""The file of frozen baselines: it gives back what was learned, and says what is wrong with it."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.analysis.observer import Observer
from argus.config.settings import Settings
from argus.errors import ConfigError
from argus.learning.freezing import freeze
from argus.learning.frozen_file import FrozenBaseline, read_frozen, write_frozen
from argus.learning.frozen_history import FrozenHistory
from argus.learning.profiling import profile_of_many
from argus.model.profile import Profile
from argus.testing.builders import build_trace, ran

GOOD = "baselines:\n- {pipeline: p, graph_version: v1, format: 1, runs: 3}\n"


def profile(runs=9):
    return profile_of_many(
        build_trace(ran("bill", {"total": 3.5 * n, "due": f"2026-03-1{n}", "on": "yes"}), trace_id=f"{n:016x}")
        for n in range(runs)
    )


def test_a_file_gives_back_what_was_frozen(tmp_path):
    path = tmp_path / "argus.baseline.yaml"
    write_frozen(path, [FrozenBaseline("p", "v1", profile()), FrozenBaseline("p", None, profile(3))])
    read = read_frozen(path)
    assert len(read) == 2
    assert freeze(read.profile("p", "v1")) == freeze(profile())
    assert read.profile("p", None).runs == 3
    assert read.profile("p", "v2") is None
    assert read.profile("q", "v1") is None
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


TEXTS = st.text(max_size=20)
VALUES = st.one_of(TEXTS, st.floats(), st.integers(), st.lists(TEXTS, max_size=3))


@settings(max_examples=60, deadline=None)
@given(update=st.dictionaries(TEXTS, VALUES, max_size=4))
def test_whatever_was_recorded_comes_back(update, tmp_path_factory):
    known = profile_of_many([build_trace(ran("n", update), trace_id=f"{n:016x}") for n in range(2)])
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    write_frozen(path, [FrozenBaseline("p", "no", known)])
    assert freeze(read_frozen(path).profile("p", "no")) == freeze(known)


def test_what_no_file_can_hold_is_written_in_another_way(tmp_path):
    path = tmp_path / "b.yaml"
    known = profile_of_many([build_trace(ran("n", {"a\ud800": "\udfff"}), trace_id=f"{n:016x}") for n in range(9)])
    write_frozen(path, [FrozenBaseline("p\ud800", None, known)])
    assert read_frozen(path).profile("p?", None).field("n", "a?").runs == 9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the list `baselines` is missing"),
        ("- 1", "the list `baselines` is missing"),
        ("baselines: {}", "the list `baselines` is missing"),
        ("baselines: [1]", "`baselines[0]` must be a mapping"),
        ("baselines: [{pipeline: p}]", "`format: 1` is missing"),
        ("baselines: [{pipeline: p, format: 9}]", "format 9"),
        ("baselines: [{pipeline: p, format: 1, graph_version: 7}]", "`graph_version` must be a text"),
        ("baselines: [{pipeline: p, format: 1, runs: many}]", "$.runs"),
        (GOOD + GOOD.partition("\n")[2], "is there twice"),
        ("baselines: [", "did not find"),
        ("a: &a [1]\nbaselines: [*a, *a]", "anchors and aliases"),
        ("baselines: " + "[" * 3000 + "]" * 3000, ""),
        ("baselines:\n- {pipeline: p, format: 1, runs: !!python/object:os.system {}}", "python/object"),
    ],
)
def test_a_bad_file_is_named_with_its_key_and_its_fault(text, said, tmp_path):
    path = tmp_path / "argus.baseline.yaml"
    path.write_text(text)
    (tmp_path / "argus.yaml").write_text("detection:\n  baseline: argus.baseline.yaml\n")
    with pytest.raises(ConfigError) as caught:
        Observer(config=tmp_path / "argus.yaml", storage=False)
    assert "`detection.baseline` (argus.yaml:2)" in str(caught.value)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_said_and_how_to_make_it(tmp_path):
    (tmp_path / "argus.yaml").write_text("detection: {baseline: gone.yaml}\n")
    with pytest.raises(ConfigError, match=r"gone\.yaml.*argus baseline freeze"):
        Observer(config=tmp_path / "argus.yaml", storage=False)


def test_the_path_is_relative_to_the_configuration(tmp_path, monkeypatch):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "argus.yaml").write_text("detection: {baseline: sub/b.yaml}\n")
    (tmp_path / "kept" / "sub").mkdir()
    (tmp_path / "kept" / "sub" / "b.yaml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    Observer(config="kept/argus.yaml", storage=False).close()


def test_a_frozen_profile_counts_before_the_store(tmp_path):
    path = tmp_path / "b.yaml"
    write_frozen(path, [FrozenBaseline("pipeline", None, profile())])
    detection = msgspec.structs.replace(Settings().detection, baseline=str(path))
    odd = build_trace(ran("bill", {"total": 3.5, "due": "soon", "on": "yes"}))
    for baseline, expected in ((detection, ["STR408"]), (Settings().detection, [])):
        observer = Observer(config=Settings(detection=baseline), storage="memory:")
        assert [one.code for one in observer.finalizer.analyse(odd).detections] == expected
        observer.close()


def test_a_frozen_history_without_a_store_knows_the_profile_only():
    history = FrozenHistory(Profile(runs=7))
    assert (history.runs(), history.samples("execution_time", "n"), history.habits().runs) == (7, (), 0)
    assert history.profile().runs == 7
