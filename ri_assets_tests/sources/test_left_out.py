from __future__ import annotations

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ri_assets.sources.base import SourceOptions, told_left_out
from ri_assets.sources.gatherer import PostGatherer
from ri_assets.sources.left_out import automated_by, is_retweet, left_out_tweets, limited_corpus
from ri_assets.sources.rows import Row
from ri_assets_tests.posts import tweets

PLACES = ("Asteria", "Bar Tales", "Toro Churro", "Cafe Cones", "Jai Hind", "China Gate")
SHARED = [f"I reviewed {place} and rated it 4/5 on @FoodApp" for place in PLACES]
WRITTEN = (
    "where is my order, it is two hours late by now",
    "the new place at the corner has lovely noodles",
    "why does the app forget my address each time I open it",
    "refund came after a week, thanks to nobody but the bank",
    "cold rice again tonight and the rider was rude to me",
    "my coupon does not work although it says it is valid",
)


@pytest.mark.parametrize(
    ("mark", "text", "is_one"),
    [
        (True, "whatever it says", True),
        (None, "RT @someone: hear hear", True),
        (None, "  RT @someone hear hear", True),
        (None, "I said RT @someone once", False),
        (None, "RTX prices @shop are mad", False),
        (False, "RT @someone: by hand, in a file that marks others", False),
    ],
)
def test_a_retweet_is_marked_or_begins_so_where_no_mark_tells(
    mark: bool | None, text: str, is_one: bool
) -> None:
    frame = tweets([text, "a marked one"], is_retweet=[mark, True])
    assert is_retweet(frame).tolist() == [is_one, True]


def test_a_column_that_marks_no_retweet_tells_nothing() -> None:
    frame = tweets(["RT @someone: hear hear", "my own words"], is_retweet=[False, False])
    assert is_retweet(frame).tolist() == [True, False]


def test_posts_that_an_app_wrote_are_found_and_those_written_with_it_stay() -> None:
    texts = [*SHARED, *WRITTEN[:2], *WRITTEN]
    apps = ["FoodApp"] * 8 + ["Twitter for Android"] * 6
    found = automated_by(tweets(texts, source_app=apps))
    assert found.to_dict() == dict.fromkeys(range(6), "FoodApp")


@pytest.mark.parametrize("app", ["Twitter for Android", "Twitter Web App", "TweetDeck", "X"])
def test_a_petition_pasted_by_people_is_not_by_their_client(app: str) -> None:
    frame = tweets(SHARED, source_app=[app] * 6)
    assert automated_by(frame).empty


def test_an_app_with_which_people_mostly_write_is_no_author() -> None:
    frame = tweets([*SHARED[:5], *WRITTEN], source_app=["Hootsuite"] * 11)
    assert automated_by(frame).empty


def test_an_app_is_known_through_the_link_around_its_name() -> None:
    link = '<a href="https://food.example/app" rel="nofollow">FoodApp</a>'
    assert set(automated_by(tweets(SHARED, source_app=[link] * 6))) == {"FoodApp"}
    android = '<a href="https://example.org">Twitter for Android</a>'
    assert automated_by(tweets(SHARED, source_app=[android] * 6)).empty


def test_everything_left_out_is_counted_by_reason_and_told() -> None:
    texts = [*SHARED, "RT @a: b", *WRITTEN]
    gatherer = PostGatherer(SourceOptions())
    rows = [
        Row({"tweet_id": n, "text": text, "source_app": "FoodApp" if n < 6 else None})
        for n, text in enumerate(texts)
    ]
    gatherer.add(rows, replies_only=False)
    corpus = limited_corpus(*gatherer.finish(), SourceOptions(max_tweets=4))
    assert corpus.left_out == {"automated: FoodApp": 6, "over max_tweets": 2, "retweet": 1}
    told = told_left_out(corpus.left_out)
    assert told == "6 posts by the app FoodApp, 2 over max_tweets, 1 retweet"
    assert corpus.tweets["text"].tolist() == list(WRITTEN[:4])
    reasons = corpus.left_out_tweets.set_index("tweet_id")["reason"]
    assert (reasons[0], reasons[6], reasons[12]) == (
        "automated: FoodApp", "retweet", "over max_tweets",
    )  # fmt: skip


def test_keep_all_keeps_them() -> None:
    frame = tweets([*SHARED, "RT @a: b"], source_app=["FoodApp"] * 6 + [None])
    assert left_out_tweets(frame, SourceOptions(keep_all=True)).empty


POSTS = st.lists(
    st.tuples(
        st.sampled_from([*SHARED, *WRITTEN, "RT @a: b", "RT @c d"]) | st.text(max_size=20),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, "FoodApp", "Twitter for iPhone"]),
    ),
    max_size=30,
)
LIMITS = st.none() | st.integers(1, 20)


@given(POSTS, LIMITS, st.booleans())
def test_every_tweet_is_kept_or_left_out_for_one_reason(
    posts: list[tuple[str, bool | None, str | None]], limit: int | None, keep_all: bool
) -> None:
    gatherer = PostGatherer(SourceOptions())
    rows = [
        Row({"tweet_id": n, "text": text, "is_retweet": mark, "source_app": app})
        for n, (text, mark, app) in enumerate(posts)
    ]
    gatherer.add(rows, replies_only=False)
    options = SourceOptions(keep_all=keep_all, max_tweets=limit)
    corpus = limited_corpus(*gatherer.finish(), options)
    ids = [
        *corpus.tweets["tweet_id"],
        *corpus.left_out_tweets["tweet_id"],
    ]
    assert len(ids) == len(set(ids)) == corpus.n_raw_tweets - len(corpus.rejected_tweets)
    assert sum(corpus.left_out.values()) == corpus.n_left_out
    assert limit is None or len(corpus.tweets) <= limit


@given(POSTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(
    posts: list[tuple[str, bool | None, str | None]], rng: random.Random
) -> None:
    frame = tweets(
        [text for text, _, _ in posts],
        is_retweet=[mark for _, mark, _ in posts],
        source_app=[app for _, _, app in posts],
    )
    shuffled = frame.iloc[rng.sample(range(len(frame)), len(frame))]
    resorted = shuffled.sort_values("tweet_id", ignore_index=True)
    options = SourceOptions(max_tweets=5)
    pd.testing.assert_frame_equal(
        left_out_tweets(frame, options), left_out_tweets(resorted, options)
    )
