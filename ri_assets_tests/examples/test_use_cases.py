"""The figures that each example prints, against plain pandas over the snapshot's Parquet."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from scipy.stats import binomtest

from ri_assets_tests.examples.conftest import Example, rows, words
from ri_assets_tests.published import Published
from ri_assets_tests.ri_index.test_evidence import members

MIN_AUTHORS = 5  # of both profiles


def percent(text: str) -> float:
    return float(text.rstrip("%")) / 100


def wilson(part: int, whole: int) -> str:
    found = binomtest(part, whole).proportion_ci(0.95, method="wilson")
    return f"{found.low:.1%} to {found.high:.1%}"


def test_campaigns_cover_tweets_and_authors_once(published: Published, example: Example) -> None:
    tweets, personas = members(published), published.personas
    least = int(personas["tweet_count"].median())
    chosen = personas[personas["tweet_count"] >= least]
    shown = example("campaign_targeting", published.store, "--min-size", least)
    table = rows(shown, f"Personas of {least} tweets or more")
    assert [row[0] for row in table] == chosen["name"].tolist()
    so_far = set()
    for row, persona in zip(table, chosen.itertuples(), strict=True):
        so_far.add(persona.persona_id)
        reached = tweets[tweets["persona_id"].isin(so_far)]
        assert int(row[1]) == persona.tweet_count
        assert percent(row[2]) == pytest.approx(len(reached) / len(tweets), abs=6e-4)
        assert int(row[3]) == persona.author_count
        # Rounded, so that small overlaps of authors cannot be told.
        assert 0 <= int(row[4]) - reached["author_id"].nunique() < MIN_AUTHORS
    n_authors, n_all = int(row[4]), tweets["author_id"].nunique()
    said = words(shown)
    assert f"{len(chosen)} campaigns reach {len(reached):,} of {len(tweets):,} tweets" in said
    assert f"{n_authors:,} of {n_all:,} authors ({n_authors / n_all:.1%})" in said
    assert f"would say {chosen['author_count'].sum():,}," in said


def test_campaigns_name_hours_only_where_they_differ(
    published: Published, example: Example
) -> None:
    rhythm = published.frame("personas_enriched.rhythm")
    names = published.personas.set_index("persona_id")["name"]
    clear = rhythm[(rhythm["cycle"] == "hour") & (rhythm["lift_low"] > 1)]
    shown = example("campaign_targeting", published.store, "--min-size", 0)
    said = words(shown)
    flat = [name for persona, name in names.items() if persona not in set(clear["persona_id"])]
    if flat:
        busiest = rhythm[rhythm["cycle"] == "hour"].nlargest(1, "corpus_share")["slot"].item()
        assert f"No hour differs clearly for {', '.join(flat)}." in said
        assert f"Most tweets overall come at {busiest:02d}:00" in said
    if len(clear):
        table = rows(shown, "When:")
        expected = {(names[r.persona_id], f"{r.slot:02d}:00", f"{r.lift:.2f}",
                     f"{r.lift_low:.2f} to {r.lift_high:.2f}", str(r.tweet_count))
                    for r in clear.itertuples()}  # fmt: skip
        assert {tuple(row) for row in table} == expected
    for persona in published.personas.to_dict("records"):
        for hint in [*persona["do_hints"], *persona["dont_hints"]]:
            assert " ".join(hint.split()) in said


def test_a_campaign_that_fits_nobody_says_so(published: Published, example: Example) -> None:
    said = words(example("campaign_targeting", published.store, "--min-size", 10**6))
    assert "None fits." in said
    said = words(example("campaign_targeting", published.store, "--hours", 4, 4))
    assert "peak (4, 4)" in said


def test_priorities_follow_the_complaints(published: Published, example: Example) -> None:
    personas = published.personas.set_index("name")
    shown = example("product_priorities", published.store, "--term", "delivery", "fake")
    table = rows(shown, "Complaints")
    assert {row[0] for row in table} == set(personas.index)
    for row in table:
        persona = personas.loc[row[0]]
        n = round(persona["complaint_share"] * persona["tweet_count"])
        assert (row[1] == "yes") == persona["is_pain_point"]
        assert (int(row[2]), int(row[3])) == (n, persona["tweet_count"])
        assert percent(row[4]) == pytest.approx(persona["complaint_share"], abs=6e-4)
        assert (row[1] == "yes") <= (persona["complaint_lift_low"] > 1)
    order = [(row[1] != "yes", -int(row[2])) for row in table]
    assert order == sorted(order)
    pains = personas[personas["is_pain_point"]]
    said = words(shown)
    if len(pains):
        of = members(published)
        of = of[of["persona_id"].isin(pains["persona_id"])]
        share = len(of) / pains["share"].rdiv(pains["tweet_count"]).iloc[0]
        [about] = re.findall(rf"hold {len(of):,} tweets \({share:.1%}\), about ([\d,]+)", said)
        rounded = int(about.replace(",", "")) - of["author_id"].nunique()
        assert 0 <= rounded < MIN_AUTHORS
    else:
        assert "nothing here sets a priority" in said
    about = personas[
        [any(re.search(r"\b(delivery|fake)\b", t) for t in row) for row in personas["top_terms"]]
    ]
    if len(about):
        assert f"{len(about)} personas, {about['tweet_count'].sum():,} tweets" in said


def test_trends_are_told_with_their_interval(published: Published, example: Example) -> None:
    personas = published.personas.set_index("name")
    shown = example("emerging_trends", published.store)
    said = words(shown)
    times = members(published)["created_at"]
    assert f"{times.min():%d %B %Y} to {times.max():%d %B %Y}" in said
    known = personas.dropna(subset=["growth_ratio"])
    if len(known):
        table = {row[0]: row[1:] for row in rows(shown, "Growth")}
        assert set(table) == set(known.index)
        for name, row in table.items():
            persona = known.loc[name]
            low, high = persona["growth_low"], persona["growth_high"]
            assert row[1:3] == [f"{persona['growth_ratio']:.2f}", f"{low:.2f} to {high:.2f}"]
            # What would be called emerging: the same interval, moved up until its end is 1.
            assert float(row[3]) == pytest.approx((high / low) ** 0.5, abs=0.006)
    assert ("Nothing is emerging" in said) == (
        len(known) > 0 and not (known["growth_low"] > 1).any()
    )
    assert "There is no earlier snapshot" in said


def test_market_shares_have_wilson_intervals(published: Published, example: Example) -> None:
    tweets, personas = members(published), published.personas
    n_authors = tweets["author_id"].nunique()
    term = str(personas["top_terms"][1][0])
    shown = example("market_intelligence", published.store, "--term", term, "nosuchword")
    for row, persona in zip(rows(shown, "Market share"), personas.itertuples(), strict=True):
        of = tweets[tweets["persona_id"] == persona.persona_id]
        assert row[0] == persona.name
        assert row[2:4] == [f"{len(of) / len(tweets):.1%}", wilson(len(of), len(tweets))]
        authors = of["author_id"].nunique()
        assert row[4:] == [f"{authors / n_authors:.1%}", wilson(authors, n_authors)]
    said = words(shown)
    has = [any(re.search(rf"\b{term}\b", own) for own in row) for row in personas["top_terms"]]
    market = personas[has]
    of = tweets[tweets["persona_id"].isin(market["persona_id"])]
    assert (
        f"{', '.join(market['name'])}: {len(of):,} tweets, {len(of) / len(tweets):.1%} "
        f"({wilson(len(of), len(tweets))})" in said
    )
    none = words(example("market_intelligence", published.store, "--term", "nosuchword"))
    assert "No persona has one of these terms." in none


@pytest.mark.slow  # the cleaner takes seconds to load
def test_mentions_are_counted_in_the_texts(published: Published, example: Example) -> None:
    shown = example(
        "market_intelligence", published.store, "--mentions", "--term", "india", "delivery"
    )
    texts = members(published)["text"]
    for term, n, between, _ in rows(shown, "Mentions"):
        expected = texts.str.contains(rf"(?<!\w){term}(?!\w)", case=False, regex=True).sum()
        assert abs(int(n) - expected) <= 2  # the cleaner hides handles, and a term in one
        assert between == wilson(int(n), len(texts))


def test_keywords_have_the_weights_of_the_terms(published: Published, example: Example) -> None:
    terms = published.frame("personas_enriched.terms")
    samples = published.frame("personas_enriched.samples")
    shown = example(
        "content_keywords", published.store, "--persona", "1", "--terms", 3, "--samples", 2
    )
    chosen = published.personas.iloc[1]
    table = rows(shown, f"{chosen['name']}\n")
    expected = terms[terms["persona_id"] == chosen["persona_id"]].sort_values("rank")
    assert [row[0] for row in table] == expected["term"].tolist()
    assert [row[1] for row in table] == [f"{weight:.3f}" for weight in expected["weight"]]
    assert [int(row[5]) for row in table] == expected["author_count"].tolist()
    said = words(shown)
    best = terms[terms["rank"] <= 3]
    n = len(published.personas)
    assert f"{n} themes, {len(best)} terms ({best['term'].nunique()} distinct)" in said
    own = samples[samples["persona_id"] == chosen["persona_id"]].sort_values("rank")
    for rank, text in enumerate(own["text"], start=1):
        assert (f"“{' '.join(text.split())}”" in said) == (rank <= 2)


def test_an_experiment_counts_distinct_authors(published: Published, example: Example) -> None:
    tweets, personas = members(published), published.personas
    shown = example("ab_design", published.store, "--controls", 1, "--method", "size")
    names = personas.set_index("name")["persona_id"]
    control = next(row[1] for row in rows(shown, "Matched controls") if row[0] == "size")
    sizes = personas["tweet_count"][1:]
    assert personas.set_index("name")["tweet_count"][control] == sizes.max()
    [alike] = rows(shown, "The controls chosen by size")
    pair = published.ri.compare(0, control)
    assert alike == [
        control,
        *(f"{getattr(pair, way):.2f}" for way in ("size", "style", "language")),
    ]
    groups = {
        name: tweets[tweets["persona_id"] == persona]
        for name, persona in (("target", personas["persona_id"][0]), ("controls", names[control]))
    }
    authors = {name: set(of["author_id"]) for name, of in groups.items()}
    shared = authors["target"] & authors["controls"]
    [told] = re.findall(r"(\d+) authors or a few more write in both", words(shown))
    assert 0 <= len(shared) - int(told) < MIN_AUTHORS
    for row in rows(shown, "Two designs"):
        of = groups[row[0]]
        assert [int(cell) for cell in row[1:4]] == [
            len(of), len(authors[row[0]]), len(authors[row[0]]) - int(told),
        ]  # fmt: skip
        assert percent(row[4]) == pytest.approx(of["replied"].mean(), abs=6e-4)
    for row in rows(shown, "One experiment in every persona"):
        of = tweets[tweets["persona_id"] == names[row[0]]]
        assert int(row[1]) == of["author_id"].nunique() // 2
        assert (row[6] == "enough") == (int(row[1]) >= int(row[5].replace(",", "")))
    if pd.Series(tweets.groupby("persona_id")["author_id"].nunique()).max() < 200:
        assert "cannot show it" in words(shown)
