"""Every capability of the index against plain pandas over the snapshot's Parquet."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ri_assets.errors import NotFoundError, QueryError
from ri_assets.personas.privacy.patterns import KINDS
from ri_assets.records.personas import Persona, PersonaBrief
from ri_assets_tests.published import Published


def ids(rows: Any) -> list[str]:
    return [row.persona_id for row in rows]


def test_personas_are_listed_largest_first(published: Published) -> None:
    listed = published.ri.list_personas()
    expected = published.personas
    assert ids(listed) == expected["persona_id"].tolist()
    assert [p.tweet_count for p in listed] == expected["tweet_count"].tolist()
    assert [list(p.top_terms) for p in listed] == [list(t) for t in expected["top_terms"]]
    full = published.ri.list_personas(brief=False)
    assert ids(full) == ids(listed)
    assert {type(p) for p in listed} == {PersonaBrief}
    assert {type(p) for p in full} == {Persona}


def test_a_persona_has_every_stored_field_but_its_vector(published: Published) -> None:
    for row in published.frame("personas_enriched").to_dict("records"):
        found = published.ri.get_persona(str(row["persona_id"])).to_dict()
        assert set(found) == set(map(str, row)) - {"text_centroid"}
        for name, value in found.items():
            stored = row[name]
            if isinstance(stored, np.ndarray):
                assert value == stored.tolist(), name
            elif value is None:
                assert pd.isna(stored), name
            else:
                assert value == stored, name


def test_a_persona_is_found_by_id_name_rank_and_itself(published: Published) -> None:
    ri = published.ri
    for rank, row in enumerate(published.personas.to_dict("records")):
        expected, name = str(row["persona_id"]), str(row["name"])
        for given in (
            expected,
            expected.lower(),
            name,
            f"  {name.upper().replace(' ', '-')} ",
            rank,
            str(rank),
            np.int64(rank),
            ri.get_persona(rank),
            ri.list_personas()[rank],
        ):
            assert ri.get_persona(given).persona_id == expected, given
        assert ri.get_persona_by_name(name.replace(" ", "")).persona_id == expected


def test_an_unknown_name_suggests_near_ones(published: Published) -> None:
    name = str(published.personas["name"][0])
    for near in (name[:-1], name.replace("e", "", 1), name.split(maxsplit=1)[0]):
        with pytest.raises(NotFoundError) as caught:
            published.ri.get_persona_by_name(near)
        assert repr(name) in caught.value.remedy
    with pytest.raises(NotFoundError, match="name one of these"):
        published.ri.get_persona("zzzz qqqq")


def test_an_unknown_id_suggests_no_name(synthetic: Published) -> None:
    """P010 resembles P01, which tells nothing of the name that P01 bears."""
    given = f"{synthetic.personas['persona_id'].min()}0"
    with pytest.raises(NotFoundError, match="name one of these"):
        synthetic.ri.get_persona(given)


def test_filter_by_size(published: Published) -> None:
    sizes = published.personas.set_index("persona_id")["tweet_count"]
    middle = int(sizes.median())
    found = published.ri.filter_personas(min_size=middle)
    assert ids(found) == sizes[sizes >= middle].index.tolist()
    exact = int(sizes.iloc[0])
    found = published.ri.filter_personas(min_size=exact, max_size=exact)
    assert ids(found) == sizes[sizes == exact].index.tolist()
    assert ids(published.ri.filter_personas(max_size=0)) == []


def test_filter_by_terms_takes_any_and_whole_words(published: Published) -> None:
    terms = published.personas.set_index("persona_id")["top_terms"]
    for term in sorted({term for row in terms for term in row}):
        expected = [p for p, row in terms.items() if any(term in _runs(own) for own in row)]
        assert ids(published.ri.filter_personas(top_terms=term)) == expected
        assert ids(published.ri.filter_personas(top_terms=[term.upper()])) == expected
    two = [terms.iloc[0][0], terms.iloc[-1][0]]
    expected = [p for p, row in terms.items() if any(t in _runs(own) for own in row for t in two)]
    assert ids(published.ri.filter_personas(top_terms=two)) == expected
    assert ids(published.ri.filter_personas(top_terms=["no such term"])) == []


def _runs(term: str) -> set[str]:
    words = term.split()
    places = range(len(words) + 1)
    return {" ".join(words[a:b]) for a in places for b in places[a + 1 :]}


@pytest.mark.parametrize("hours", [(9, 17), (15, 15), (22, 4), (0, 23), (17, 9)])
def test_filter_by_peak_hour_may_wrap_midnight(
    published: Published, hours: tuple[int, int]
) -> None:
    first, last = hours
    wanted = {(first + step) % 24 for step in range((last - first) % 24 + 1)}
    peaks = published.personas.set_index("persona_id")["peak_hour_local"]
    found = published.ri.filter_personas(peak_hour_range=hours)
    assert ids(found) == peaks[peaks.isin(wanted)].index.tolist()


def test_filter_by_words_and_by_everything_at_once(published: Published) -> None:
    table = published.personas
    words = table["avg_word_count"]
    low, high = words.quantile([0.25, 0.75])
    found = published.ri.filter_personas(min_avg_word_count=low, max_avg_word_count=high)
    assert ids(found) == table["persona_id"][words.between(low, high)].tolist()
    some = int(table["tweet_count"].median())
    term = table["top_terms"][0][0]
    found = published.ri.filter_personas(
        min_size=some, top_terms=[term], peak_hour_range=(0, 23), max_avg_word_count=high
    )
    expected = table[
        (table["tweet_count"] >= some)
        & table["top_terms"].map(lambda own: any(term in _runs(t) for t in own))
        & table["peak_hour_local"].notna()
        & (words <= high)
    ]
    assert ids(found) == expected["persona_id"].tolist()


def test_tweets_of_a_persona_nearest_first(published: Published) -> None:
    table = published.frame("ri_index_app.tweet_personas")
    for persona, members in table.groupby("persona_id"):
        expected = members.sort_values(["distance", "tweet_id"])
        found = published.ri.get_persona_tweets(str(persona), limit=None)
        assert [t.tweet_id for t in found] == expected["tweet_id"].tolist()
        assert [t.distance for t in found] == expected["distance"].tolist()
        assert [t.was_noise for t in found] == expected["was_noise"].tolist()
        assert {t.text for t in found} == {None}
        few = published.ri.get_persona_tweets(str(persona), limit=3)
        assert few.items == found.items[:3]
        assert few.total == len(expected)
        later = published.ri.get_persona_tweets(str(persona), limit=3, offset=2)
        assert later.items == found.items[2:5]
        assert later.total == len(expected)
        assert not published.ri.get_persona_tweets(str(persona), offset=len(expected))


def test_texts_of_tweets_are_cleaned(published: Published) -> None:
    raw = published.frame("denoised_tweets").set_index("tweet_id")
    handles = {h.lower() for h in raw["author_handle"].dropna()}
    n_placeholders = 0
    for persona in published.ri.list_personas():
        found = published.ri.get_persona_tweets(persona, limit=30, with_text=True)
        for tweet in found:
            assert tweet.text
            assert not {f"@{h}" for h in handles} & set(tweet.text.lower().split())
            assert "https://" not in tweet.text
            n_placeholders += any(f"[{kind}]" in tweet.text for kind in KINDS)
            words = {w for w in tweet.text.split() if w.isalpha()}
            assert len(words & set(raw["text"][tweet.tweet_id].split())) >= len(words) / 2
    assert n_placeholders > 0


def test_every_tweet_leads_to_its_persona(published: Published) -> None:
    table = published.frame("ri_index_app.tweet_personas")
    names = published.personas.set_index("persona_id")["name"]
    for row in table.sample(50, random_state=0).to_dict("records"):
        tweet_id = int(row["tweet_id"])
        for given in (tweet_id, str(tweet_id), np.int64(tweet_id)):
            found = published.ri.get_tweet_persona(given)
            assert found.tweet_id == tweet_id
            assert found.persona_id == row["persona_id"]
            assert found.name == names[row["persona_id"]]
            assert (found.was_noise, found.distance) == (row["was_noise"], row["distance"])
    wanted = [*table["tweet_id"].tolist()[::-1], 17]
    batch = published.ri.get_tweet_personas(wanted).to_frame()
    assert batch["tweet_id"].tolist() == wanted
    expected = table.set_index("tweet_id")["persona_id"]
    assert batch["persona_id"].tolist()[:-1] == expected[wanted[:-1]].tolist()
    assert batch["persona_id"].tolist()[-1] is None


def test_a_tweet_without_persona_says_what_became_of_it(published: Published) -> None:
    with pytest.raises(NotFoundError, match="the run did not read it"):
        published.ri.get_tweet_persona(5)
    for row in published.frame("denoised_tweets.dropped").head(3).to_dict("records"):
        with pytest.raises(NotFoundError, match=f"dropped by the rule {row['rule']}"):
            published.ri.get_tweet_persona(str(row["tweet_id"]))


def test_samples(published: Published) -> None:
    table = published.frame("personas_enriched.samples")
    for persona in published.ri.list_personas():
        own = table[table["persona_id"] == persona.persona_id].sort_values("rank")
        found = published.ri.get_tweet_samples(persona, 3)
        assert [s.text for s in found] == own["text"].tolist()[:3]
        assert found.total == len(own)
        everything = published.ri.get_tweet_samples(persona, 1000)
        assert [s.tweet_id for s in everything] == own["tweet_id"].tolist()


def test_similar_by_size(published: Published) -> None:
    sizes = published.personas.set_index("persona_id")["tweet_count"]
    for persona, size in sizes.items():
        others = sizes.drop(persona)
        ratio = np.minimum(others, size) / np.maximum(others, size)
        found = published.ri.find_similar_personas(str(persona), "size", top_k=2)
        assert [s.similarity for s in found] == pytest.approx(ratio.nlargest(2).tolist())


def test_similar_by_style(published: Published) -> None:
    traits = published.frame("personas_enriched.traits")
    wide = traits[traits["family"] == "style"].pivot_table(
        index="persona_id", columns="trait", values="value"
    )
    z = (wide - wide.mean()) / wide.std(ddof=0).replace(0, 1)
    for persona in z.index:
        apart = ((z.drop(persona) - z.loc[persona]) ** 2).mean(axis=1) ** 0.5
        expected = (1 / (1 + apart)).sort_values(ascending=False)
        found = published.ri.find_similar_personas(persona, "style", top_k=99)
        assert [s.similarity for s in found] == pytest.approx(expected.tolist())
        assert ids(found)[0] == expected.index[0]


def test_similar_by_language(published: Published) -> None:
    """Mean vectors are computed again here from the tweets' own embeddings."""
    vectors = published.frame("embeddings").merge(published.frame("ri_index_app.tweet_personas"))
    all_vectors = np.stack(vectors["embedding"].tolist()).astype(float)
    centred = pd.DataFrame(all_vectors - all_vectors.mean(axis=0))
    means = centred.groupby(vectors["persona_id"]).mean()
    unit = means.div((means**2).sum(axis=1) ** 0.5, axis=0)
    cosine = unit @ unit.T
    for persona in cosine.index:
        expected = cosine[persona].drop(persona).sort_values(ascending=False)
        found = published.ri.find_similar_personas(persona, top_k=99)
        assert [s.similarity for s in found] == pytest.approx(expected.tolist(), abs=1e-4)
        assert {s.method for s in found} == {"language"}


