"""Secrets of every default kind go through watched graphs; no byte under ``.argus/`` may hold one of them."""

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = '''
import asyncio, dataclasses, json, operator, os, sqlite3, sys
from typing import Annotated, Any

sys.path.insert(0, sys.argv[2])
from test_canary import SECRETS, KEYED
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.tools import tool
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from langgraph.types import Send
from pydantic import BaseModel
from typing_extensions import TypedDict

import argus
from argus import ArgusWatcher

mode = sys.argv[1]
TEXT = " and ".join(f"see {secret}, please" for secret in SECRETS)


class State(TypedDict, total=False):
    question: str
    held: Any
    messages: Annotated[list, add_messages]
    log: Annotated[list, operator.add]


class Account(BaseModel):
    password: str
    note: str


@dataclasses.dataclass
class Login:
    api_key: str
    notes: list


class Opaque:
    def __repr__(self):
        return f"Opaque({SECRETS[0]})"


@tool
def look_up(query: str, token: str) -> str:
    """Looks something up."""
    if token == "fail":
        raise RuntimeError(f"refused: {TEXT}")
    return f"found {TEXT}"


def everything():
    return {
        "nested": [{"deep": [[secret] for secret in SECRETS]}],
        "by key": dict(KEYED),
        "lists by key": {name: [value, {"inner": value}] for name, value in KEYED.items()},
        "model": Account(password=KEYED["password"], note=TEXT),
        "dataclass": Login(api_key=KEYED["api_key"], notes=[TEXT]),
        "opaque": Opaque(),
        "bytes": TEXT.encode(),
        "long": "x " * 24_900 + TEXT + " y" * 40_000,
        "json": json.dumps({"inner": KEYED}),
        "twice json": json.dumps(json.dumps({"inner": KEYED})),
        "printed": repr(KEYED),
        "set": set(SECRETS),
        "tuple keys": {(1, secret): 1 for secret in SECRETS},
        "keys": {secret: 1 for secret in SECRETS},
        "error": ValueError(TEXT),
        "many": [f"{number} {SECRETS[number % len(SECRETS)]}" for number in range(300)],
    }


def calls():
    return [
        {"name": "look_up", "args": {"query": TEXT, "token": KEYED["token"]}, "id": "c1"},
        {"name": "look_up", "args": {"query": TEXT, "token": "fail"}, "id": "c2"},
    ]


model = GenericFakeChatModel(messages=iter([AIMessage(TEXT, tool_calls=calls()) for _ in range(99)]))


def think(state):
    return {"messages": [model.invoke([SystemMessage(TEXT), *state["messages"]])]}


async def athink(state):
    return {"messages": [await model.ainvoke([SystemMessage(TEXT), *state["messages"]])]}


def keep(state):
    return {"held": everything(), "undeclared": TEXT, "log": [TEXT]}


def change(state):
    state["held"]["nested"].append(TEXT)
    return {"log": [Login(KEYED["api_key"], [TEXT])]}


def sent(state):
    return {"log": [state["given"]]}


def fails(state):
    password = KEYED["password"]
    try:
        raise KeyError(TEXT)
    except KeyError as cause:
        error = RuntimeError(f"could not log in: {TEXT}", dict(KEYED))
        if hasattr(error, "add_note"):
            error.add_note(TEXT)
        raise error from cause


def dies(state):
    os.kill(os.getpid(), 9)


def build(awaits, last):
    inner = StateGraph(State)
    inner.add_node("change", change)
    inner.add_edge(START, "change")
    graph = StateGraph(State)
    graph.add_node("think", athink if awaits else think)
    graph.add_node("tools", ToolNode([look_up], handle_tool_errors=True))
    graph.add_node("keep", keep)
    graph.add_node("inner", inner.compile())
    graph.add_node("sent", sent)
    graph.add_node("last", last)
    edges = [(START, "think"), ("think", "tools"), ("tools", "keep"), ("keep", "inner"), ("sent", "last")]
    for source, target in edges:
        graph.add_edge(source, target)
    graph.add_conditional_edges("inner", lambda s: [Send("sent", {"given": TEXT, **KEYED})], ["sent"])
    return graph.compile(name="canary")


value = {"question": "ordinary-state " + TEXT, "held": everything(), "messages": [HumanMessage(TEXT)]}
config = {"tags": ["a"], "metadata": {"note": TEXT}, "configurable": {"thread_id": "t"}}
options = {"redact_keys": [], "redact_values": []} if mode == "nothing redacted" else {}
last = dies if mode.startswith("killed") else fails
if mode.endswith("no states"):
    options = {"persist_state": False}
for awaits in (False, True):
    if mode.startswith("killed") and awaits != ("async" in mode):
        continue
    app = build(awaits, last)
    watcher = ArgusWatcher(app, metadata={"note": TEXT, **KEYED}, pipeline_name="canary", **options)
    try:
        asyncio.run(app.ainvoke(value, config)) if awaits else app.invoke(value, config)
    except RuntimeError:
        pass
    if mode == "left in the journal":
        os._exit(0)  # the run ended and nobody stored it
    trace = watcher.finalize()
    assert len(trace.steps) == 7, [step.node_name for step in trace.steps]
    assert trace.error is not None and trace.detections
    holders = [sqlite3.connect(".argus/traces.db")]  # while somebody else has it open, the write-ahead log stays
    holders[0].execute("select count(*) from traces").fetchall()
    ok = build(awaits, lambda state: {"question": TEXT})
    session = argus.ArgusWatcher(ok, **options)
    asyncio.run(ok.ainvoke(value, config)) if awaits else ok.invoke(value, config)
    assert session.finalize().output is not None
print("done", flush=True)
os._exit(0)  # no last checkpoint
'''

