"""A real PostgreSQL server of this test run's own, on a socket and a loopback port."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDERS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin", "opt/homebrew/opt/postgresql*/bin")
PASSWORD = "p@ss/w%rd"

RULES = """
local all guarded scram-sha-256
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""


def _program(name: str) -> str | None:
    found = [file for folder in FOLDERS for file in sorted(Path("/").glob(f"{folder}/{name}"), reverse=True)]
    return str(found[0]) if found else shutil.which(name)


class Server:
    """Starts, stops and kills one server; as root it runs as another user, since it refuses to be root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: dict[str, object] = {}
        if os.getuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", str(self.data), "-U", "admin", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        (self.data / "pg_hba.conf").write_text(RULES)

    def url(self, *, user: str = "admin", database: str = "postgres", options: str = "") -> str:
        host = str(self.folder).replace("/", "%2F")
        return f"postgresql://{user}@{host}:{self.port}/{database}{options and f'?{options}'}"

    def sql(self, statement: str, *, database: str = "postgres") -> list[tuple]:
        import psycopg

        with psycopg.connect(self.url(database=database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def start(self, *settings: str) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self._process = self._spawn(settings)
            while self._process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(Exception):
                    self.sql("SELECT 1")
                    return
                time.sleep(0.02)
            time.sleep(0.1)  # the memory of one that was killed may still be held
        raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])

    def stop(self) -> None:
        self._end(signal.SIGINT)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def _spawn(self, settings: tuple[str, ...]) -> subprocess.Popen[bytes]:
        program = _program("postgres")
        assert program is not None
        given = ["fsync=off", "max_connections=30", "listen_addresses=127.0.0.1", *settings]
        options = [part for setting in given for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [program, "-D", str(self.data), "-p", str(self.port), "-k", str(self.folder), *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                start_new_session=True,
                **self._identity,
            )

    def _run(self, name: str, *arguments: str) -> None:
        program = _program(name)
        assert program is not None
        subprocess.run([program, *arguments], check=True, capture_output=True, cwd=self.folder, **self._identity)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _made() -> Iterator[Server]:
    missing = None
    if _program("postgres") is None or _program("initdb") is None:
        missing = "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
    else:
        try:
            import psycopg  # noqa: F401
        except ImportError as error:
            missing = f"psycopg cannot be loaded: {error}"
    if missing:
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    folder = Path(tempfile.mkdtemp(prefix="argus-pg-"))
    try:
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server for all tests that leave it as it is."""
    yield from _made()


@pytest.fixture(scope="session")
def _stoppable() -> Iterator[Server]:
    yield from _made()


@pytest.fixture
def own_server(_stoppable: Server) -> Iterator[Server]:
    """An empty server that a test may stop, kill and start otherwise."""
    yield _stoppable
    _stoppable.stop()
    _stoppable.start()
    _stoppable.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


_schemas = itertools.count()


@pytest.fixture
def url(server: Server) -> str:
    """An empty schema of its own."""
    name = f"test{next(_schemas)}"
    server.sql(f"CREATE SCHEMA {name}")
    return server.url(options=f"options=-csearch_path%3D{name}")
