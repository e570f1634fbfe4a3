"""What a person does with the explorer, in a real browser, from a file without a server."""

from __future__ import annotations

import copy
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.explorer import repeated
from ri_assets.explorer.page import EXPLORER, data_of, page
from ri_assets.explorer.tweets import packed
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.published import opened

pytestmark = pytest.mark.slow

AXE = Path(__file__).with_name("axe-4.10.3.min.js")
VIEWS = ("map", "personas", "persona&persona=P01", "compare", "since", "quality")
HOSTILE = (
    "<script>window.hurt=1</script>",
    "<img src=x onerror='window.hurt=1'>",
    "javascript:window.hurt=1",
    "</script><script>window.hurt=1</script>",
    "{{constructor.constructor('window.hurt=1')()}}{data}",
    "<!--<svg onload=window.hurt=1>",
)


@pytest.fixture(scope="module")
def data(small_run: FinishedRun) -> dict[str, Any]:
    """The data of the small run's page, and a snapshot before it."""
    published = opened(small_run.store.with_name("as_published"))
    found = data_of((published.folder / EXPLORER).read_text(encoding="utf-8"))
    ids = [persona["persona_id"] for persona in found["personas"]]
    one, other = ids[:2]
    flows = [[one, one, 20], [one, other, 10], [other, other, 30], [None, one, 5]]
    found["since"] = {
        "snapshot": "20260101T000000Z-00000000",
        "personas": [{"persona_id": i, "name": f"Before {i}", "tweet_count": 30} for i in ids],
        "now": ids,
        "flows": flows,
        "events": [
            {"event": event, "persona_id": one, "other_persona_id": other, "sentence": sentence}
            for event, sentence in (("kept", "It stays."), ("split", "It split."))
        ],
    }
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        expect.set_options(timeout=5_000)
        yield browser
        browser.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, data: dict[str, Any], tmp_path: Path) -> Iterator[Open]:
    """Open a page from a file; at the end nothing may have gone wrong or been asked for."""
    problems: list[str] = []
    contexts = []

    def start(hash_: str = "", content: dict[str, Any] | None = None, **options: Any) -> Page:
        file = tmp_path / "explorer.html"
        file.write_text(page(content or data), encoding="utf-8")
        options = {"viewport": {"width": 1440, "height": 900}} | options
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("console", lambda m: problems.extend([m.text] if m.type == "error" else []))
        tab.on("request", lambda r: problems.extend(foreign(r.url)))
        tab.goto(f"{file.as_uri()}{hash_}")
        tab.wait_for_selector("html[data-ready]", state="attached")
        return tab

    yield start
    for context in contexts:
        context.close()
    assert not problems


def foreign(url: str) -> list[str]:
    """Give the address if it is not on this machine."""
    return [] if url.startswith(("file:", "blob:")) else [f"asked {url}"]


def state(tab: Page) -> str:
    return str(tab.evaluate("location.hash"))


def point(tab: Page) -> dict[str, float]:
    """Place of the stage on the screen."""
    box = tab.locator(".stage").bounding_box()
    assert box is not None
    return {name: box[name] for name in ("x", "y", "width", "height")}


def test_the_map_zooms_pans_hovers_and_opens_a_tweet(open_page: Open, data: dict[str, Any]) -> None:
    tab = open_page()
    expect(tab.locator(".note")).to_contain_text("trustworthiness")
    tab.locator(".stage").focus()
    picture = stage_at_rest(tab)
    for key in ("+", "ArrowLeft"):
        tab.keyboard.press(key)
        picture = stage_at_rest(tab, picture)
    tab.keyboard.press("0")
    tab.keyboard.press("n")
    expect(tab.locator(".tip")).to_be_visible()
    texts = [text for text in data["tweets"]["texts"] if text]
    assert any(text in tab.locator(".tip").inner_text() for text in texts)
    tab.keyboard.press("Enter")
    expect(tab.locator(".pinned")).to_be_visible()
    assert "tweet=" in state(tab)
    tab.go_back()
    expect(tab.locator(".pinned")).to_have_count(0)