def test_compare(published: Published) -> None:
    a, b = published.ri.list_personas()[:2]
    found = published.ri.compare(a, b.name)
    assert (found.a, found.b) == (a, b)
    assert set(found.shared_terms) == set(a.top_terms) & set(b.top_terms)
    assert set(found.only_a) | set(found.shared_terms) == set(a.top_terms)
    for method in ("language", "style", "size"):
        similar = published.ri.find_similar_personas(a, method, top_k=99)
        [value] = [s.similarity for s in similar if s.persona_id == b.persona_id]
        assert getattr(found, method) == pytest.approx(value)
    table = published.frame("personas_enriched.traits").set_index(["persona_id", "trait"])
    assert {t.trait for t in found.traits} == set(table.loc[a.persona_id].index)
    for pair in found.traits:
        assert pair.a == table.loc[(a.persona_id, pair.trait), "value"]
        assert pair.b == table.loc[(b.persona_id, pair.trait), "value"]
        assert pair.corpus == table.loc[(a.persona_id, pair.trait), "corpus_value"]


def test_summary_stats(published: Published) -> None:
    found = published.ri.get_summary_stats()
    raw, kept = published.frame("raw_tweets"), published.frame("denoised_tweets")
    of_tweet = published.frame("ri_index_app.tweet_personas")
    sizes = of_tweet["persona_id"].value_counts()
    assert (found.raw_tweets, found.kept_tweets) == (len(raw), len(kept))
    assert found.raw_replies == len(published.frame("raw_replies"))
    assert found.rejected_tweets == len(published.frame("raw_tweets.rejected"))
    assert found.dropped_tweets == len(published.frame("denoised_tweets.dropped"))
    assert found.retention == pytest.approx(len(kept) / len(raw))
    assert found.coverage == pytest.approx(len(of_tweet) / len(kept))
    assert found.noise_share == pytest.approx(of_tweet["was_noise"].mean())
    assert found.personas == len(sizes)
    assert found.largest_persona == sizes.max()
    assert found.median_persona == sizes.median()
    assert found.smallest_persona == sizes.min()
    assert found.size_ratio == pytest.approx(sizes.max() / sizes.min())
    assert found.stable_personas == (published.personas["stability"] == "stable").sum()
    assert found.snapshot == published.folder.name


