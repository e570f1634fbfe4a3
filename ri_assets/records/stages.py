"""Rows of the stages between the raw tweets and the personas, and the contract of each asset."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
from pydantic import create_model

from ri_assets.config import REDUCED_DIMENSIONS
from ri_assets.pipeline.denoise import RULES
from ri_assets.pipeline.embed import DIMENSIONS
from ri_assets.pipeline.features import FEATURES
from ri_assets.records.personas import StabilityClass
from ri_assets.records.posts import Tweet
from ri_assets.records.quality import FIGURES
from ri_assets.records.record import Column, Record, column, count, vector
from ri_assets.records.table import AssetContract, Table

TweetKey = Annotated[int, column("Id of the tweet.", ge=0)]


# fmt: off
class DroppedTweet(Record):
    """One dropped tweet."""

    tweet_id: TweetKey
    rule: Annotated[str, column("The rule that dropped it.", allowed=RULES)]
    score: Annotated[float, column(
        "Cosine of a near duplicate; share of the bar that a short tweet reaches; copies of a "
        "template; else 1.", ge=0)]
    duplicate_of: Annotated[int | None, column("The earlier tweet that it repeats.")]


class FunnelStep(Record):
    """One denoise rule, also where it dropped nothing."""

    step: Annotated[int, column("Position of the rule, from 1.", ge=1)]
    rule: Annotated[str, column("Name of the rule.", allowed=RULES)]
    n_in: Annotated[int, count("Tweets that the rule saw.")]
    n_dropped: Annotated[int, count("Tweets that it dropped.")]
    n_out: Annotated[int, count("Tweets that it left.")]
    step_retention: Annotated[float, column("n_out / n_in.", ge=0, le=1, unit="share")]


class EmbeddedTweet(Record):
    """The text vector of one kept tweet."""

    tweet_id: TweetKey
    embedding: ClassVar[Column] = vector(
        DIMENSIONS, "Unit vector of the text without handles and links, all-MiniLM-L6-v2.")


class EmbeddedContent(Record):
    """The vector of the content words of one kept tweet."""

    tweet_id: TweetKey
    embedding: ClassVar[Column] = vector(
        DIMENSIONS,
        "Likewise, of the text without function words, punctuation and masked names.")


class MaskedName(Record):
    """One name that the content words are read without."""

    name: Annotated[str, column("Letters and digits, in lower case.")]
    share: Annotated[float, column("Share of the tweets with it.", ge=0, le=1, unit="share")]
    origin: Annotated[Literal["handle", "word", "profile"], column(
        "A handle that many tweets mention, a word that most hold, or the profile.")]


class ReducedTweet(Record):
    """The position of one kept tweet in the reduced space."""

    tweet_id: TweetKey
    umap: ClassVar[Column] = vector(REDUCED_DIMENSIONS, "Position in the reduced space.")


class ClusteredTweet(Record):
    """The cluster of one kept tweet."""

    tweet_id: TweetKey
    cluster: Annotated[int, column("Cluster after noise was assigned, from 0.", ge=0)]
    core_cluster: Annotated[int, column("Cluster before assignment; -1 is noise.", ge=-1)]
    was_noise: Annotated[bool, column("Whether the tweet was noise before assignment.")]
    distance: Annotated[float, column(
        "Euclidean distance in umap_50d to the centroid of its cluster.", ge=0)]


class ClusterCount(Record):
    """One number of clusters that was tried, and how stable it is."""

    clusters: Annotated[int, column("The number, held in every rerun.", ge=2)]
    resample_ari: Annotated[float, column("Mean agreement of the draws that choose.", le=1)]
    standard_error: Annotated[float, column("Of that mean.", ge=0)]
    null_mean: Annotated[float, column("The same on data without structure.", le=1)]
    null_p95: Annotated[float, column("Its 95th percentile there.", le=1)]
    lift: Annotated[float, column("(ARI - null mean) / (1 - null mean).", le=1)]
    min_jaccard: Annotated[float, column("Least mean Jaccard of a cluster.", ge=0, le=1)]
    is_chosen: Annotated[bool, column("Whether this number was chosen.")]


class ClusterStability(Record):
    """How much of one cluster comes back when the pipeline is rerun."""

    cluster: Annotated[int, column("The cluster.", ge=0)]
    tweet_count: Annotated[int, count("Tweets in it, assigned noise included.", ge=1)]
    jaccard: Annotated[float, column("Mean best Jaccard over the draws.", ge=0, le=1)]
    stability: Annotated[StabilityClass, column("What the Jaccard means.", was="verdict")]
# fmt: on


_FEATURES: dict[str, Any] = {
    feature.name: (
        float | None,
        column(
            f"{feature.group}: {feature.definition} Unit {feature.unit}.",
            ge=feature.low,
            le=feature.high,
            type=pa.float32(),
        ),
    )
    for feature in FEATURES
}
BehavioralFeatures: type[Record] = create_model(
    "BehavioralFeatures",
    __base__=Record,
    __doc__="The behavioural features of one kept tweet.",
    tweet_id=(TweetKey, ...),
    **_FEATURES,
)


def _of_tweets(
    name: str, record: type[Record], row: str = "one kept tweet", *, is_raw: bool = False
) -> Table:
    return Table(name, row, record, ("tweet_id",), is_raw=is_raw)


DENOISED_TWEETS = AssetContract(
    _of_tweets("denoised_tweets", Tweet, "one tweet that no rule dropped", is_raw=True),
    (
        _of_tweets("dropped", DroppedTweet, "one dropped tweet"),
        Table("funnel", "one rule, also where it dropped nothing", FunnelStep, ("step",)),
    ),
)
EMBEDDINGS = AssetContract(
    _of_tweets("embeddings", EmbeddedTweet, is_raw=True),
    (
        _of_tweets(
            "content_embeddings",
            EmbeddedContent,
            "one kept tweet, where the profile gives weight to content words",
            is_raw=True,
        ),
        Table(
            "masked_names",
            "one name that the content words are read without",
            MaskedName,
            ("name",),
        ),
    ),
)
BEHAVIORAL_FEATURES = AssetContract(_of_tweets("behavioral_features", BehavioralFeatures))
UMAP_50D = AssetContract(_of_tweets("umap_50d", ReducedTweet))
CLUSTERS = AssetContract(
    _of_tweets("clusters", ClusteredTweet),
    (
        FIGURES,
        Table("count_curve", "one number of clusters", ClusterCount, ("clusters",)),
        Table("stability", "one cluster", ClusterStability, ("cluster",)),
    ),
)