def stage_at_rest(tab: Page, before: bytes = b"") -> bytes:
    """Picture of the stage, once it differs from an earlier one and has come to rest."""
    last = before
    for _ in range(100):
        seen = tab.locator(".stage").screenshot()
        if seen == last != before:
            return seen
        last = seen
        tab.wait_for_timeout(200)
    pytest.fail("the stage did not change, or did not come to rest")


def labels(tab: Page) -> list[list[float]]:
    """Left, top, right and bottom of each label shown."""
    return tab.evaluate(  # type: ignore[no-any-return]
        "[...document.querySelectorAll('.tag')].filter((t) => t.style.visibility !== 'hidden')"
        ".map((t) => { const b = t.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })"  # noqa: E501
    )


def test_labels_keep_their_distance_at_every_zoom(open_page: Open) -> None:
    tab = open_page()
    tab.locator(".stage").focus()
    picture = stage_at_rest(tab)
    assert labels(tab), "the whole map names personas"
    for _ in range(4):
        if not (boxes := labels(tab)):
            break  # the middle of this map is empty, and the picture of nothing does not change
        for n, a in enumerate(boxes):
            for b in boxes[n + 1 :]:
                assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)
        tab.keyboard.press("+")
        picture = stage_at_rest(tab, picture)


def test_the_map_is_coloured_by_everything_and_the_legend_filters(
    open_page: Open, data: dict[str, Any]
) -> None:
    tab = open_page()
    values = tab.locator("#colour option").evaluate_all("(all) => all.map((o) => o.value)")
    assert {"persona", "stability", "certainty", "time", "complaint", "language"} < set(values)
    assert len([v for v in values if v.startswith("feature:")]) == 36
    for value in values:
        tab.select_option("#colour", value)
        counts = tab.locator(".legend .entry b").all_inner_texts()
        assert sum(int(c.replace(",", "")) for c in counts) == data["tweets"]["drawn"], value
    tab.select_option("#colour", "persona")
    entry = tab.locator(".legend .entry").first
    entry.focus()
    tab.keyboard.press("Enter")
    expect(entry).to_have_attribute("aria-pressed", "false")
    assert "hide=0" in state(tab)
    tab.go_back()
    expect(tab.locator(".legend .entry").first).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("tool", ["Box", "Lasso"])
def test_a_box_or_lasso_chooses_tweets_and_saves_their_ids(
    open_page: Open, data: dict[str, Any], tmp_path: Path, tool: str
) -> None:
    tab = open_page()
    tab.get_by_role("button", name=tool, exact=True).click()
    box = point(tab)
    left, top = box["x"] + 5, box["y"] + 60
    right, bottom = box["x"] + box["width"] - 5, box["y"] + box["height"] - 5
    tab.mouse.move(left, top)
    tab.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom)):
        tab.mouse.move(x, y, steps=4)
    if tool == "Box":
        tab.mouse.move(right, bottom)
    tab.mouse.up()
    chosen = tab.locator(".chosen")
    expect(chosen.get_by_role("heading", name="chosen")).to_be_visible()
    n = int(chosen.locator("h2").inner_text().split()[0].replace(",", ""))
    assert n > data["tweets"]["drawn"] / 2
    assert chosen.locator(".tweets li").count() > 5
    with tab.expect_download() as started:
        chosen.get_by_role("button", name="Export ids as CSV").click()
    saved = tmp_path / "ids.csv"
    started.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == n
    assert {row["persona_id"] for row in rows} <= {p["persona_id"] for p in data["personas"]}
    shared = open_page(state(tab))
    expect(shared.locator(".chosen h2")).to_have_text(f"{n:,} tweets chosen")
    chosen.get_by_role("button", name="Clear").click()
    expect(tab.locator(".chosen h2")).to_have_count(0)


