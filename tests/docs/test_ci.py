"""The CI example fails its build on the silent failure and passes when mended; the page's commands run as written."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = PROJECT / "examples" / "ci"
PAGE = PROJECT / "docs" / "how-to" / "ci.md"
ANNOTATION = "::error file=pipeline.py,line="


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".argus", "__pycache__"))
    (folder / ".git").mkdir()
    return folder


def shell(command, folder):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ARGUS_")}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    environ["GITHUB_STEP_SUMMARY"] = str(folder / "summary.md")
    words = ["bash", "-e", "-o", "pipefail", "-c", command]
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, timeout=100)


def mend(folder):
    source = (folder / "pipeline.py").read_text()
    (folder / "pipeline.py").write_text(source.replace('{"docs": found}', '{"documents": found}'))


def steps():
    workflow = yaml.safe_load((EXAMPLE / ".github" / "workflows" / "argus.yml").read_text())
    assert workflow["permissions"] == {"contents": "read", "security-events": "write"}
    assert True in workflow  # YAML reads the key `on` so
    (job,) = workflow["jobs"].values()
    return job["steps"]


def test_the_workflow_installs_this_package():
    (install,) = (step["run"] for step in steps() if step.get("name") == "Install")
    assert install == "pip install -r requirements.txt"
    name = re.search(r'^name = "(.+)"', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert (EXAMPLE / "requirements.txt").read_text() == f"{name}[langgraph]\n"


@pytest.mark.parametrize("mended", [False, True])
def test_the_workflow(mended, repository):
    if mended:
        mend(repository)
    for step in steps():
        if step.get("name") == "Install" or "run" not in step:
            continue
        done = shell(step["run"], repository)
        assert done.returncode == (0 if mended or step["name"] != "Gate" else 1), done.stdout + done.stderr
    (upload,) = (step for step in steps() if "upload-sarif" in step.get("uses", ""))
    (run,) = json.loads((repository / upload["with"]["sarif_file"]).read_text())["runs"]
    summary = (repository / "summary.md").read_text()
    if mended:
        assert run["results"] == []
        assert "Passed: 2 runs" in summary
        assert done.stdout.startswith("::notice title=ARGUS::Passed")
    else:
        assert {result["ruleId"] for result in run["results"]} >= {"STR402"}
        places = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]]
        assert {place["uri"] for place in places} == {"pipeline.py"}
        assert "`STR402`" in summary
        assert ANNOTATION in done.stdout


def test_the_commands_of_the_page(repository):
    commands = [
        line[2:]
        for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(commands) == 11
    accepted = False
    for command in commands:
        accepted = accepted or "baseline" in command
        done = shell(command, repository)
        expected = 0 if accepted or command.startswith("argus watch") else 1
        assert done.returncode == expected, (command, done.stdout, done.stderr)
    ElementTree.parse(repository / "argus.xml")
    assert json.loads((repository / "argus.json").read_text())["passed"] is False
    baseline = json.loads((repository / "argus-baseline.json").read_text())
    assert "STR402" in {entry["code"] for entry in baseline["findings"]}


def test_what_the_page_links_to_exists():
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text()):
        assert (PAGE.parent / link).exists(), link
