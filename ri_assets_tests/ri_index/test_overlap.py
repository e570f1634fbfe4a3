"""Authors whom personas share, against plain pandas over the snapshot's Parquet."""

from __future__ import annotations

import json
from itertools import combinations
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import hypergeom

from ri_assets.errors import NotFoundError
from ri_assets.personas.overlap import shared_authors, united_authors
from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.ri_index import RIIndex
from ri_assets.ri_index.authors import NO_AUTHOR_KNOWN
from ri_assets_tests.command_line import Cli
from ri_assets_tests.published import Published
from ri_assets_tests.ri_index.test_evidence import changed, members
from ri_assets_tests.ri_index.test_tweets import with_authors

LEAST = 5  # min_authors of the profiles
TWEETS = st.lists(
    st.tuples(st.integers(0, 3), st.none() | st.integers(0, 8)), min_size=1, max_size=60
)


def expected_pairs(tweets: pd.DataFrame) -> dict[frozenset[str], int]:
    """Count the authors of every two personas with sets."""
    known = tweets.dropna(subset="author_id")
    authors = {str(persona): set(of["author_id"]) for persona, of in known.groupby("persona_id")}
    shared = {frozenset(pair): len(authors[pair[0]] & authors[pair[1]])
              for pair in combinations(authors, 2)}  # fmt: skip
    return {pair: n for pair, n in shared.items() if n >= LEAST}


def assert_right(ri: RIIndex, tweets: pd.DataFrame) -> None:
    """Compare every figure of every pair with another computation."""
    known = tweets.dropna(subset="author_id")
    total, of = known["author_id"].nunique(), known.groupby("persona_id")["author_id"].nunique()
    found, right = ri.get_persona_overlap(), expected_pairs(tweets)
    assert {frozenset({p.persona_id, p.other_persona_id}): p.shared_authors for p in found} == right
    assert len(found) == found.total == len(right)
    for pair in found:
        n_a, n_b = int(of[pair.persona_id]), int(of[pair.other_persona_id])
        assert (pair.author_count, pair.other_author_count) == (n_a, n_b)
        assert pair.author_share == pytest.approx(pair.shared_authors / n_a)
        assert pair.other_author_share == pytest.approx(pair.shared_authors / n_b)
        by_chance = hypergeom(total, n_a, n_b).mean()
        assert pair.expected_authors == pytest.approx(by_chance)
        assert pair.lift == pytest.approx(pair.shared_authors / by_chance)
        assert pair.name == ri.get_persona(pair.persona_id).name
        assert pair.other_name == ri.get_persona(pair.other_persona_id).name
    shown = [pair.shared_authors for pair in found]
    assert shown == sorted(shown, reverse=True)
    n_pairs = len(ri.list_personas()) * (len(ri.list_personas()) - 1) // 2
    left_out = n_pairs - len(right)
    assert found.note == (
        f"{left_out} of {n_pairs} pairs are left out: fewer than {LEAST} authors wrote in both "
        "personas"
        if left_out
        else ""
    )


def test_a_runs_pairs_are_counted_as_plain_pandas_counts_them(published: Published) -> None:
    assert_right(published.ri, members(published))


@pytest.mark.parametrize("authors", [LEAST - 1, 30, 97, 400])
def test_pairs_of_few_and_of_many_authors(synthetic: Published, authors: int) -> None:
    ri = with_authors(synthetic, authors)
    assert_right(ri, members(synthetic))
    found = ri.get_persona_overlap()
    if authors < LEAST:
        assert found.items == ()
    if authors == 30:
        assert len(found)


def test_a_personas_pairs_are_those_of_all_seen_from_it(synthetic: Published) -> None:
    ri = with_authors(synthetic, 97)
    every = ri.get_persona_overlap()
    mirrored = {(p.persona_id, p.other_persona_id): p for p in every} | {
        (p.other_persona_id, p.persona_id): p for p in every
    }
    seen = 0
    for persona in ri.list_personas():
        for pair in ri.get_persona_overlap(persona):
            seen += 1
            assert pair.persona_id == persona.persona_id
            other = mirrored[pair.persona_id, pair.other_persona_id]
            assert (pair.shared_authors, pair.lift) == (other.shared_authors, other.lift)
            shares = {pair.author_share, pair.other_author_share}
            assert shares == {other.author_share, other.other_author_share}
    assert seen == 2 * len(every) > 0