ALPHABET = "aZ3kQ9xW7mB2vR5tY8nC4pL6sD1fG0hJ"


def _letters(count: int) -> str:
    return (ALPHABET * 9)[:count]


SECRETS = [
    f"sk-ant-{_letters(40)}",
    f"sk-proj-{_letters(40)}",
    f"sk-{_letters(44)}",
    "AKIA" + "Q7W3E9R5T1Y8U2I6",
    f"ghp_{_letters(36)}",
    f"github_pat_{_letters(40)}",
    f"glpat-{_letters(24)}",
    f"xoxb-{_letters(30)}",
    f"hooks.slack.com/services/{_letters(30)}",
    f"AIza{_letters(35)}",
    f"sk_live_{_letters(24)}",
    f"whsec_{_letters(30)}",
    f"hf_{_letters(34)}",
    f"gsk_{_letters(48)}",
    f"xai-{_letters(60)}",
    f"r8_{_letters(37)}",
    f"pplx-{_letters(48)}",
    f"lsv2_pt_{_letters(40)}",
    f"tvly-{_letters(30)}",
    f"pcsk_{_letters(50)}",
    f"SG.{_letters(22)}.{_letters(43)}",
    f"npm_{_letters(36)}",
    f"pypi-{_letters(80)}",
    "dop_v1_" + "0123456789abcdef" * 4,
    f"eyJ{_letters(20)}.eyJ{_letters(40)}.{_letters(30)}",
    f"Bearer {_letters(30)}",
    f"Basic {base64.b64encode(b'user:canary-of-basic-auth').decode()}",
    f"-----BEGIN RSA PRIVATE KEY-----\n{_letters(64)}\n{_letters(64)}\n-----END RSA PRIVATE KEY-----",
    "postgres://user:canaryPassw0rd@host/db",
]
"""One of each kind that is recognised by how it looks."""

KEYED = {
    "api_key": "canaryword-of-api",
    "apikey": "canaryword-of-apikey",
    "password": "canaryword-of-password",
    "passwd": "canaryword-of-passwd",
    "secret": "canaryword-of-secret",
    "token": "canaryword-of-token",
    "access_token": "canaryword-of-access",
    "refresh_token": "canaryword-of-refresh",
    "authorization": "canaryword-of-authorization",
    "x-api-key": "canaryword-of-x-api",
    "cookie": "canaryword-of-cookie",
    "set-cookie": "canaryword-of-set-cookie",
    "private_key": "canaryword-of-private",
}
"""Values that only their key tells."""


def needles() -> list[bytes]:
    """What must be nowhere: the telling part of every secret."""
    parts = [
        *(secret for secret in SECRETS if not secret.startswith(("Bearer", "Basic", "-----", "postgres", "hooks"))),
        *KEYED.values(),
        _letters(12),
        "Q7W3E9R5T1Y8",
        "0123456789abcdef0123",
        "canaryPassw0rd",
        base64.b64encode(b"user:canary-of-basic-auth").decode(),
    ]
    encoded = [base64.b64encode(b"x" * shift + part.encode())[4:16] for part in parts for shift in range(3)]
    return [*(part.encode() for part in parts), *encoded]


def found_in(folder: Path) -> list[str]:
    """Which secrets stand in which file; every byte of every file is looked at."""
    return [
        f"{path.relative_to(folder)}: {needle!r} after {content[max(0, content.index(needle) - 60) :][:60]!r}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for content in [path.read_bytes()]
        for needle in needles()
        if needle in content
    ]


def test_every_kind_of_secret_that_is_redacted_is_planted():
    import re

    from argus.capture.secrets import SECRETS as KINDS
    from argus.config.settings import DEFAULT_REDACT_KEYS

    assert set(KEYED) == set(DEFAULT_REDACT_KEYS)
    told_by_surroundings = {"aws"}  # its second form needs its name before it
    for kind in KINDS:
        assert any(re.search(kind.pattern, secret) for secret in SECRETS) or kind.name in told_by_surroundings, kind


def run_script(mode: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, mode, str(Path(__file__).parent)],
        cwd=folder, capture_output=True, text=True, check=False, timeout=110, env={**os.environ, "ARGUS_QUIET": "1"},
    )  # fmt: skip


@pytest.mark.parametrize(
    "mode", ["states", "no states", "left in the journal", "killed", "killed async", "killed no states"]
)
def test_no_byte_of_ours_holds_a_secret(mode, tmp_path):
    done = run_script(mode, tmp_path)
    killed = mode.startswith("killed")
    assert done.returncode == (-signal.SIGKILL if killed else 0), done.stderr
    files = [path for path in (tmp_path / ".argus").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) > 4_000
    if killed or mode == "left in the journal":
        assert [path for path in files if path.suffix == ".journal"]
        assert found_in(tmp_path / ".argus") == []
        recovered = subprocess.run(
            [sys.executable, "-m", "argus", "trace", "--last", "--verbose"],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert "canary" in recovered.stdout, recovered.stderr
        assert not [needle for needle in needles() if needle.decode() in recovered.stdout + recovered.stderr]
    else:
        assert "wal" in {path.name.rpartition("-")[2] for path in files}
    assert found_in(tmp_path / ".argus") == []
    kept = any(b"ordinary-state" in path.read_bytes() for path in (tmp_path / ".argus").glob("traces.db*"))
    assert kept is not mode.endswith("no states")


def test_the_search_finds_what_is_not_redacted(tmp_path):
    done = run_script("nothing redacted", tmp_path)
    assert done.returncode == 0, done.stderr
    found = " ".join(found_in(tmp_path / ".argus"))
    assert [name for name in (*KEYED.values(), "Q7W3E9R5T1Y8", "canaryPassw0rd") if name not in found] == []
