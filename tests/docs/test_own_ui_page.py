"""The client of the page on own interfaces runs as written, against a server started as written."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from argus.storage.sqlite import SqliteStore
from argus.testing.builders import build_trace, ran

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
PAGE = HOW_TO / "own-ui.md"


def environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("ARGUS_")}


def argus(*words, **options):
    command = [sys.executable, "-m", "argus", *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), **options
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".git").mkdir()
    store = SqliteStore(tmp_path / ".argus" / "traces.db")
    store.save(build_trace(ran("find", {"docs": []}), ran("say", error=KeyError("docs")), status="failed"))
    store.close()
    return tmp_path


def test_the_client_of_the_page(folder):
    client = re.search(r"```python title=\"client.py\"\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)[1]
    assert len(client.splitlines()) <= 36
    (folder / "client.py").write_text(client)
    server = argus("serve", "--port", "0", "--token-file", "token", cwd=folder)
    try:
        address = server.stdout.readline().strip()
        token = (folder / "token").read_text().strip()
        assert address.endswith(f"/?token={token}")
        assert (folder / "token").stat().st_mode & 0o777 == 0o600
        words = [sys.executable, "client.py", address.partition("/?")[0], token]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("1 runs in sqlite:///")
        assert "1 of 1: " in done.stdout
    finally:
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=60)
    assert (server.returncode, err) == (0, "")


def test_a_port_that_is_taken_is_said(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = argus("serve", "--port", port, cwd=folder)
        out, err = refused.communicate(timeout=60)
    assert (refused.returncode, out) == (2, "")
    assert f"port {port} is taken" in err
    assert "--port" in err


def test_without_the_extra_it_says_what_to_install(folder):
    code = (
        "import importlib.util as u, sys; real = u.find_spec;"
        "u.find_spec = lambda name, *rest: None if name in ('litestar', 'uvicorn') else real(name, *rest);"
        "from argus.cli.main import run; sys.exit(run(['ui']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, env=environment())
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'arguslabs[ui]'" in done.stderr


@pytest.mark.parametrize("words", [("--app", "nonsense"), ("--host", "no.such.host.invalid"), ("--port", "99999")])
def test_wrong_options(folder, words):
    refused = argus("ui", *words, cwd=folder)
    out, err = refused.communicate(timeout=60)
    assert (refused.returncode, out) == (2, "")
    assert err.startswith("argus: ")


@pytest.mark.parametrize("page", ["own-ui.md", "ui.md"])
def test_what_the_pages_link_to_exists(page):
    for link in re.findall(r"\]\(([^)#]+)\)", (HOW_TO / page).read_text()):
        assert (HOW_TO / link).exists(), link


def test_the_published_description_is_that_of_the_code():
    from argus.server.openapi import openapi_document

    published = json.loads((HOW_TO.parent / "reference" / "openapi.json").read_text())
    assert published == json.loads(json.dumps(openapi_document()))
