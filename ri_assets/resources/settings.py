"""The profile, the source and the store as Dagster resources.

Belongs here: the three strings that say what a run does, and what they open.
"""

from collections.abc import Callable

import dagster as dg

from ri_assets.config import Profile, load_profile
from ri_assets.pipeline.embed import Encoder
from ri_assets.sources.base import Source, SourceOptions
from ri_assets.sources.opening import open_source
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files


class ProfileResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Which profile a run follows: the name of one that ships, or the path of a YAML file."""

    name: str

    def load(self) -> Profile:
        """Read the profile."""
        return load_profile(self.name)


class SourceResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where tweets come from: ``sample``, a path, or ``mysql://…``."""

    source: str
    exclude_retweets: bool
    max_tweets: int | None

    def open(self) -> Source:
        """Open the source; nothing is read yet."""
        return open_source(
            self.source,
            SourceOptions(exclude_retweets=self.exclude_retweets, max_tweets=self.max_tweets),
        )


class StoreResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where results lie: a folder, or an fsspec URL."""

    location: str

    def candidates(self) -> Candidates:
        """Give what runs wrote."""
        return Candidates(Files(self.location))

    def encoder(self, profile: Profile, progress: Callable[[str], None]) -> Encoder:
        """Give an encoder that keeps its vectors in this store."""
        return Encoder(profile.embed, EmbeddingCache(Files(self.location)), progress)
