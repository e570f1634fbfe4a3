"""What a notebook and a Python shell show: tables that fit, escaped, and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from ri_assets.errors import NotFoundError, QueryError, StoreError
from ri_assets.records.notebook import MAX_ROWS
from ri_assets.records.personas import Persona, PersonaBrief, Sample
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.card import Card, Section
from ri_assets.ri_index.results import Rows
from ri_assets_tests.published import Published

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e&amp; $x_1$ 'a' \"b\"\x1b[31m"


class Tags(HTMLParser):
    """Checks that tags are closed, and collects them and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert {name for name, _ in attrs} <= {"class"}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] != "style":
            self.text += data


def shown(ri: RIIndex) -> dict[str, object]:
    return {
        "index": ri,
        "list": ri.list_personas(),
        "persona": ri[0],
        "card": ri.card(0),
        "comparison": ri.compare(0, 1),
        "quality": ri.quality(),
        "summary": ri.get_summary_stats(),
        "diff": ri.diff(ri.snapshot),
        "coverage": ri.get_persona_coverage(),
        "tweets": ri.get_persona_tweets(0, limit=50),
        "snapshots": ri.snapshots(),
    }


def html_of(answer: object) -> str:
    html: str = answer._repr_html_()  # type: ignore[attr-defined]
    return html


def test_everything_is_well_formed_html_without_colours_or_scripts(published: Published) -> None:
    for name, answer in shown(published.ri).items():
        html = html_of(answer)
        found = Tags(html)
        assert found.seen <= {
            *("style", "div", "p", "b", "br"),
            *("table", "thead", "tbody", "tr", "th", "td"),
        }, name
        assert not re.search(r"color|background|url\(|http", html), name
        assert len(html) < 12_000, name


def test_a_list_of_ten_personas_takes_a_couple_of_thousand_characters(
    synthetic: Published,
) -> None:
    ten = synthetic.ri.list_personas()
    ten = Rows.of(ten.kind, ten.items[:10], total=len(ten))
    assert len(html_of(ten)) < 3_000
    assert len(repr(ten)) < 2_000
    assert max(map(len, repr(ten).splitlines())) < 160
    for persona in ten:
        assert persona.persona_id in repr(ten)
        assert persona.name in Tags(html_of(ten)).text


def brief(name: str) -> PersonaBrief:
    fields: dict[str, Any] = dict.fromkeys(PersonaBrief.model_fields)
    fields |= {"persona_id": "P01", "name": name, "tweet_count": 3, "share": 0.1}
    fields["top_terms"] = (name,)
    return PersonaBrief.model_construct(**fields)


def persona(published: Published, text: str) -> Persona:
    return published.ri[0].model_copy(update={"name": text, "focus": text, "do_hints": (text,)})


@pytest.mark.parametrize("show", [html_of, repr], ids=["notebook", "shell"])
def test_hostile_text_is_text(show: Callable[[object], str], synthetic: Published) -> None:
    card = Card(HOSTILE, False, HOSTILE, HOSTILE, (Section(HOSTILE, (HOSTILE,)),))
    for answer in (Rows.of(PersonaBrief, [brief(HOSTILE)], note=HOSTILE),
                   *([persona(synthetic, HOSTILE), card] if show is html_of else [])):  # fmt: skip
        text = show(answer)
        assert "\u202e" not in text
        assert "\x1b" not in text
        if show is html_of:
            found = Tags(text)
            assert not found.seen & {"script", "img"}
            assert "<script>alert(1)</script>" in found.text
            # Notebooks would set what stands between dollars as a formula.
            assert "tex2jax_ignore" in text


def test_long_lists_and_texts_are_cut_and_say_so() -> None:
    rows = Rows.of(
        Sample,
        [
            Sample(rank=n + 1, tweet_id=n, text="word " * 500, distance=0.0, was_noise=False)
            for n in range(100)
        ],
        total=1_000,
    )
    for text in (html_of(rows), repr(rows)):
        assert f"{100 - MAX_ROWS} more rows" in text
        assert "100 of 1,000" in text
        assert "…" in text
    assert len(html_of(rows)) < 12_000
    assert len(repr(rows)) < 5_000


