"""Terms, rhythm and audiences against plain pandas over the snapshot's Parquet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ri_assets.errors import QueryError, StoreError
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.posts import POSTS
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published, opened, rewrite
from ri_assets_tests.ri_index.test_tweets import with_authors


def changed(
    published: Published, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> RIIndex:
    """Change a table of the snapshot as if it had been published so."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = f"{table}.parquet"
    stored = pq.read_table(published.place(name))
    frame = change(stored.to_pandas(types_mapper=pd.ArrowDtype))
    after = pa.Table.from_pandas(frame, schema=stored.schema, preserve_index=False)
    rewrite(published, name, after)
    return opened(published.store).ri


def members(published: Published) -> pd.DataFrame:
    """Kept tweets with their persona, their author, and whether a reply answers them."""
    tweets = published.frame("denoised_tweets").merge(
        published.frame("ri_index_app.tweet_personas")[["tweet_id", "persona_id"]], on="tweet_id"
    )
    answered = published.frame("raw_replies")["in_reply_to_tweet_id"].dropna()
    return tweets.assign(replied=tweets["tweet_id"].isin(answered))


@pytest.mark.parametrize("part", ["terms", "rhythm"])
def test_terms_and_rhythm_are_as_stored(published: Published, part: str) -> None:
    stored = published.frame(f"personas_enriched.{part}")
    for persona, expected in stored.groupby("persona_id"):
        ask = getattr(published.ri, f"get_persona_{part}")
        found = ask(str(persona)).to_frame()
        order = ["rank"] if part == "terms" else ["cycle", "slot"]
        pd.testing.assert_frame_equal(
            found,
            expected.drop(columns="persona_id").sort_values(order, ignore_index=True),
            check_dtype=False,
        )
    assert len(stored)


def test_the_terms_are_the_top_terms(published: Published) -> None:
    for persona in published.ri.list_personas():
        terms = published.ri.get_persona_terms(persona)
        assert tuple(term.term for term in terms) == persona.top_terms


def test_an_audience_counts_every_author_once(published: Published) -> None:
    tweets, personas = members(published), published.ri.list_personas()
    total, least = tweets["author_id"].nunique(), 5
    for n in range(1, len(personas) + 1):
        chosen = personas[:n]
        of = tweets[tweets["persona_id"].isin([p.persona_id for p in chosen])]
        found = published.ri.get_audience([*chosen, chosen[0]])
        assert found.personas == tuple(p.persona_id for p in chosen)
        assert found.tweet_count == len(of)
        assert found.author_count is not None
        # Of several personas rounded up, so that no small overlap can be told.
        assert 0 <= found.author_count - of["author_id"].nunique() < least
        assert found.share == pytest.approx(len(of) / len(tweets))
        assert found.author_share == pytest.approx(found.author_count / total)
        assert found.tweets_per_author == pytest.approx(len(of) / found.author_count)
        assert found.reply_share == pytest.approx(of["replied"].mean())
        assert pd.Timestamp(str(found.first_tweet_at)) == of["created_at"].min()
        assert pd.Timestamp(str(found.last_tweet_at)) == of["created_at"].max()
    assert published.ri.get_audience() == published.ri.get_audience(personas)


def test_one_persona_alone_is_as_its_own_figures(published: Published) -> None:
    for brief in published.ri.list_personas():
        persona, found = published.ri.get_persona(brief), published.ri.get_audience([brief])
        assert found.author_count == persona.author_count
        assert found.author_share == pytest.approx(persona.author_share)
        assert found.reply_share == pytest.approx(persona.reply_share)


def test_the_design_effect_is_that_of_clustered_errors(published: Published) -> None:
    from statsmodels.api import OLS

    tweets = members(published)
    for persona, of in tweets.groupby("persona_id"):
        replied = of["replied"].to_numpy(dtype=float)
        if replied.std() == 0:
            continue
        fit = OLS(replied, np.ones(len(of))).fit(
            cov_type="cluster", cov_kwds={"groups": pd.factorize(of["author_id"])[0]}
        )
        alone = replied.mean() * (1 - replied.mean()) / len(of)
        found = published.ri.get_audience([str(persona)]).reply_design_effect
        assert found == pytest.approx(float(fit.bse[0]) ** 2 / alone)


def test_tweets_that_are_copies_of_one_count_once(synthetic: Published) -> None:
    """Where each author's tweets are all alike, the effect is the number of tweets of each."""
    ids = synthetic.frame("denoised_tweets")["tweet_id"].to_numpy()
    with_authors(synthetic, 100)  # six tweets each, all over the personas
    answered = ids[np.arange(len(ids)) % 100 < 50]
    ri = changed(
        synthetic,
        "raw_replies",
        lambda t: t.head(len(answered)).assign(in_reply_to_tweet_id=answered),
    )
    found = ri.get_audience()
    assert (found.author_count, found.reply_share) == (100, 0.5)
    assert found.reply_design_effect == pytest.approx(6 * 100 / 99)


def test_an_audience_of_nobody_is_refused(synthetic: Published) -> None:
    with pytest.raises(QueryError, match="personas is a list of 0"):
        synthetic.ri.get_audience([])


def test_unknown_authors_are_not_counted(synthetic: Published, cli: Cli) -> None:
    found = with_authors(synthetic, None).get_audience()
    assert found.tweet_count == 600
    assert found.author_count is found.author_share is found.tweets_per_author is None
    assert found.reply_design_effect is None
    assert cli("audience", "--store", synthetic.store).code == 0


def test_counts_of_replies_stand_in_where_no_reply_was_read(synthetic: Published) -> None:
    changed(
        synthetic, "denoised_tweets", lambda t: t.assign(reply_count=pd.Series([0, 2, None] * 200))
    )
    found = changed(synthetic, "raw_replies", lambda t: t.head(0)).get_audience()
    assert found.reply_share == pytest.approx(0.5)
    changed(synthetic, "denoised_tweets", lambda t: t.assign(reply_count=None, created_at=None))
    found = opened(synthetic.store).ri.get_audience()
    assert found.reply_share is found.reply_design_effect is None
    assert found.first_tweet_at is found.last_tweet_at is None


def test_no_author_is_named(published: Published) -> None:
    names = set(published.frame("denoised_tweets")["author_handle"].dropna())
    said = published.ri.get_audience().to_json()
    assert names
    assert not any(name in said for name in names)


def test_damaged_posts_are_noticed(synthetic: Published) -> None:
    path = synthetic.place(POSTS)
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    with pytest.raises(StoreError, match="damaged"):
        synthetic.ri.get_audience()