def test_too_few_authors_show_no_texts(open_page: Open, data: dict[str, Any]) -> None:
    hidden = copy.deepcopy(data)
    tweets = hidden["tweets"]
    words = tweets["vocabulary"]
    tweets["columns"]["author"] = packed(np.zeros(tweets["drawn"]), "<u4")
    tweets["is_author_known"] = True
    tab = open_page(f"#q={words[0]}", hidden)
    expect(tab.locator(".chosen")).to_contain_text("fewer than 5 authors")
    expect(tab.locator(".chosen .tweets")).to_have_count(0)
    expect(tab.locator(".chosen .terms")).to_have_count(0)


def test_search_lights_up_what_fits(open_page: Open, data: dict[str, Any]) -> None:
    tab = open_page()
    tab.keyboard.press("/")
    term = data["personas"][1]["top_terms"][0]
    tab.keyboard.type(term)
    expect(tab.locator(".found")).to_contain_text(data["personas"][1]["name"])
    tab.wait_for_function(
        "(said) => location.hash.includes(said)", arg=f"q={term}".replace(" ", "+")
    )
    expect(tab.locator(".chosen h2")).to_contain_text("chosen")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(tab.locator(".card h1")).to_be_visible()
    tab.go_back()
    expect(tab.locator(".stage")).to_be_visible()


def test_charts_and_map_choose_together(open_page: Open) -> None:
    tab = open_page()
    bars = tab.locator('[data-chart="complaint"] rect')
    bars.nth(0).focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    assert "brush=complaint%3A1" in state(tab)
    expect(tab.locator(".chosen h2")).to_contain_text("chosen")
    expect(tab.locator('[data-chart="complaint"] rect').nth(1)).to_have_attribute(
        "aria-pressed", "true"
    )
    tab.select_option("#against", "0")
    expect(tab.locator(".multiple")).to_have_count(5)


def test_cards_overview_comparison_history_and_quality(
    open_page: Open, data: dict[str, Any]
) -> None:
    tab = open_page("#view=personas")
    personas = data["personas"]
    expect(tab.locator(".brief")).to_have_count(len(personas))
    for title in ("Sizes", "Stability", "How alike they are", "Authors they share"):
        expect(tab.get_by_role("heading", name=title)).to_be_visible()
    tab.locator(".brief").first.focus()
    tab.keyboard.press("Enter")
    first = personas[0]
    expect(tab.get_by_role("heading", level=1)).to_have_text(first["name"])
    for said in (first["key_insight"], first["samples"][0]["text"], first["terms"][0]["term"]):
        expect(tab.locator(".card")).to_contain_text(said)
    tab.get_by_role("link", name="Compare with the nearest").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Side by side")
    assert tab.locator("table.pairs tr").count() > 5
    tab.select_option("#side-b", personas[1]["persona_id"])
    tab.get_by_role("link", name="Since last time").click()
    expect(tab.locator("main")).to_contain_text("It split.")
    assert tab.locator("main svg path").count() == 4
    tab.get_by_role("link", name="Quality").click()
    expect(tab.locator(".checks li")).to_have_count(len(data["quality"]["checks"]))
    expect(tab.locator("main")).to_contain_text("On data without structure")
    for title in ("Since last time", "Side by side", "Side by side", first["name"]):
        tab.go_back()
        expect(tab.get_by_role("heading", level=1)).to_have_text(title)


