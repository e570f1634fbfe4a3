"""A persona's card: each figure recomputed from the Parquet, and what weak personas look like."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from scipy.stats import hypergeom

from ri_assets.records.personas import Persona, Sample
from ri_assets.ri_index.card import Card, card_markdown, make_card
from ri_assets.ri_index.card_facts import CardFacts
from ri_assets_tests.published import Published


def lines_of(card: Card, heading: str) -> str:
    """The lines of a section as one text."""
    [found] = [one for one in card.sections if one.heading.startswith(heading)]
    return "\n".join(found.lines)


def percent(value: float) -> str:
    return "under 1%" if 0 < value < 0.01 else f"{value:.0%}"


def of(published: Published, table: str, persona: str) -> pd.DataFrame:
    """One persona's rows of a table of the snapshot."""
    found = published.frame(f"personas_enriched.{table}")
    return found[found["persona_id"] == persona]


def cards(published: Published) -> dict[str, Card]:
    return {brief.persona_id: published.ri.card(brief) for brief in published.ri.list_personas()}


def test_size_and_people_are_those_of_the_tweets(published: Published) -> None:
    clusters = published.frame("clusters")
    tweets = clusters.merge(published.frame("denoised_tweets"), on="tweet_id")
    persona_of = published.personas.set_index("cluster")["persona_id"]
    tweets["persona_id"] = tweets["cluster"].map(persona_of)
    answered = set(published.frame("raw_replies")["in_reply_to_tweet_id"].dropna())
    for persona, card in cards(published).items():
        members = tweets[tweets["persona_id"] == persona]
        said = lines_of(card, "Size")
        assert said.startswith(f"{len(members):,} tweets, {len(members) / len(tweets):.1%} of all")
        row = rows_of(published)[persona]
        assert f"Trend: {row['trend']}; {row['trend_basis']}." in said
        people = lines_of(card, "Who they are")
        if members["author_id"].notna().all():
            authors = members["author_id"].nunique()
            of_all = authors / tweets["author_id"].nunique()
            assert f"{authors:,} authors, {of_all:.1%} of all authors." in people
        if answered:
            replied = members["tweet_id"].isin(answered).mean()
            assert f"{percent(float(replied))} of their tweets got a reply." in people


def rows_of(published: Published) -> dict[str, dict[Any, Any]]:
    """Give the stored row of each persona."""
    return {row["persona_id"]: row for row in published.personas.to_dict("records")}


def test_subjects_wants_and_hours_are_those_of_the_tables(published: Published) -> None:
    for persona, card in cards(published).items():
        terms = of(published, "terms", persona).nsmallest(3, "rank")
        said = ", ".join(f"{t.term} {percent(float(str(t.share)))}" for t in terms.itertuples())
        expected = f"{said} of their tweets." if said else "No subject sets them apart."
        assert lines_of(card, "They talk about") == expected
        row = rows_of(published)[persona]
        wants = lines_of(card, "They want")
        assert wants.startswith(f"{percent(row['complaint_share'])} of their tweets use a word of")
        assert f"{percent(row['question_share'])} of their tweets ask a question" in wants
        assert all(word in wants for word in row["complaint_words"][:3])
        rhythm = of(published, "rhythm", persona)
        clear = rhythm[(rhythm["lift_low"] > 1)]
        posts = lines_of(card, "They post")
        for cycle, on in (("hour", " at "), ("weekday", " on ")):
            own = clear[clear["cycle"] == cycle]
            assert (f"More than others{on}" in posts) == (len(own) > 0)
            assert not len(own) or f"{percent(own['share'].sum())} of their tweets." in posts
        hours = [
            hour
            for first, end in re.findall(r"(\d\d):00 to (\d\d):00", posts)
            for hour in range(int(first), int(end))
        ]
        assert hours == sorted(clear.loc[clear["cycle"] == "hour", "slot"])