def test_an_index_is_a_collection_of_personas(published: Published) -> None:
    ri = published.ri
    ids = published.personas["persona_id"].tolist()
    assert len(ri) == len(ids)
    assert [one.persona_id for one in ri] == ids
    assert ri["P01"] == ri.get_persona("P01")
    assert ri[0] == ri.get_persona(0) == ri[ri[0].name]
    assert ri[0] in ri
    assert {*ids} < {*ri._ipython_key_completions_()}
    with pytest.raises(NotFoundError, match="nobody"):
        ri["nobody"]


def test_the_index_says_whether_it_is_a_draft(published: Published) -> None:
    assert "DRAFT" not in Tags(html_of(published.ri)).text
    assert published.ri.snapshot in Tags(html_of(published.ri)).text
    assert str(published.store) not in html_of(published.ri)


def test_a_card_shows_each_section(published: Published) -> None:
    card = published.ri.card("P01")
    text = Tags(html_of(card)).text
    assert card.title in text
    for section in card.sections:
        assert section.heading in text


PICTURES: dict[str, Callable[[RIIndex], object]] = {
    "map": lambda ri: ri.plot_map(),
    "sizes": lambda ri: ri.plot_sizes(),
    "stability": lambda ri: ri.plot_stability(),
    "hours": lambda ri: ri.plot_hours(0),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_a_small_matplotlib_figure_and_always_the_same(
    name: str, published: Published
) -> None:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    figure, again = PICTURES[name](published.ri), PICTURES[name](published.ri)
    assert isinstance(figure, Figure)
    png = figure._repr_png_()  # type: ignore[attr-defined]
    assert png.startswith(b"\x89PNG")
    assert png == again._repr_png_()  # type: ignore[attr-defined]
    assert len(png) < 100_000
    words = [str(text.get_text()) for text in figure.findobj(Text)]
    names = {one.persona_id for one in published.ri}
    assert any(word.startswith(tuple(names)) for word in words)


def test_the_map_has_a_dot_for_each_tweet_in_its_personas_colour(published: Published) -> None:
    figure = published.ri.plot_map()
    [panel] = figure.axes
    drawn = {str(dots.get_label())[:3]: len(dots.get_offsets()) for dots in panel.collections}  # type: ignore[arg-type]
    if published.ri.get_summary_stats().tweets_with_persona <= 5_000:
        assert drawn == {one.persona_id: one.tweet_count for one in published.ri}


def test_hours_are_those_of_the_rhythm(published: Published) -> None:
    figure = published.ri.plot_hours("P01")
    hours = [slot.share for slot in published.ri.get_persona_rhythm("P01") if slot.cycle == "hour"]
    bars = [patch.get_height() for patch in figure.axes[0].patches][:24]  # type: ignore[attr-defined]
    assert bars == pytest.approx(hours)


def test_what_cannot_be_drawn_says_why(synthetic: Published) -> None:
    with pytest.raises(QueryError, match="have no times"):
        synthetic.ri.plot_hours(0)
    synthetic.ri._contents.snapshot.manifest.files.pop("ri_index_app.tweet_map.parquet", None)  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="has no map"):
        synthetic.ri.plot_map()


def test_frames_are_flat_everywhere(published: Published) -> None:
    for name, answer in shown(published.ri).items():
        if not hasattr(answer, "to_frame"):
            continue
        frame = answer.to_frame()
        assert len(frame) > 0, name
        nested = frame.map(lambda cell: isinstance(cell, list | tuple | dict))
        assert not nested.to_numpy().any(), name
    full = published.ri.list_personas(brief=False).to_frame()
    assert full["top_terms"].tolist() == [" | ".join(one.top_terms) for one in published.ri]
    assert full["is_evidence_withheld"].dtype == bool
    assert full["tweet_count"].dtype == pd.Int64Dtype()
    assert full["share"].dtype == float


def test_a_frame_of_several_tables_takes_the_name_of_one(published: Published) -> None:
    found = published.ri.quality()
    assert len(found.to_frame()) == len(found.to_frame("checks")) == len(found.checks)
    assert len(found.to_frame("figures")) == len(found.figures)
    assert len(published.ri.compare(0, 1).to_frame("a")) == 1
    with pytest.raises(QueryError, match=r"'nothing'(.|\n)*figures, checks, personas"):
        found.to_frame("nothing")
    with pytest.raises(QueryError, match="has no table"):
        published.ri.get_summary_stats().to_frame("checks")