def test_tweets_without_an_author_are_ignored(synthetic: Published) -> None:
    with_authors(synthetic, 50)
    ri = changed(
        synthetic,
        "denoised_tweets",
        lambda t: t.assign(author_id=t["author_id"].mask(np.arange(len(t)) % 3 == 0)),
    )
    assert_right(ri, members(synthetic))
    assert len(ri.get_persona_overlap())


def test_without_any_author_there_are_no_pairs(synthetic: Published, cli: Cli) -> None:
    found = with_authors(synthetic, None).get_persona_overlap()
    assert (found.items, found.total, found.note) == ((), 0, NO_AUTHOR_KNOWN)
    shown = cli("overlap", "--store", synthetic.store)
    assert shown.code == 0
    assert NO_AUTHOR_KNOWN in shown.text


def test_an_unknown_persona_is_refused(synthetic: Published) -> None:
    with pytest.raises(NotFoundError, match="no persona 'nobody'"):
        synthetic.ri.get_persona_overlap("nobody")


def test_no_author_is_named(published: Published) -> None:
    tweets = published.frame("denoised_tweets")
    said = published.ri.get_persona_overlap().to_json()
    assert not any(name in said for name in set(tweets["author_handle"].dropna()))
    assert not any(str(one) in said for one in set(tweets["author_id"].dropna()) if one > 10**6)


def counted(tweets: list[tuple[int, int | None]], n_personas: int = 4) -> NDArray[np.int64]:
    persona = np.array([place for place, _ in tweets])
    authors = pd.DataFrame({"author_id": pd.array([a for _, a in tweets], dtype="Int64")})
    return shared_authors(persona, read_authors(authors), n_personas)


@given(TWEETS)
def test_counts_are_symmetric_and_bounded(tweets: list[tuple[int, int | None]]) -> None:
    if all(author is None for _, author in tweets):
        return
    shared = counted(tweets)
    own = np.diag(shared)
    assert (shared == shared.T).all()
    assert (shared >= 0).all()
    assert (shared <= np.minimum.outer(own, own)).all()
    n_authors = len({author for _, author in tweets} - {None})
    assert (shared >= np.add.outer(own, own) - n_authors).all()


@given(TWEETS)
def test_personas_with_the_same_tweets_share_all_authors(
    tweets: list[tuple[int, int | None]],
) -> None:
    if all(author is None for _, author in tweets):
        return
    copies = [(4 + persona, author) for persona, author in tweets]
    shared = counted([*tweets, *copies], 8)
    assert (np.diag(shared)[:4] == np.diag(shared[:4, 4:])).all()


@given(TWEETS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(
    tweets: list[tuple[int, int | None]], random: Random
) -> None:
    if all(author is None for _, author in tweets):
        return
    again = [*tweets, *tweets[:10]]
    random.shuffle(again)
    assert (counted(tweets) == counted(again)).all()


def test_subtracting_audiences_tells_no_small_overlap(synthetic: Published) -> None:
    for n_authors in (30, 97, 400):
        ri = with_authors(synthetic, n_authors)
        tweets = members(synthetic)
        of = {str(key): set(rows) for key, rows in tweets.groupby("persona_id")["author_id"]}
        for a, b in combinations(of, 2):
            alone = sum(ri.get_audience([one]).author_count or 0 for one in (a, b))
            left = alone - (ri.get_audience([a, b]).author_count or 0)
            true = len(of[a] & of[b])
            if len(of[a] | of[b]) < n_authors:
                assert left == true // LEAST * LEAST or alone - left == n_authors
            assert left == 0 or left >= LEAST or alone - left == n_authors


@given(st.lists(st.sets(st.integers(0, 30), min_size=1), min_size=2, max_size=5))
def test_what_is_rounded_is_never_too_low_and_at_most_four_too_high(
    personas: list[set[int]],
) -> None:
    united, everyone = len(set.union(*personas)), 40
    found = united_authors([len(one) for one in personas], united, everyone, LEAST)
    assert united <= found < united + LEAST
    fewer = [{author for author in one if author % 2} for one in personas]
    if all(fewer):
        smaller = len(set.union(*fewer))
        assert united_authors([len(one) for one in fewer], smaller, smaller, LEAST) == smaller


def test_the_export_lists_the_pairs_of_the_index(published: Published) -> None:
    found = json.loads((published.folder / "persona_overlap.json").read_text())
    pairs = published.ri.get_persona_overlap()
    assert found["pairs"] == pairs.to_dicts()
    assert found["min_authors"] == LEAST
    n_personas = len(published.ri.list_personas())
    assert found["pairs_left_out"] + len(pairs) == n_personas * (n_personas - 1) // 2