def test_style_holds_only_what_differs_from_the_median_persona(published: Published) -> None:
    traits = published.frame("personas_enriched.traits")
    typical = traits.groupby("trait")["value"].median()
    phrases = {
        "exclamation_share": "have an exclamation mark",
        "emoji_share": "have an emoji",
        "code_mix_share": "mix Hindi and English",
        "link_share": "have a link",
    }
    for persona, card in cards(published).items():
        own = traits[traits["persona_id"] == persona].set_index("trait")["value"]
        style = lines_of(card, "They write")
        for trait, phrase in phrases.items():
            if phrase not in style:
                continue
            assert abs(own[trait] / typical[trait] - 1) >= 0.25
            assert f"{own[trait]:.0%} of their tweets {phrase}, against {typical[trait]:.0%}" in (
                style
            )
        found = re.search(r"They write (\d+) words a tweet, the median persona (\d+)", style)
        if found:
            expected = [f"{value['word_count']:.0f}" for value in (own, typical)]
            assert list(found.groups()) == expected


def test_the_course_and_the_authors_are_those_of_the_tweets(published: Published) -> None:
    posts = published.frame("denoised_tweets").merge(
        published.frame("ri_index_app.tweet_personas"), on="tweet_id"
    )
    times = pd.to_datetime(posts["created_at"], utc=True)
    period = pd.cut(times.astype("int64"), 12, labels=False) if times.notna().all() else None
    for persona, card in cards(published).items():
        is_own = posts["persona_id"] == persona
        size, people = lines_of(card, "Size"), lines_of(card, "Who they are")
        if period is None:
            assert "█" not in size
        else:
            shares = is_own.groupby(period).mean().reindex(range(12))
            drawn = size.split(": ")[-1].split(" (at most")[0]
            assert len(drawn) == 12
            assert [bar == " " for bar in drawn] == shares.isna().tolist()
            heights = [" ▁▂▃▄▅▆▇█".index(bar) - 1 for bar in drawn if bar != " "]
            assert heights == pytest.approx(shares.dropna() / shares.max() * 7, abs=0.51)
            assert f"(at most {percent(shares.max())})" in size
        authors = posts.loc[is_own, "author_id"]
        if authors.notna().all() and authors.nunique() >= 5:
            often = (authors.value_counts() > 1).mean()
            assert f"{percent(often)} of them wrote more than once." in people
        for other in re.findall(r"(\d+) of them also wrote in (P\d+)", people):
            theirs = set(posts.loc[posts["persona_id"] == other[1], "author_id"])
            assert len(theirs & set(authors)) == int(other[0]) >= 5
            n_everyone, n_theirs, n_own = (
                posts["author_id"].nunique(),
                len(theirs),
                len(set(authors)),
            )
            by_chance = hypergeom.sf(int(other[0]) - 1, n_everyone, n_theirs, n_own)
            assert by_chance < 0.06, "a number that chance explains says nothing"


def test_followers_are_the_quartiles_of_distinct_authors(published: Published) -> None:
    posts = published.frame("denoised_tweets").merge(
        published.frame("ri_index_app.tweet_personas"), on="tweet_id"
    )
    known = posts.dropna(subset=["author_id", "author_followers"]).sort_values("tweet_id")

    def followers(rows: pd.DataFrame) -> pd.Series[float]:
        last = rows.drop_duplicates("author_id", keep="last")["author_followers"]
        return last.astype(float)

    for persona, card in cards(published).items():
        said = re.search(
            r"Half of them have ([\d,]+) to ([\d,]+) followers; the median is ([\d,]+), "
            r"against ([\d,]+) for all",
            lines_of(card, "Who they are"),
        )
        own = followers(known[known["persona_id"] == persona])
        if len(own) < 5:
            assert said is None
            continue
        assert said is not None
        expected = [*own.quantile([0.25, 0.75]), own.median(), followers(known).median()]
        told = [float(number.replace(",", "")) for number in said.groups()]
        assert told == pytest.approx(expected, rel=0.05)
        assert all(len(str(int(one)).rstrip("0")) <= 2 for one in told), "no account's own number"


