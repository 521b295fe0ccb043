"""A real browser: Debian's chromium, without network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest


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
