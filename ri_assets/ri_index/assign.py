"""Personas of tweets that the run never saw: texts in, assignments out.

Belongs here: the same normal form, embedding and features as in the run, batch by batch,
and the words for what was found. Does not belong here: how a persona is chosen
(`ri_assets.pipeline.assigner`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ri_assets.errors import StoreError
from ri_assets.ri_index.assignment import Assignment
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.semantic_search import encoder_of
from ri_assets.ri_index.snapshot_reader import Contents
from ri_assets.store.snapshot import file_name

if TYPE_CHECKING:
    import pandas as pd

    from ri_assets.pipeline.assigner import Assigned, Assigner

_BATCH = 512
_NO_WORDS = "no words besides handles and links"


def assign(contents: Contents, given: object, replies: object = None) -> Rows[Assignment]:
    """Assign tweets one by one, in the order given; nothing of them is kept.

    Raises
    ------
    QueryError
        What was given is no text and no tweet.
    StoreError
        The snapshot is from before there was assigning.
    ModelError
        The model of the snapshot's profile is not on this machine, or has other files.
    """
    from ri_assets.ri_index.assign_input import read_replies, read_tweets

    tweets, ids = read_tweets(given)
    answers = read_replies(replies, ids)
    assigner = _assigner(contents)
    found: list[Assignment] = []
    for start in range(0, len(tweets), _BATCH):
        batch = tweets.iloc[start : start + _BATCH].reset_index(drop=True)
        found += _batch(contents, assigner, batch, answers, ids[start : start + _BATCH])
    return Rows.of(Assignment, found, note=_note(tweets))


def _batch(
    contents: Contents,
    assigner: Assigner,
    tweets: pd.DataFrame,
    replies: pd.DataFrame,
    ids: list[int | None],
) -> list[Assignment]:
    from ri_assets.pipeline.assigner import TEXT, TWEET
    from ri_assets.pipeline.new_tweets import embed_new_tweets, new_tweet_features
    from ri_assets.pipeline.text import body

    said = [body(text) for text in tweets["text"]]
    is_timed = tweets["created_at"].notna().to_numpy()
    bases = [TWEET if timed else TEXT for timed in is_timed.tolist()]
    rows = tweets["tweet_id"].tolist()
    found = {
        place: _nothing(rows[place], ids[place], bases[place])
        for place, text in enumerate(said)
        if not text
    }
    spoken = [place for place, text in enumerate(said) if text]
    if spoken:
        batch = tweets.iloc[spoken].reset_index(drop=True)
        encode = encoder_of(contents).encode
        masked = _masked(contents)
        text, whole = embed_new_tweets(
            batch["text"], encode, contents.profile.fuse, masked or frozenset()
        )
        if masked is None:  # such snapshots keep of familiar tweets what they fused
            whole = text
        behavior = new_tweet_features(batch, replies, _corpus(contents), contents.profile.behavior)
        assigned = assigner.assign(text, behavior, is_timed[spoken], whole)
        for at, place in enumerate(spoken):
            found[place] = _found(
                contents, assigner, assigned, at, (rows[place], ids[place], bases[place])
            )
    return [found[place] for place in range(len(said))]


def _found(
    contents: Contents,
    assigner: Assigner,
    assigned: Assigned,
    at: int,
    of: tuple[int, int | None, str],
) -> Assignment:
    row, tweet_id, basis = of
    nearest = assigner.personas[assigned.nearest[at]]
    second = assigner.personas[assigned.runner_up[at]]
    name, other = (contents.by_id[persona].name for persona in (nearest, second))
    familiarity, fits = float(assigned.familiarity[at]), bool(assigned.fits[at])
    if fits:
        reason = f"it lies nearest to the centre of {name}, then of {other}"
    elif not assigned.is_familiar[at]:
        reason = f"unlike the corpus: {1 - familiarity:.1%} of its own tweets lie nearer to it"
    else:
        reason = (
            f"undecided between {name} and {other}: no surer than naming the largest "
            f"persona blindly ({assigner.blind:.0%})"
        )
    return Assignment(
        row=row,
        tweet_id=tweet_id,
        persona_id=nearest if fits else None,
        name=name if fits else None,
        confidence=float(assigned.confidence[at]),
        familiarity=familiarity,
        nearest_id=nearest,
        runner_up_id=second,
        basis=basis,
        reason=reason,
    )


def _nothing(row: int, tweet_id: int | None, basis: str) -> Assignment:
    return Assignment(row, tweet_id, None, None, 0.0, 0.0, None, None, basis, _NO_WORDS)


def _note(tweets: pd.DataFrame) -> str:
    """Say what of whole tweets was not given: it counts as ordinary."""
    if not tweets["created_at"].notna().any():
        return ""
    from ri_assets.pipeline.features import FEATURES

    needed = dict.fromkeys(n for f in FEATURES for n in f.needs if n in tweets.columns)
    lacking = [name for name in needed if not tweets[name].notna().any()]
    return f"not given, so taken as ordinary: {', '.join(lacking)}" if lacking else ""


@lru_cache(maxsize=2)
def _assigner(contents: Contents) -> Assigner:
    """Read a snapshot's tables for assigning once."""
    from ri_assets.ri_index.assign_tables import TABLES, assigner_of

    known = contents.snapshot.manifest.files
    if any(file_name("ri_index_app", name) not in known for name in TABLES):
        raise StoreError(
            f"snapshot {contents.snapshot.manifest.snapshot} cannot assign: it was published "
            "before there was assigning",
            f"a snapshot with {', '.join(TABLES)}",
            "rerun the pipeline, or open a newer snapshot",
        )
    tables = {name: contents.snapshot.verified("ri_index_app", name) for name in TABLES}
    settings = contents.profile
    return assigner_of(tables, settings.fuse, settings.reduce.n_neighbors)


@lru_cache(maxsize=2)
def _masked(contents: Contents) -> frozenset[str] | None:
    """Read the names that the run masked; None from before there was masking."""
    if file_name("embeddings", "masked_names") not in contents.snapshot.manifest.files:
        return None
    table = contents.snapshot.table("embeddings", "masked_names", ["name"])
    return frozenset(table["name"].to_pylist())


@lru_cache(maxsize=2)
def _corpus(contents: Contents) -> pd.DataFrame:
    """Read when, and by whom, the run's tweets were written."""
    table = contents.snapshot.table("denoised_tweets", columns=["author_id", "created_at"])
    from ri_assets.sources.rows import nullable_frame

    return nullable_frame(table)
