"""Measure the explorer with many tweets: time until it answers, and time of a frame.

`python -m benchmarks.explorer STORE TWEETS` takes the page of the current snapshot, repeats its
tweets until there are TWEETS, and opens it in Debian's Chromium (playwright, of the extra `dev`).
"""

from __future__ import annotations

import copy
import sys
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np

from ri_assets.explorer.page import EXPLORER, data_of, page
from ri_assets.explorer.tweets import MOST_TEXTS, packed
from ri_assets.store.files import Files
from ri_assets.store.snapshot import Snapshot

_KINDS = {
    "x": "<u2", "y": "<u2", "persona": "<u2", "certainty": "u1", "author": "<u4", "id": "<i8",
    "minute": "<i4", "words": "<u2", "replies": "<u2", "flags": "u1", "language": "u1",
}  # fmt: skip
_SPREAD = 700
# Frames while the map is dragged for a second, in milliseconds.
_PAN = """async () => {
  const stage = document.querySelector(".stage"), box = stage.getBoundingClientRect();
  const send = (type, x, y) => stage.dispatchEvent(new MouseEvent(type, {
    bubbles: true, cancelable: true, view: window, buttons: 1, clientX: x, clientY: y }));
  const [x, y] = [box.left + 300, box.top + 200], times = [];
  send("mousedown", x, y);
  let last = performance.now();
  for (let i = 0; i < 40; i++) {
    window.dispatchEvent(new MouseEvent("mousemove", {
      bubbles: true, view: window, buttons: 1, clientX: x + 3 * i, clientY: y + i }));
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  window.dispatchEvent(new MouseEvent("mouseup", { bubbles: true, view: window }));
  return times.slice(2);
}"""


def repeated(data: dict[str, Any], n: int) -> dict[str, Any]:
    """Repeat a page's tweets, moved a little on the map, until there are `n`."""
    found = copy.deepcopy(data)
    tweets, rng = found["tweets"], np.random.default_rng(0)
    m = tweets["drawn"]
    rows = np.arange(n) % m
    columns = tweets["columns"]
    for name, kind in _KINDS.items():
        values = np.frombuffer(b64decode(columns[name]), dtype=kind)[rows]
        if name in {"x", "y"}:
            values = np.clip(values + rng.normal(0, _SPREAD, n), 0, 65_534)
        columns[name] = packed(np.arange(n) if name == "id" else values, kind)
    features = np.frombuffer(b64decode(columns["features"]), dtype="u1").reshape(-1, m)
    columns["features"] = packed(features[:, rows], "u1")
    starts = np.frombuffer(b64decode(columns["term_starts"]), dtype="<u4")
    longer = np.concatenate([starts, np.full(n - m, starts[-1])]) if n > m else starts[: n + 1]
    columns["term_starts"] = packed(longer, "<u4")
    texts = [tweets["texts"][row] for row in rows[:MOST_TEXTS]]
    tweets["texts"] = texts + [None] * (n - len(texts))
    tweets["with_text"] = len(texts) - texts.count(None)
    tweets["drawn"] = n
    tweets["total"] = max(n, tweets["total"])
    return found


def measure(file: Path, chromium: str = "/usr/bin/chromium") -> dict[str, float]:
    """Give milliseconds until the page answers, and of frames while panning, and its points."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.goto(file.as_uri())
        tab.wait_for_selector("html[data-ready]", state="attached")
        ready = tab.evaluate("performance.now()")
        times = tab.evaluate(_PAN)
        browser.close()
    return {
        "ready_ms": float(ready),
        "frame_median_ms": float(np.median(times)),
        "frame_p95_ms": float(np.percentile(times, 95)),
    }


def main(store: str, tweets: int) -> None:
    """Print the figures."""
    content = bytes(Snapshot(Files(store)).content(EXPLORER)).decode("utf-8")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / EXPLORER
        file.write_text(page(repeated(data_of(content), tweets)), encoding="utf-8")
        print({"tweets": tweets, "page_mb": file.stat().st_size / 1e6, **measure(file)})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