def test_coverage(published: Published) -> None:
    found = published.ri.get_persona_coverage()
    of_tweet = published.frame("ri_index_app.tweet_personas")
    counts = of_tweet["persona_id"].value_counts()
    noise = of_tweet[of_tweet["was_noise"]]["persona_id"].value_counts()
    for row in found:
        assert row.tweet_count == counts[row.persona_id]
        assert row.share == pytest.approx(counts[row.persona_id] / len(of_tweet))
        assert row.noise_count == noise.get(row.persona_id, 0)
    assert found[-1].cumulative_share == pytest.approx(1)
    frame = found.to_frame()
    assert frame["cumulative_share"].tolist() == pytest.approx(frame["share"].cumsum().tolist())


def test_quality(published: Published) -> None:
    found = published.ri.quality()
    stored = published.frame("clusters.figures").set_index("figure")
    for figure in found.figures:
        if figure.asset == "clusters":
            assert figure.value == stored.loc[figure.figure, "value"]
    assert {f.figure for f in found.figures} >= {"coherence", "resample_ari", "seed_ari"}
    manifest = json.loads((published.folder / "manifest.json").read_text())
    assert [(c.asset, c.check, c.is_passed) for c in found.checks] == [
        (v["asset"], v["check"], v["is_passed"]) for v in manifest["verdicts"]
    ]
    jaccard = published.personas.set_index("persona_id")["jaccard"]
    assert {p.persona_id: p.jaccard for p in found.personas} == jaccard.to_dict()


