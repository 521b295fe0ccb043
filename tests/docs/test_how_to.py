"""Every example of the how-to pages runs, in the order in which the page shows them."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import argus
from argus.testing.full_trace import small_trace

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how-to"

EXPECTED = {
    "replay": "resolved | {summary}\n[('search', 'served'), ('answer', 'ran')]\n",
    "servers": "You asked about leave.\nall stored\n",
    "sessions": "ok {summary}\n['prompt', 'shout']\nok\n",
    "judge": "my_judge\n",
}


@pytest.mark.parametrize("page", EXPECTED)
def test_the_examples_of_a_page_run(page, tmp_path):
    text = (PAGES / f"{page}.md").read_text()
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL))
    (tmp_path / "page.py").write_text(code)
    done = subprocess.run([sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100)
    pattern = re.escape(EXPECTED[page]).replace(r"\{summary\}", ".+")
    assert re.fullmatch(pattern, done.stdout), done.stdout + done.stderr
    assert done.stderr == ""
    assert (tmp_path / ".argus" / "traces.db").exists()


def test_the_archive_s_example_runs(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", (PAGES / "object-storage.md").read_text(), flags=re.DOTALL)
    code = code.replace("file:///tmp/argus-archive", f"file://{tmp_path}/archive")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert (done.stdout, done.stderr) == ("['pipeline']\n", "")


def test_the_questions_of_the_page_are_answered(tmp_path):
    text = (PAGES / "sql.md").read_text()
    argus.open_store(f"sqlite:///{tmp_path}/.argus/traces.db").save(small_trace(1))
    argus_command = Path(sys.executable).with_name("argus")
    lines = re.findall(r"^argus (sql .*)$", text, flags=re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        words = [argus_command, *shlex.split(line)]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=100)
        assert (done.returncode, done.stderr) == (0, ""), line
    columns = {
        name: re.findall(r"`(\w+)`", rest) for name, rest in re.findall(r"^\| `(\w+)` \| (`.*) \|$", text, re.MULTILINE)
    }
    assert set(columns) == {"traces", "trace_steps", "detections", "forensics"}
    with argus.open_store(f"sqlite:///{tmp_path}/.argus/traces.db") as store:
        for relation, promised in columns.items():
            assert set(promised) <= set(store.ask(f"SELECT * FROM {relation}").columns)
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=100)


@pytest.mark.parametrize("page", [*EXPECTED, "object-storage", "sql"])
def test_what_a_page_links_to_exists(page):
    path = PAGES / f"{page}.md"
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text())
    assert links
    for link in links:
        assert (path.parent / link).exists(), link