def test_the_badge_the_nearest_and_the_actions(published: Published) -> None:
    personas = published.personas.set_index("persona_id")
    centroids = dict(zip(personas.index, personas["text_centroid"], strict=True))
    for persona, card in cards(published).items():
        row = rows_of(published)[persona]
        assert card.is_weak == (row["stability"] != "stable")
        assert card.badge.startswith(str(row["stability"] or "NOT MEASURED").upper())
        assert pd.isna(row["jaccard"]) or f"{row['jaccard']:.2f} of 1" in card.badge
        assert card.title == f"{persona} {row['name']}"
        assert row["focus"] in card.story
        nearest = lines_of(card, "Nearest persona").split()[0]
        assert nearest in set(centroids) - {persona}
        similar = published.ri.find_similar_personas(persona, "language", 1)[0]
        assert (nearest, f"{similar.similarity:.2f} of 1" in lines_of(card, "Nearest")) == (
            similar.persona_id,
            True,
        )
        own = [hint.split(": ")[0] + "." for hint in (*row["do_hints"], *row["dont_hints"])]
        assert lines_of(card, "What to do").splitlines() == (
            own or ["No figure is far enough from the others to advise on."]
        )
        samples = of(published, "samples", persona).nsmallest(3, "rank")["text"]
        quotes = lines_of(card, "In their words").splitlines()
        assert len(quotes) == max(len(samples), 1)
        for quote, text in zip(quotes, samples, strict=False):
            assert " ".join(text.split()).startswith(quote.strip("“”…"))
        assert card_markdown(card).startswith(f"## {card.title}\n\n**{card.badge}**\n\n")


def _facts(published: Published, **changes: object) -> CardFacts:
    persona = published.ri.get_persona(0)
    sample = Sample(rank=1, tweet_id=1, text="nobody may read this", distance=0.1, was_noise=False)
    changed = Persona.model_validate({**persona.to_dict(), **changes})
    return CardFacts(changed, samples=(sample,), samples_note="too few authors")


@pytest.mark.parametrize(
    ("stability", "jaccard", "begins"),
    [
        ("stable", 0.9, "STABLE: you can rely on this group (stability in reruns 0.90 of 1)."),
        ("doubtful", 0.7, "DOUBTFUL: check it"),
        ("not to be trusted", 0.4, "NOT TO BE TRUSTED: do not act"),
        (None, None, "NOT MEASURED: nothing says"),
    ],
)
def test_weak_personas_look_weak(
    synthetic: Published, stability: str | None, jaccard: float | None, begins: str
) -> None:
    card = make_card(_facts(synthetic, stability=stability, jaccard=jaccard))
    assert card.badge.startswith(begins)
    assert card.is_weak == (stability != "stable")
    [last] = [s.heading for s in card.sections if s.heading.startswith("What to do")]
    assert ("if a rerun confirms" in last) == card.is_weak


def test_withheld_evidence_stays_withheld(synthetic: Published) -> None:
    facts = _facts(synthetic, is_evidence_withheld=True)
    assert lines_of(make_card(facts), "In their words") == "None: too few authors."
    assert "nobody may read this" not in card_markdown(make_card(facts))
    shown = make_card(_facts(synthetic, is_evidence_withheld=False))
    assert lines_of(shown, "In their words") == "“nobody may read this”"


def test_what_is_not_known_is_said(synthetic: Published) -> None:
    facts = _facts(
        synthetic, author_count=None, author_share=None, languages=(), complaint_share=None,
        question_share=None, reply_share=None, do_hints=(), dont_hints=(), share_low=None,
    )  # fmt: skip
    card = make_card(replace(facts, samples=()))
    assert lines_of(card, "They talk about") == "No subject sets them apart."
    assert lines_of(card, "They post") == "Not known: their tweets have no times."
    assert lines_of(card, "Who they are") == "Their authors are not known."
    assert lines_of(card, "Languages") == "Not known."
    assert lines_of(card, "Nearest persona") == "There is no other persona."
    assert "interval" not in lines_of(card, "Size")
    assert lines_of(card, "They want") == "Not known."
    assert all(section.lines for section in card.sections)
