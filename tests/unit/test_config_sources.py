"""Where options come from, which source wins, and how wrong ones are reported."""

import json
from pathlib import Path

import pytest

from argus.config.schema import options
from argus.config.settings import Settings, WatcherSettings
from argus.config.sources import load
from argus.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "argus.yaml"
    path.write_text(text)
    return path


def test_defaults_without_any_source(tmp_path):
    loaded = load(environ={}, start=tmp_path)
    assert loaded.settings == Settings()
    assert loaded.origins == {}
    assert loaded.file is None
    assert loaded.base_folder == tmp_path


def test_arguments_beat_environment_beats_file(tmp_path):
    write(tmp_path, "watcher: {strict: true, max_field_size: 1, investigate: false}\n")
    loaded = load(
        environ={"ARGUS_MAX_FIELD_SIZE": "2", "ARGUS_INVESTIGATE": "always"},
        arguments={"watcher.investigate": True, "watcher.strict": None},
        start=tmp_path,
    )
    assert loaded.settings.watcher == WatcherSettings(strict=True, max_field_size=2, investigate=True)
    assert loaded.origins == {
        "watcher.strict": "argus.yaml:1",
        "watcher.max_field_size": "ARGUS_MAX_FIELD_SIZE",
        "watcher.investigate": "argument",
    }


def test_the_nearest_file_up_to_the_repository_root_counts(tmp_path):
    outer = tmp_path / "outer"
    repository = outer / "repository"
    deep = repository / "src" / "package"
    deep.mkdir(parents=True)
    (repository / ".git").mkdir()
    write(outer, "watcher: {strict: true}\n")
    assert load(environ={}, start=deep).file is None
    expected = write(repository, "watcher: {strict: true}\n")
    assert load(environ={}, start=deep).file == expected


def test_the_search_stops_at_home(tmp_path):
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    write(tmp_path, "watcher: {strict: true}\n")
    assert load(environ={"HOME": str(home)}, start=home / "project").file is None


def test_a_file_of_another_user_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path, "{}")
    monkeypatch.setattr("os.getuid", lambda: path.stat().st_uid + 1)
    if path.stat().st_uid == 0:  # root's own files are trusted; make it look foreign
        import os

        os.chown(path, 4242, 4242)
    with pytest.raises(ConfigError, match="belongs to another user"):
        load(environ={}, start=tmp_path)


def test_every_problem_is_gathered_with_its_line_and_the_nearest_key(tmp_path):
    path = write(
        tmp_path,
        "watcher:\n  strct: true\n  max_field_size: lots\nstorage:\n  retention:\n    dayz: 3\ndetecion: {}\n"
        "detection: 4\n",
    )
    with pytest.raises(ConfigError) as caught:
        load(environ={"ARGUS_DETECTION__STATISTICAL__Z_TRESHOLD": "3", "ARGUS_STRICT": "perhaps"}, start=tmp_path)
    problems = caught.value.problems
    assert f"{path}, line 2: unknown key `watcher.strct`; did you mean `watcher.strict`?" in problems
    assert any(f"{path}, line 3: `watcher.max_field_size` has a wrong value" in p for p in problems)
    assert any("line 6" in p and "storage.retention.days" in p for p in problems)
    assert any("line 7" in p and "`detection`" in p for p in problems)
    assert any("line 8: `detection` must be a section" in p for p in problems)
    assert any("ARGUS_DETECTION__STATISTICAL__Z_THRESHOLD" in p for p in problems)
    assert any("environment variable ARGUS_STRICT" in p for p in problems)
    assert len(problems) == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("watcher: [", "line 2"),
        ("- a\n- b\n", "sections"),
        ("watcher: !!python/object:os.system {}\n", "line 1"),
        ("a: &a [1]\nb: " + "[" * 60 + "]" * 60, "nested too deeply|unknown key"),
    ],
)
def test_files_that_are_no_configuration(tmp_path, text, message):
    write(tmp_path, text)
    with pytest.raises(ConfigError, match=message):
        load(environ={}, start=tmp_path)


def test_a_word_that_an_option_does_not_know_is_answered_with_those_it_does(tmp_path):
    write(tmp_path, "detection: {statistical: {metrics: [execution_tme]}}\n")
    with pytest.raises(ConfigError, match=r"execution_tme.*; the words are execution_time, output_length, token_count"):
        load(environ={}, start=tmp_path)


def test_an_empty_file_and_empty_sections_change_nothing(tmp_path):
    write(tmp_path, "")
    assert load(environ={}, start=tmp_path).settings == Settings()
    write(tmp_path, "watcher:\ndetection:\n  semantic:\n")
    assert load(environ={}, start=tmp_path).settings == Settings()


def test_a_named_file_that_does_not_exist(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read .*nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml", environ={}, start=tmp_path)


def test_ready_settings_replace_file_and_environment(tmp_path):
    write(tmp_path, "watcher: {strict: true}\n")
    given = Settings(watcher=WatcherSettings(max_field_size=7))
    loaded = load(given, environ={"ARGUS_STRICT": "1"}, start=tmp_path)
    assert loaded.settings == given
    assert loaded.origins == {"watcher.max_field_size": "argument"}


def test_wrong_arguments_are_named():
    with pytest.raises(ConfigError, match="argument `max_field_size`"):
        load(environ={}, arguments={"watcher.max_field_size": 0}, start=Path("/nonexistent-start"))
    with pytest.raises(ConfigError, match=r"did you mean `watcher\.strict`"):
        load(environ={}, arguments={"watcher.strikt": True}, start=Path("/nonexistent-start"))


def test_unknown_plain_variables_belong_to_others(tmp_path):
    assert load(environ={"ARGUS_PUBLIC_DATA": "/x", "ARGUS_STRICT": ""}, start=tmp_path).settings == Settings()


EXAMPLES = {bool: "true", int: "3", float: "0.5", str: "text"}


@pytest.mark.parametrize("option", options().values(), ids=lambda option: option.key)
def test_every_option_is_documented_and_can_be_set_from_the_environment(option, tmp_path):
    assert option.meaning.endswith("."), option.key
    text = {
        "watcher.investigate": "always",
        "journal.fsync": "run",
        "detection.ignore": json.dumps([{"code": "STR401"}]),
        "detection.statistical.metrics": "token_count, output_length",
        "detection.custom": "a:B",
        "security.redact_keys": "a,b",
        "security.redact_values": '["a", "b"]',
        "capture.fields": '{"blob": "hash"}',
        "storage.retention.days": "1.5",
        "detection.semantic.embedder_cut": "0.3",
        "detection.semantic.judge_failure": "flag",
        "detection.semantic.judge_price_in": "2.5",
        "detection.semantic.judge_price_out": "10",
        "storage.retention.max_size": "100",
    }.get(option.key) or (("false" if option.default else "true") if isinstance(option.default, bool) else None)
    text = text or EXAMPLES.get(type(option.default), "text")
    for name in option.environment:
        loaded = load(environ={name: text}, start=tmp_path)
        assert loaded.origins == {option.key: name}
        assert loaded.settings != Settings()
