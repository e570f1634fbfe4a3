"""Pictures of the explorer for the documentation: `make screenshots`.

Opens the explorer of a published snapshot in Debian's chromium and writes a PNG for each view
to `docs/images/`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from ri_assets.environment import PROJECT
from ri_assets.explorer.page import EXPLORER
from ri_assets.store.files import Files
from ri_assets.store.pointer import current_id

FOLDER = PROJECT / "docs" / "images"


@dataclass(frozen=True)
class Picture:
    """One picture: the view, as the page's address names it, and the window."""

    name: str
    fragment: str
    width: int = 1440
    height: int = 1000
    is_dark: bool = False


PICTURES = (
    Picture("explorer_map", "#"),
    Picture("explorer_map_dark", "#", is_dark=True),
    Picture("explorer_personas", "#view=personas"),
    Picture("explorer_card", "#view=persona&persona=P01", width=1024),
    Picture("explorer_quality", "#view=quality", width=1024),
    Picture("explorer_phone", "#view=persona&persona=P02", width=390, height=844),
)


def take(browser: Browser, page_file: Path, picture: Picture, folder: Path) -> Path:
    """Open a view and write what the window shows.

    Returns
    -------
    Path
        The picture, a PNG.
    """
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.is_dark else "light",
        reduced_motion="reduce",
    )
    page.goto(f"{page_file.as_uri()}{picture.fragment}")
    page.wait_for_timeout(1_000)  # the map draws in frames, which no event announces
    target = folder / f"{picture.name}.png"
    page.screenshot(path=target)
    page.close()
    return target


def main() -> None:
    """Write all pictures of the current snapshot of a store."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--store", required=True, help="folder with a published snapshot")
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the pictures go")
    given = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no chromium found; on Debian: apt-get install chromium")
    snapshot = current_id(Files(given.store))
    if snapshot is None:
        sys.exit(f"{given.store} has no published snapshot; run `ri-index run` first")
    page_file = Path(given.store).resolve() / "snapshots" / snapshot / EXPLORER
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for picture in PICTURES:
            print(take(browser, page_file, picture, given.out))  # noqa: T201 - its result
        browser.close()


if __name__ == "__main__":
    main()