@pytest.mark.slow
def test_search_finds_personas_by_meaning(published: Published) -> None:
    personas, hits = published.ri.list_personas(), 0
    for persona in personas:
        words = " ".join(persona.top_terms)
        found = published.ri.search(f"@someone {words} https://example.org", top_k=2)
        hits += persona.persona_id in ids(found)
        assert -1 <= found[1].score <= found[0].score <= 1
    # Three terms of a persona of a dozen tweets may well mean another one too.
    assert hits >= 0.75 * len(personas)
    before = sorted(p for p in published.store.rglob("*"))
    published.ri.search("who never wrote this before")
    assert sorted(p for p in published.store.rglob("*")) == before


def test_the_snapshots_of_the_store(published: Published) -> None:
    [info] = published.ri.snapshots()
    assert info.snapshot == published.folder.name == published.ri.snapshot
    assert info.is_current
    assert info.problem is None
    published.ri.verify()


BAD: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("get_persona", ("nobody",), {}),
    ("get_persona", ("",), {}),
    ("get_persona", (99,), {}),
    ("get_persona", (-1,), {}),
    ("get_persona", (True,), {}),
    ("get_persona", (1.0,), {}),
    ("get_persona", (None,), {}),
    ("get_persona_by_name", (3,), {}),
    ("get_persona_tweets", (0, 0), {}),
    ("get_persona_tweets", (0, -1), {}),
    ("get_persona_tweets", (0, "ten"), {}),
    ("get_persona_tweets", (0,), {"offset": -1}),
    ("get_persona_tweets", (0,), {"offset": 1.5}),
    ("get_tweet_samples", (0, 0), {}),
    ("get_tweet_samples", (0, -1), {}),
    ("find_similar_personas", (0, "colour"), {}),
    ("find_similar_personas", (0, "size", 0), {}),
    ("get_tweet_persona", ("abc",), {}),
    ("get_tweet_persona", ("12.0",), {}),
    ("get_tweet_persona", (12.0,), {}),
    ("get_tweet_persona", (-5,), {}),
    ("get_tweet_persona", (2**63,), {}),
    ("get_tweet_persona", (True,), {}),
    ("get_tweet_personas", (["1", "x"],), {}),
    ("filter_personas", (), {}),
    ("filter_personas", (), {"top_terms": []}),
    ("filter_personas", (), {"top_terms": [3]}),
    ("filter_personas", (), {"top_terms": 3}),
    ("filter_personas", (), {"top_terms": ["  "]}),
    ("filter_personas", (), {"min_size": "big"}),
    ("filter_personas", (), {"min_size": 9, "max_size": 3}),
    ("filter_personas", (), {"min_avg_word_count": float("nan")}),
    ("filter_personas", (), {"peak_hour_range": (9, 24)}),
    ("filter_personas", (), {"peak_hour_range": "9 to 17"}),
    ("filter_personas", (), {"peak_hour_range": (9,)}),
    ("search", ("@someone https://example.org",), {}),
    ("search", (5,), {}),
]


@pytest.mark.parametrize(("method", "positional", "named"), BAD)
def test_what_cannot_be_meant_is_refused(
    published: Published, method: str, positional: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(QueryError) as caught:
        getattr(published.ri, method)(*positional, **named)
    assert caught.value.expected
    assert caught.value.remedy
