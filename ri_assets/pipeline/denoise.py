"""Denoising: the report's five rules, in its order.

Each dropped tweet is listed with its rule and the reason. Rows that cannot be read are
rejected earlier, by the sources.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ri_assets.config import DenoiseSettings
from ri_assets.pipeline.engine import LOCAL, Engine
from ri_assets.pipeline.frames import FrameBars, find_frames
from ri_assets.pipeline.near_duplicates import nearest_earlier
from ri_assets.pipeline.text import HANDLE, HASHTAG, LINK, body, collapse, word_count

RULES = ("exact_duplicate", "near_duplicate", "retweet", "short", "template")

_STUDIED = ", or waive the check if you study just such tweets"
REMEDIES = {
    "exact_duplicate": "collect each tweet once; the table `dropped` names the tweet that each "
    f"one repeats{_STUDIED}",
    "near_duplicate": "leave repeated messages out when you collect, or raise "
    f"`denoise.near_duplicate_cosine` in a copy of your profile{_STUDIED}",
    "retweet": "leave retweets out at the source: run without --keep-all",
    "short": "lower `denoise.min_chars` and `denoise.min_words` in a copy of your profile"
    + _STUDIED,
    "template": "leave promotions and posts by apps out when you collect, or raise "
    "`denoise.template_min_copies` and `denoise.frame_min_copies` in a copy of your profile"
    + _STUDIED,
}
"""What to do when a rule drops too much."""

_RETWEET = re.compile(r"RT @\w+:")
_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Z])[A-Z0-9]{4,}\b")
_NUMBER = re.compile(r"\d+")
# Sellers write these, customers do not. A short skeleton without such a cue is an ordinary
# phrase; a long one is a frame (see `frames`).
_PROMOTION = re.compile(
    r"\b(?:use|apply|promo|coupon|referral|invite)\s+code\b|\b\d+\s*%\s*(?:off|cashback|discount)\b"
    r"|\bflat\s+\d+\b|\b(?:follow|retweet|rt)\b.{0,30}\b(?:to|and|&)\s+win\b|\bgiveaway\b"
    r"|\bsign\s*up\s+(?:now|today|with|using)\b|\bdownload\s+(?:the|our)\s+app\b"
    r"|\b(?:shop|buy|order|book)\s+now\b|\blimited\s+(?:time|period)\s+offer\b"
    r"|\bi\s+(?:just\s+)?(?:rated|reviewed)\b.{0,80}\d\s*/\s*\d|\breferral\b|\bearn\s+up\s*to\b",
    re.IGNORECASE,
)

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Denoised:
    """What denoising kept and dropped.

    Parameters
    ----------
    kept
        The rows of the input that no rule dropped, in order of `tweet_id`.
    dropped
        `tweet_id`, `rule`, `score`, `duplicate_of`, in order of `tweet_id`; one row for
        each dropped tweet. The score is 1 for an exact duplicate and a retweet, the cosine
        for a near duplicate, the share of the threshold that a short tweet reaches (at
        most 1), and the number of copies of a template or frame.
    funnel
        `step`, `rule`, `n_in`, `n_dropped`, `n_out`, `step_retention`; one row for each
        rule, even if it dropped nothing.
    """

    kept: pd.DataFrame
    dropped: pd.DataFrame
    funnel: pd.DataFrame


def denoise(
    tweets: pd.DataFrame,
    embed: Embed | None,
    settings: DenoiseSettings,
    *,
    engine: Engine = LOCAL,
) -> Denoised:
    """Apply the five rules in order; each sees the tweets that the previous ones kept.

    Parameters
    ----------
    tweets
        Columns of the contract `raw_tweets`; any order.
    embed
        Gives unit vectors, float32 of shape (n, d), for n texts. None skips the rule
        `near_duplicate`; the other rules need no model.
    settings
        The thresholds.
    engine
        Runs the search for near duplicates, as one job: each tweet is compared with the earlier
        ones that are kept, so one comparison has to wait for another.

    Returns
    -------
    Denoised
        Every input row is either kept or dropped by exactly one rule.
    """
    left = tweets.sort_values("tweet_id", ignore_index=True)
    drops, steps = [], []
    for number, (rule, find) in enumerate(
        (
            ("exact_duplicate", _exact_duplicates),
            ("near_duplicate", lambda t: _near_duplicates(t, embed, settings, engine)),
            ("retweet", _retweets),
            ("short", lambda t: _short(t, settings)),
            ("template", lambda t: _templates(t, len(tweets), settings)),
        ),
        start=1,
    ):
        found = find(left).assign(rule=rule)
        n_in = len(left)
        left = left[~left["tweet_id"].isin(found["tweet_id"])].reset_index(drop=True)
        drops.append(found)
        steps.append((number, rule, n_in, len(found), len(left), len(left) / max(n_in, 1)))
    dropped = pd.concat(drops).sort_values("tweet_id", ignore_index=True)
    return Denoised(
        kept=left,
        dropped=dropped[["tweet_id", "rule", "score", "duplicate_of"]],
        funnel=pd.DataFrame(
            steps, columns=["step", "rule", "n_in", "n_dropped", "n_out", "step_retention"]
        ),
    )


def _drops(
    ids: pd.Series[int], score: object, duplicate_of: pd.Series[int] | None = None
) -> pd.DataFrame:
    found = pd.DataFrame({"tweet_id": ids.to_numpy(), "score": score})
    found["score"] = found["score"].astype("float64")
    originals = None if duplicate_of is None else duplicate_of.to_numpy()
    found["duplicate_of"] = pd.array(
        [pd.NA] * len(found) if originals is None else originals, dtype="Int64"
    )
    return found


def _exact_duplicates(tweets: pd.DataFrame) -> pd.DataFrame:
    first = tweets.groupby(tweets["text"].map(collapse), sort=False)["tweet_id"].transform("first")
    is_copy = first != tweets["tweet_id"]
    return _drops(tweets.loc[is_copy, "tweet_id"], 1.0, first[is_copy])


def _near_duplicates(
    tweets: pd.DataFrame, embed: Embed | None, settings: DenoiseSettings, engine: Engine
) -> pd.DataFrame:
    if embed is None:
        return _drops(tweets["tweet_id"].head(0), 0.0)
    ids = tweets["tweet_id"].to_numpy()
    vectors = embed([body(text) for text in tweets["text"]])
    search = partial(nearest_earlier, threshold=settings.near_duplicate_cosine)
    [(nearest, cosine)] = engine.run([vectors], lambda job: partial(search, job))
    is_copy = nearest >= 0
    return _drops(
        tweets.loc[is_copy, "tweet_id"], cosine[is_copy], pd.Series(ids[nearest[is_copy]])
    )


def _retweets(tweets: pd.DataFrame) -> pd.DataFrame:
    native = tweets["is_retweet"].fillna(value=False).astype(bool)
    manual = tweets["text"].map(lambda text: bool(_RETWEET.match(text.lstrip()))).astype(bool)
    return _drops(tweets.loc[native | manual, "tweet_id"], 1.0)


def _short(tweets: pd.DataFrame, settings: DenoiseSettings) -> pd.DataFrame:
    said = tweets["text"].map(body)
    # A threshold of 0 switches its half of the rule off.
    reached = np.minimum(
        said.map(len).to_numpy(dtype=float) / max(settings.min_chars, 1e-9),
        said.map(word_count).to_numpy(dtype=float) / max(settings.min_words, 1e-9),
    )
    is_short = reached <= 1
    return _drops(tweets.loc[is_short, "tweet_id"], reached[is_short])


def _templates(tweets: pd.DataFrame, n_tweets: int, settings: DenoiseSettings) -> pd.DataFrame:
    """Find promotions that share a skeleton, and tweets that share a frame.

    A promotion's words are evidence in themselves, so few copies are enough. Other frames
    need more copies and a share of the corpus: in a large corpus, many people use the same
    phrase by chance, and a frame as large as a persona is above that share in any case.
    """
    texts = tweets["text"]
    skeleton = texts.map(_skeleton)
    copies = skeleton.map(skeleton.value_counts())
    is_promotion = texts.map(lambda text: bool(_PROMOTION.search(text))).to_numpy(dtype=bool)
    is_repeated = is_promotion & (copies >= settings.template_min_copies).to_numpy(dtype=bool)
    first = tweets.groupby(skeleton, sort=False)["tweet_id"].transform("first")
    ids = tweets.loc[is_repeated, "tweet_id"]
    found = [_drops(ids, copies[is_repeated].to_numpy(), first[is_repeated])]
    found_ids = set(ids)
    many = max(settings.frame_min_copies, ceil(settings.frame_min_corpus_share * n_tweets))
    for are_candidates, min_copies in (
        (is_promotion, settings.template_min_copies),
        (np.ones(len(tweets), dtype=bool), many),
    ):
        candidates = tweets[are_candidates & ~tweets["tweet_id"].isin(found_ids).to_numpy()]
        bars = FrameBars(min_copies, settings.frame_min_words, settings.frame_min_fixed_share)
        for frame in find_frames(candidates["text"].tolist(), bars):
            ids = candidates["tweet_id"].iloc[np.array(frame.rows)]
            found.append(_drops(ids, len(ids), pd.Series([ids.iloc[0]] * len(ids))))
            found_ids.update(ids)
    return pd.concat(found)


def _skeleton(text: str) -> str:
    """Replace everything that a template fills in by its kind."""
    masked = LINK.sub("<link>", HANDLE.sub("<handle>", HASHTAG.sub("<tag>", text)))
    return collapse(_NUMBER.sub("0", _CODE.sub("<code>", masked))).lower()
