"""How long the web interface takes in a browser: first paint and usable, at 10,240 steps; with --large, 100,000 runs.

Run it as ``python bench/ui.py``; it needs chromium and the built interface. Each figure is the median of several
visits by a browser that has the files cached, as on a second visit; the first line of each page is a cold one.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ui_scenes

BATCH = 2000
MANY = 100_000

PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def serve(store: Path, folder: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "argus", "ui", "--no-browser", "--port", "0", "--store", str(store)]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, server.stdout.readline().strip()


def visit(context, address, usable):
    """Milliseconds to the first paint and until the page is usable, from the start of the navigation."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    usable(page)
    ready = (time.perf_counter() - began) * 1000
    painted = page.evaluate(PAINT)
    page.close()
    return painted, ready


def run_is_usable(page):
    page.locator("[role=treegrid] [role=row][aria-selected=true]").wait_for()
    page.locator(".react-flow__node").first.wait_for()
    page.get_by_role("complementary").get_by_role("tab").first.wait_for()


def runs_are_usable(page):
    page.get_by_role("table", name="Runs").get_by_role("link").first.wait_for()
    page.get_by_role("heading", level=1).wait_for()


def select_to_paint(context, address):
    """Milliseconds from a key to the paint that shows the next step selected, by the browser's own clock."""
    page = context.new_page()
    page.goto(address)
    run_is_usable(page)
    times = page.evaluate(
        """async () => {
            const chosen = () => document.querySelector("[role=treegrid] [aria-selected=true]")?.dataset.row;
            const found = [];
            for (let turn = 0; turn < 20; turn++) {
                const before = chosen(), began = performance.now();
                window.dispatchEvent(new KeyboardEvent("keydown", {key: turn % 2 ? "k" : "j", bubbles: true}));
                while (chosen() === before) await new Promise(requestAnimationFrame);
                found.push(performance.now() - began);
            }
            return found;
        }"""
    )
    page.close()
    return statistics.median(times)


def tell(name, painted, ready):
    print(f"{name:44} first contentful paint {painted or 0:7.0f} ms   usable {ready:7.0f} ms")


def measure(browser, opening, path, usable, name, visits):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(opening)
    page.close()
    address = opening.partition("/?")[0] + path
    tell(f"{name}, first visit", *visit(context, address, usable))
    found = [visit(context, address, usable) for _ in range(visits)]
    tell(
        f"{name}, median of {visits}",
        statistics.median(one or 0 for one, _ in found),
        statistics.median(two for _, two in found),
    )
    return context, address


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="100,000 stored runs as well; writing them takes minutes.")
    parser.add_argument("--visits", type=int, default=5)
    options = parser.parse_args()
    executable = shutil.which("chromium")
    if executable is None:
        sys.exit("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        store = Path(folder) / "traces.db"
        huge = ui_scenes.huge_trace()
        ui_scenes.save(store, [huge])
        if options.large:
            for start in range(0, MANY, BATCH):
                ui_scenes.save(store, ui_scenes.many_traces(BATCH, start))
        server, opening = serve(store, Path(folder))
        try:
            steps = f"run of {len(huge.steps):,} steps"
            context, address = measure(browser, opening, f"/runs/{huge.id}", run_is_usable, steps, options.visits)
            print(f"{'key to the next step selected and painted':44} {select_to_paint(context, address):7.0f} ms")
            context.close()
            if options.large:
                measure(browser, opening, "/runs", runs_are_usable, f"list of {MANY:,} runs", options.visits)[0].close()
        finally:
            server.terminate()
            server.wait(20)
            browser.close()


if __name__ == "__main__":
    main()
