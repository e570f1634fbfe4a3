"""What the eight exports hold beside the records of personas and tweets."""

from __future__ import annotations

from typing import Annotated

from ri_assets.records.answers import Overlap
from ri_assets.records.manifest import Waiver
from ri_assets.records.personas import Persona
from ri_assets.records.record import Record, column, count, share

SCHEMA_VERSION = "2.0"
"""Raised with every change of a schema: the first number where a reader must follow."""


# fmt: off
class ExportHead(Record):
    """What every JSON export begins with."""

    schema_version: Annotated[str, column(
        "Version of this form.", allowed=(SCHEMA_VERSION,))]
    snapshot: Annotated[str, column(
        "Id of the snapshot that the file belongs to; of a draft it begins with DRAFT-.",
        pattern="^(DRAFT-)?[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$")]
    is_draft: Annotated[bool, column(
        "Whether the run was refused, so that this was never published.")]
    waivers: Annotated[tuple[Waiver, ...], column(
        "Gates that a person set aside for this run.")]
    profile: Annotated[str, column("Profile of the run.", min_length=1)]
    corpus: Annotated[str, column("Fingerprint of the input.", min_length=1)]
    hidden_personas: Annotated[int, count("Personas that people hid; the file leaves them out.")]
    hidden_tweets: Annotated[int, count("Tweets of those; they still count in all shares.")]


class PersonaAssignment(Record, fields_of=Persona):
    """How tweets were assigned to one persona."""

    persona_id: str
    name: str
    tweet_count: Annotated[int, count("Tweets, assigned noise included.", ge=1)]
    share: Annotated[float, share("Tweets as a share of all with a persona")]
    core_count: Annotated[int, count("Tweets that were not noise.")]
    noise_count: Annotated[int, count("Tweets that were noise before assignment.")]
    noise_share: Annotated[float, share("Those as a share of the persona's tweets")]
    distance_mean: Annotated[float, column(
        "Mean of the distances to the centroid in umap_50d (Euclidean).", ge=0)]
    distance_median: Annotated[float, column(
        "Median of the distances to the centroid in umap_50d (Euclidean).", ge=0)]
    distance_max: Annotated[float, column(
        "Largest of the distances to the centroid in umap_50d (Euclidean).", ge=0)]


class PersonaOverlap(ExportHead):
    """How many authors wrote in both of two personas."""

    is_author_known: Annotated[bool, column(
        "Whether the corpus names any author; without one there are no pairs.")]
    min_authors: Annotated[int, count("A pair that fewer authors share is left out.", ge=1)]
    pairs_left_out: Annotated[int, count("Pairs that are left out for that.")]
    pairs: Annotated[tuple[Overlap, ...], column("Most shared authors first.")]


class AssignmentStats(ExportHead):
    """How tweets were assigned, in all and persona by persona."""

    raw_tweets: Annotated[int, count("Tweets that were read.", ge=1)]
    kept_tweets: Annotated[int, count("Tweets left by the denoise rules.", ge=1)]
    tweets_with_persona: Annotated[int, count("Tweets with a persona.", ge=1)]
    retention: Annotated[float, share("Kept tweets as a share of the raw ones")]
    coverage: Annotated[float, share("Tweets with a persona as a share of those kept")]
    noise_count: Annotated[int, count("Tweets that were noise before assignment.")]
    noise_share: Annotated[float, share("Those as a share of the tweets with a persona")]
    persona_count: Annotated[int, count("Personas that are not hidden.", ge=1)]
    largest_persona: Annotated[int, count("Tweets of the largest persona.", ge=1)]
    median_persona: Annotated[float, column("Median of their tweets.", ge=1)]
    smallest_persona: Annotated[int, count("Tweets of the smallest persona.", ge=1)]
    personas: Annotated[tuple[PersonaAssignment, ...], column(
        "Largest first; of equals by id.", min_length=1)]
# fmt: on
