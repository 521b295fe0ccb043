"""Every example of the how-to pages runs, in the order in which the page shows them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how-to"

EXPECTED = {
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


@pytest.mark.parametrize("page", EXPECTED)
def test_what_a_page_links_to_exists(page):
    path = PAGES / f"{page}.md"
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text())
    assert links
    for link in links:
        assert (path.parent / link).exists(), link
