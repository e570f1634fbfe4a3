"""Columns of the stages between the raw tweets and the personas."""

from __future__ import annotations

import pyarrow as pa

from ri_assets.config import REDUCED_DIMENSIONS
from ri_assets.contracts.figures import FIGURES
from ri_assets.contracts.raw import TWEETS
from ri_assets.contracts.table import AssetContract, Column, Table
from ri_assets.pipeline.denoise import RULES
from ri_assets.pipeline.embed import DIMENSIONS
from ri_assets.pipeline.features import FEATURES

TWEET_ID = Column("tweet_id", pa.int64(), "Id of the tweet.", minimum=0)
_FLOAT = pa.float64()

DENOISED_TWEETS = AssetContract(
    Table("denoised_tweets", "one tweet that no rule dropped", TWEETS.columns, ("tweet_id",)),
    (
        Table(
            "dropped",
            "one dropped tweet",
            (
                TWEET_ID,
                Column("rule", pa.string(), "The rule that dropped it.", allowed=RULES),
                Column(
                    "score",
                    _FLOAT,
                    "Cosine of a near duplicate; share of the bar that a short tweet reaches; "
                    "copies of a template; else 1.",
                    minimum=0,
                ),
                Column("duplicate_of", pa.int64(), "The earlier tweet that it repeats.", True),
            ),
            ("tweet_id",),
        ),
        Table(
            "funnel",
            "one rule, also where it dropped nothing",
            (
                Column("step", pa.int64(), "Position of the rule, from 1.", minimum=1),
                Column("rule", pa.string(), "Name of the rule.", allowed=RULES),
                Column("n_in", pa.int64(), "Tweets that the rule saw.", minimum=0),
                Column("n_dropped", pa.int64(), "Tweets that it dropped.", minimum=0),
                Column("n_out", pa.int64(), "Tweets that it left.", minimum=0),
                Column("step_retention", _FLOAT, "n_out / n_in.", minimum=0, maximum=1),
            ),
            ("step",),
        ),
    ),
)

_EMBEDDING = pa.list_(pa.float32(), DIMENSIONS)

EMBEDDINGS = AssetContract(
    Table(
        "embeddings",
        "one kept tweet",
        (
            TWEET_ID,
            Column(
                "embedding",
                _EMBEDDING,
                "Unit vector of the text without handles and links, all-MiniLM-L6-v2.",
            ),
        ),
        ("tweet_id",),
    ),
    (
        Table(
            "content_embeddings",
            "one kept tweet, where the profile gives weight to content words",
            (
                TWEET_ID,
                Column(
                    "embedding",
                    _EMBEDDING,
                    "Likewise, of the text without function words, punctuation and masked names.",
                ),
            ),
            ("tweet_id",),
        ),
        Table(
            "masked_names",
            "one name that the content words are read without",
            (
                Column("name", pa.string(), "Letters and digits, in lower case."),
                Column("share", _FLOAT, "Share of the tweets with it.", minimum=0, maximum=1),
                Column(
                    "origin",
                    pa.string(),
                    "A handle that many tweets mention, a word that most hold, or the profile.",
                    allowed=("handle", "word", "profile"),
                ),
            ),
            ("name",),
        ),
    ),
)

BEHAVIORAL_FEATURES = AssetContract(
    Table(
        "behavioral_features",
        "one kept tweet",
        (
            TWEET_ID,
            *(
                Column(
                    feature.name,
                    pa.float32(),
                    f"{feature.group}: {feature.definition} Unit {feature.unit}.",
                    True,
                    feature.low,
                    feature.high,
                )
                for feature in FEATURES
            ),
        ),
        ("tweet_id",),
    )
)

UMAP_50D = AssetContract(
    Table(
        "umap_50d",
        "one kept tweet",
        (
            TWEET_ID,
            Column(
                "umap",
                pa.list_(pa.float32(), REDUCED_DIMENSIONS),
                "Position in the reduced space.",
            ),
        ),
        ("tweet_id",),
    )
)

CLUSTERS = AssetContract(
    Table(
        "clusters",
        "one kept tweet",
        (
            TWEET_ID,
            Column("cluster", pa.int64(), "Cluster after noise was assigned, from 0.", minimum=0),
            Column(
                "core_cluster", pa.int64(), "Cluster before assignment; -1 is noise.", minimum=-1
            ),
            Column("was_noise", pa.bool_(), "Whether the tweet was noise before assignment."),
            Column(
                "distance",
                _FLOAT,
                "Euclidean distance in umap_50d to the centroid of its cluster.",
                minimum=0,
            ),
        ),
        ("tweet_id",),
    ),
    (
        FIGURES,
        Table(
            "count_curve",
            "one number of clusters",
            (
                Column("clusters", pa.int64(), "The number, held in every rerun.", minimum=2),
                Column(
                    "resample_ari", _FLOAT, "Mean agreement of the draws that choose.", maximum=1
                ),
                Column("standard_error", _FLOAT, "Of that mean.", minimum=0),
                Column("null_mean", _FLOAT, "The same on data without structure.", maximum=1),
                Column("null_p95", _FLOAT, "Its 95th percentile there.", maximum=1),
                Column("lift", _FLOAT, "(ARI - null mean) / (1 - null mean).", maximum=1),
                Column(
                    "min_jaccard", _FLOAT, "Least mean Jaccard of a cluster.", minimum=0, maximum=1
                ),
                Column("is_chosen", pa.bool_(), "Whether this number was chosen."),
            ),
            ("clusters",),
        ),
        Table(
            "stability",
            "one cluster",
            (
                Column("cluster", pa.int64(), "The cluster.", minimum=0),
                Column(
                    "tweet_count", pa.int64(), "Tweets in it, assigned noise included.", minimum=1
                ),
                Column(
                    "jaccard", _FLOAT, "Mean best Jaccard over the draws.", minimum=0, maximum=1
                ),
                Column(
                    "verdict",
                    pa.string(),
                    "What the Jaccard means.",
                    allowed=("stable", "doubtful", "not to be trusted"),
                ),
            ),
            ("cluster",),
        ),
    ),
)
