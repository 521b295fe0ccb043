"""The commands of the page on baselines run as written, and do what the page says."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "baselines.md"
SLIP = "is no date"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_the_commands_of_the_page(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "till.py").write_text(blocks("python")[0])
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ARGUS_")}
    environ |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}", "COLUMNS": "100"}
    said = {}
    for block in blocks("console"):
        for command in (line[2:] for line in block.splitlines()):
            words = ["bash", "-e", "-c", command]
            done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=100)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            said[command] = " ".join((done.stdout + done.stderr).split())
            if command == "argus baseline freeze":
                (tmp_path / "argus.yaml").write_text(blocks("yaml")[0])
    assert len(said) == 9
    assert "always a date" in said["argus baseline show till"]
    assert "bill.total = sum(bill(lines[].price))" in said["argus baseline show till"]
    assert SLIP in said["argus trace --last"]
    assert SLIP in said["argus --store build.db trace --last"]
    assert said["argus baseline reset till"].startswith("This would be forgotten")
    assert said["argus baseline reset till --yes"].startswith("Forgotten")
    frozen = (tmp_path / "argus.baseline.yaml").read_text()
    assert "formats: {date: 12}" in frozen


def test_what_the_page_links_to_exists():
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text()):
        assert (PAGE.parent / link).exists(), link