def test_hostile_text_stays_text(open_page: Open, data: dict[str, Any]) -> None:
    hurt = copy.deepcopy(data)
    for n, persona in enumerate(hurt["personas"]):
        bad = HOSTILE[n % len(HOSTILE)]
        persona |= {"name": bad, "focus": bad, "key_insight": bad, "top_terms": [bad]}
        persona |= {"do_hints": [bad], "dont_hints": [bad], "name_evidence": [bad]}
        persona["terms"][0]["term"] = bad
        persona["samples"] = [{"rank": 1, "text": bad}]
    tweets = hurt["tweets"]
    tweets["texts"] = [HOSTILE[n % len(HOSTILE)] for n in range(tweets["drawn"])]
    tweets["vocabulary"] = [HOSTILE[n % len(HOSTILE)] for n in range(len(tweets["vocabulary"]))]
    hurt |= {"is_draft": True, "why": HOSTILE[0]}
    hurt["since"]["events"][0]["sentence"] = HOSTILE[1]
    ids = [persona["persona_id"] for persona in hurt["personas"]]
    tab = open_page("#q=window", hurt)
    for view in (*VIEWS, *(f"persona&persona={i}" for i in ids), "persona&persona=<script>"):
        tab.evaluate("(hash) => { location.hash = hash; }", f"view={view}")
        tab.wait_for_timeout(60)
    tab.goto(tab.url.split("#")[0] + "#view=map&select=box:-1,-1,1,1&tweet=0")
    expect(tab.locator(".draft")).to_contain_text(HOSTILE[0])
    expect(tab.locator(".pinned")).to_contain_text(HOSTILE[0])
    assert tab.evaluate("window.hurt") is None
    assert tab.locator("main img, main script, main [onload], main [onerror]").count() == 0
    assert tab.locator('a[href^="javascript"]').count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page: Open, scheme: str) -> None:
    tab = open_page(color_scheme=scheme, bypass_csp=True)
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for view in VIEWS:
        tab.evaluate("(hash) => { location.hash = hash; }", f"view={view}")
        tab.wait_for_timeout(250)
        result = tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        found += [
            (view, v["id"], v["nodes"][0]["target"], v["nodes"][0]["failureSummary"])
            for v in result["violations"]
            if v["impact"] in {"serious", "critical"}
        ]
    assert not found


def test_it_fits_a_phone(open_page: Open) -> None:
    tab = open_page(viewport={"width": 390, "height": 800})
    for view in VIEWS:
        tab.evaluate("(hash) => { location.hash = hash; }", f"view={view}")
        tab.wait_for_timeout(80)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, view


def test_fifty_thousand_tweets_are_drawn(open_page: Open, data: dict[str, Any]) -> None:
    many = repeated(data, 50_000)
    many["tweets"]["total"] = 80_000
    tab = open_page(content=many)
    expect(tab.locator(".note")).to_contain_text("sample of 50,000 of 80,000 tweets")
    counts = tab.locator(".legend .entry b").all_inner_texts()
    assert sum(int(c.replace(",", "")) for c in counts) == 50_000
    tab.evaluate("location.hash = 'select=box:-1,-1,1,1'")
    expect(tab.locator(".chosen h2")).to_contain_text("tweets chosen")


def test_a_reader_without_motion_is_spared_it(open_page: Open) -> None:
    tab = open_page(reduced_motion="reduce")
    tab.locator(".stage").focus()
    picture = stage_at_rest(tab)
    tab.evaluate(
        "window.places = new Set(); const tags = [...document.querySelectorAll('.tag')];"
        "new MutationObserver(() => window.places.add(tags.map((t) => t.style.transform).join()))"
        ".observe(document.querySelector('.labels'), { attributes: true, subtree: true })"
    )
    tab.keyboard.press("+")
    stage_at_rest(tab, picture)
    assert tab.evaluate("window.places.size") == 1, "it jumps to its place and does not glide"


def test_paper_gets_the_map_and_the_card_of_every_persona(
    open_page: Open, data: dict[str, Any]
) -> None:
    tab = open_page()
    stage_at_rest(tab)
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(tab.locator(".report .card h1")).to_have_text([p["name"] for p in data["personas"]])
    expect(tab.locator(".report .card").last).to_be_visible()
    expect(tab.locator(".mapview")).to_be_hidden()
    is_drawn = tab.evaluate(
        "(() => { const c = document.querySelector('.report canvas');"
        " const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " return p.filter((v, i) => i % 4 === 3 && v > 0).length / (c.width * c.height); })()"
    )
    assert is_drawn > 0.001, "the points are on the picture"
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(tab.locator(".report")).to_have_count(0)
    tab.emulate_media(media="screen")
    expect(tab.locator(".mapview")).to_be_visible()
