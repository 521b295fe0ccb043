from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from argus.model.trace import Trace
from argus.testing.builders import build_trace, ran

Runs = dict[str, Trace]
CALL = "import sys\nfrom argus.cli.main import run\nsys.exit(run())"


def _complete(folder: Path, *words: str, shell: str = "bash", **environ: str) -> list[str]:
    line = {"COMP_WORDS": " ".join(("argus", *words)), "COMP_CWORD": str(len(words))}
    told = subprocess.run(
        [sys.executable, "-c", CALL],
        env={**os.environ, **line, "_ARGUS_COMPLETE": f"{shell}_complete", **environ},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    return [line for line in told.stdout.splitlines() if line]


@pytest.fixture
def folder(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> Path:
    stored(*runs.values(), build_trace(ran("a"), trace_id="e" * 16, pipeline_name="$(touch broken);x"))
    return tmp_path


def test_commands_options_and_values(folder: Path) -> None:
    assert _complete(folder, "st") == ["plain,stats"]
    assert _complete(folder, "trace", "--li") == ["plain,--list", "plain,--lineage", "plain,--limit", "plain,--live"]
    assert _complete(folder, "trace", "--status", "inc") == ["plain,incomplete"]
    assert _complete(folder, "trace", "--severity", "c") == ["plain,critical"]


@pytest.mark.parametrize("command", ["trace", "report", "fix", "diff"])
def test_ids_by_their_beginning(command: str, folder: Path, runs: Runs) -> None:
    assert _complete(folder, command, "8f") == [f"plain,{runs['broken'].id}"]
    assert _complete(folder, command, "la") == ["plain,last"]
    assert _complete(folder, command, "zzz") == []


def test_the_newest_ids_when_nothing_is_typed(folder: Path, runs: Runs) -> None:
    offered = _complete(folder, "diff", "last", "")
    assert offered[0] == "plain,last"
    assert {f"plain,{run.id}" for run in runs.values()} <= set(offered)


def test_pipelines_that_are_plain_words(folder: Path) -> None:
    assert _complete(folder, "trace", "--pipeline", "") == [
        "plain,agent", "plain,faq", "plain,research", "plain,support-rag",
    ]  # fmt: skip
    assert _complete(folder, "trace", "--pipeline", "$(t") == []
    assert not (folder / "broken").exists()


def test_the_store_named_on_the_line_is_read(folder: Path, runs: Runs) -> None:
    (folder / ".argus" / "traces.db").rename(folder / "other.db")
    for end in ("-wal", "-shm"):
        (folder / ".argus" / f"traces.db{end}").unlink(missing_ok=True)
    assert _complete(folder, "trace", "8f") == []
    assert _complete(folder, "trace", "--store", "other.db", "8f") == [f"plain,{runs['broken'].id}"]
    assert _complete(folder, "--store", "other.db", "trace", "8f") == [f"plain,{runs['broken'].id}"]


def test_whatever_is_wrong_offers_nothing_and_changes_nothing(tmp_path: Path) -> None:
    assert _complete(tmp_path, "trace", "8f") == []
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "argus.yaml").write_text("nonsense: [")
    assert _complete(tmp_path, "trace", "--pipeline", "") == []
    (tmp_path / "argus.yaml").unlink()
    (tmp_path / ".argus").mkdir()
    (tmp_path / ".argus" / "traces.db").write_bytes(b"no database" * 1000)
    assert _complete(tmp_path, "trace", "8f") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_what_an_id_is(shell: str, folder: Path, runs: Runs) -> None:
    words = {"COMP_WORDS": "argus trace 8f", "COMP_CWORD": "2" if shell == "zsh" else "8f"}
    told = _complete(folder, "trace", "8f", shell=shell, **words)
    assert any(runs["broken"].id in line for line in told)
    assert any("failed, 2026-01-01 12:00" in line for line in told)


@pytest.mark.parametrize(("shell", "word"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --no")])
def test_the_line_for_each_shell_gives_a_script(shell: str, word: str, call: Any, tmp_path: Path) -> None:
    assert f"_ARGUS_COMPLETE={shell}_source argus" in call("--help").out
    script = "\n".join(_complete(tmp_path, shell="bash", _ARGUS_COMPLETE=f"{shell}_source"))
    assert word in script
    assert "argus" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes(folder: Path, runs: Runs) -> None:
    program = folder / "bin" / "argus"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{CALL}\n")
    program.chmod(0o755)
    script = (
        'eval "$(_ARGUS_COMPLETE=bash_source argus)"\n'
        "COMP_WORDS=(argus trace 8f) COMP_CWORD=2\n_argus_completion argus 8f trace\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    environ = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    told = subprocess.run(["bash", "-c", script], env=environ, cwd=folder, capture_output=True, text=True, check=True)
    assert told.stdout == f"{runs['broken'].id}\n"


def test_only_what_is_needed_is_loaded(folder: Path) -> None:
    code = (
        "import sys\nfrom argus.cli.main import run\ntry:\n    run()\nexcept SystemExit:\n    pass\n"
        "print(*{'numpy', 'rich', 'jinja2', 'langgraph', 'argus.detectors.registry'} & set(sys.modules), sep='')"
    )
    environ = {**os.environ, "_ARGUS_COMPLETE": "bash_complete", "COMP_WORDS": "argus trace 8f", "COMP_CWORD": "2"}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=folder, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines()[1:] == [""]
