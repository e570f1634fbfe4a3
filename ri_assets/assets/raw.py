"""`raw_tweets` and `raw_replies`: one consistent read of the source, quarantine included."""

from collections.abc import Iterator

import dagster as dg

from ri_assets.assets.common import declared, stored
from ri_assets.counted import counted
from ri_assets.records.posts import RAW_REPLIES, RAW_TWEETS
from ri_assets.resources.settings import READING, ProfileResource, SourceResource, StoreResource
from ri_assets.sources.base import told_left_out
from ri_assets.sources.description import raw_tables
from ri_assets.store.forgotten import read_forgotten
from ri_assets.store.origin import forgotten_origin, rows_origin
from ri_assets.store.tables import Tables, corpus_fingerprint


@dg.multi_asset(
    name="raw_posts",
    outs={
        "raw_tweets": dg.AssetOut(
            description="Top-level tweets as the source gave them, in order of id. Rows that "
            "could not be read are in the table `rejected` and retweets and automated posts in "
            "`left_out`, each with the reason.",
            **declared(__name__, RAW_TWEETS, "ingest", {"pandas"}, through_resources=(READING,)),
        ),
        "raw_replies": dg.AssetOut(
            description="Replies, read in the same consistent read as the tweets.",
            **declared(__name__, RAW_REPLIES, "ingest", {"pandas"}, through_resources=(READING,)),
        ),
    },
)
def raw_posts(
    context: dg.AssetExecutionContext,
    source: SourceResource,
    profile: ProfileResource,
    store: StoreResource,
) -> Iterator[dg.Output[Tables]]:
    """Read tweets and replies."""
    settings = profile.load()
    files = store.candidates().files
    copy = store.source_copy()
    opened = source.open(read_forgotten(files), copy)
    context.log.info(f"reading {opened.name}")
    corpus = opened.read()
    for note in copy.notes:
        context.log.info(f"raw_posts: {note}")
    if corpus.n_left_out or corpus.n_forgotten_tweets:
        left_out = told_left_out(corpus.left_out, corpus.n_forgotten_tweets)
        context.log.info(f"left out: {left_out}")
    tweets, replies = raw_tables(corpus)
    for note in corpus.reading.notes:
        context.log.warning(f"raw_posts: {note}")
    for column in corpus.reading.unreadable:
        context.log.warning(
            f"raw_posts: {column.n_unreadable:,} of {column.n_filled:,} values of {column.column} "
            f"cannot be read and are missing; expected: {column.expected}"
        )
    corpus_id = corpus_fingerprint(tweets.by_name["raw_tweets"], replies.by_name["raw_replies"])
    for name, tables in (("raw_tweets", tweets), ("raw_replies", replies)):
        rejected = tables.frame("rejected")["reason"].value_counts()
        for reason, count in rejected.items():
            context.log.warning(f"{name}: {counted(count, 'row')} set aside: {reason}")
        yield stored(
            Tables(corpus_id, tables.by_name, name),
            settings,
            {
                "source": opened.name,
                "left_out_by_reason": tables.frame("left_out")["reason"].value_counts().to_dict(),
                "rejected_by_reason": rejected.to_dict(),
            },
            name,
            made_from=rows_origin(tables, forgotten_origin(files)),
        )
