"""Tweets with the persona that they belong to, as `ri_index_app` stores them."""

from __future__ import annotations

from typing import Annotated

import pyarrow as pa

from ri_assets.records.record import Record, TweetId, column, share


# fmt: off
class AssignedTweet(Record):
    """The persona of one kept tweet."""

    tweet_id: Annotated[TweetId, column("Id of the tweet.", ge=0, header="tweet")]
    persona_id: Annotated[str, column(
        "The persona that it belongs to.", is_own=True, header="id")]
    was_noise: Annotated[bool, column(
        "Whether it was assigned from the noise.", header="was noise")]
    distance: Annotated[float, column(
        "Distance to the centroid of its cluster, which is the persona's, unless people merged "
        "personas.", ge=0, header="distance")]


class MappedTweet(Record):
    """One kept tweet on the map, for looking at."""

    tweet_id: Annotated[TweetId, column("Id of the tweet.", ge=0)]
    x: Annotated[float, column("Across, -1 to 1.", ge=-1, le=1, type=pa.float32())]
    y: Annotated[float, column("Up, -1 to 1.", ge=-1, le=1, type=pa.float32())]
    certainty: Annotated[float, share(
        "Probability that it belongs to its persona: how often so clear a tweet was assigned "
        "right when it was left out")]
# fmt: on
