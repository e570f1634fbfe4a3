"""The profile, the source, the store, the naming and the waivers as Dagster resources.

Belongs here: the strings that say what a run does, and what they open.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from pydantic import Field, SecretStr

from ri_assets.checks.waiving import read_waivers
from ri_assets.config import Profile, load_profile
from ri_assets.personas.catalogue import CATALOGUE_FILE, Audience, load_catalogue
from ri_assets.personas.namers import CatalogueNamer, Namer
from ri_assets.personas.renames import Rename, default_place, read_renames
from ri_assets.pipeline.embed import Encoder
from ri_assets.sources.base import Source, SourceOptions, column_map
from ri_assets.sources.opening import SAMPLE, open_source
from ri_assets.store.begun import clear_debris, under_way
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.waiver import Waiver


class ProfileResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Which profile a run follows: the name of one that ships, or the path of a YAML file."""

    name: str

    def load(self) -> Profile:
        """Read the profile."""
        return load_profile(self.name)


class SourceResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where tweets come from, and how they are read.

    `source` is ``sample``, a path, a pattern such as ``days/*.csv``, or ``mysql://…``; `more`
    holds further paths of the same source. `column_map` says which of the source's columns a
    native column is; `timezone` is the zone of times that carry none.
    """

    source: str
    keep_all: bool = False
    max_tweets: int | None = None
    more: list[str] = Field(default_factory=list)
    column_map: dict[str, str] = Field(default_factory=dict)
    timezone: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "SourceResource":
        """Read what `RI_SOURCE`, `RI_KEEP_ALL`, `RI_MAP` and `RI_TIMEZONE` say.

        `RI_MAP` holds the pairs of ``--map`` with commas between them.
        """
        return cls(
            source=environ.get("RI_SOURCE", SAMPLE),
            keep_all=environ.get("RI_KEEP_ALL", "").lower() in {"1", "true", "yes"},
            column_map=column_map(filter(None, environ.get("RI_MAP", "").split(","))),
            timezone=environ.get("RI_TIMEZONE") or None,
        )

    def chosen(
        self,
        sources: Sequence[str] | None,
        *,
        keep_all: bool,
        max_tweets: int | None,
        pairs: Sequence[str] | None,
        timezone: str | None,
    ) -> "SourceResource":
        """Give the resource with what a command line says in place of the environment's."""
        first, *more = sources or [self.source, *self.more]
        return SourceResource(
            source=first,
            more=more,
            keep_all=keep_all or self.keep_all,
            max_tweets=self.max_tweets if max_tweets is None else max_tweets,
            column_map=column_map(pairs) if pairs else self.column_map,
            timezone=timezone or self.timezone,
        )

    def open(self) -> Source:
        """Open the source; nothing is read yet."""
        return open_source([self.source, *self.more], self.options())

    def options(self) -> SourceOptions:
        """Give the options; one that is wrong is refused."""
        return SourceOptions(
            keep_all=self.keep_all,
            max_tweets=self.max_tweets,
            column_map=self.column_map,
            timezone=self.timezone,
        )


class StoreResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where results lie: a folder, or an fsspec URL."""

    location: str

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["StoreResource"]:
        """Hold the store while a run is under way, and remove what dead runs left in it."""
        if context.run is None:
            yield self
            return
        files = Files(self.location)
        with under_way(files, context.run.run_id):
            try:
                clear_debris(files)
            except OSError as error:  # it harms nobody, and the next run tries again
                if context.log is not None:
                    context.log.warning(f"what earlier runs left could not be removed: {error}")
            yield self

    def candidates(self) -> Candidates:
        """Give what runs wrote."""
        return Candidates(Files(self.location))

    def encoder(self, profile: Profile, progress: Callable[[str], None]) -> Encoder:
        """Give an encoder that keeps its vectors in this store."""
        return Encoder(profile.embed, EmbeddingCache(Files(self.location)), progress)


@dataclass(frozen=True)
class Naming:
    """What names personas: the catalogue, the namer, and names that people gave."""

    catalogue: tuple[Audience, ...]
    namer: Namer
    renames: Mapping[str, tuple[Rename, ...]]


class NamingResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """How personas get their names; an empty string stands for what ships.

    `catalogue` is a YAML file in place of the one that ships; `names` the override file,
    else `names.yaml` in the store. With `llm_url` and `llm_model` a language model is
    asked; its key is read from the variable RI_LLM_KEY and stands in no configuration.
    """

    catalogue: str = ""
    names: str = ""
    llm_url: str = ""
    llm_model: str = ""

    def load(self, store: str, tell: Callable[[str], None]) -> Naming:
        """Read catalogue and override file of a store; nothing is asked yet."""
        catalogue = load_catalogue(Path(self.catalogue) if self.catalogue else CATALOGUE_FILE)
        place = self.names or default_place(store)
        renames = read_renames(place, may_be_missing=not self.names)
        namer: Namer = CatalogueNamer()
        if self.llm_url or self.llm_model:
            from ri_assets.personas.llm_namer import Endpoint, LlmNamer

            key = os.environ.get("RI_LLM_KEY")
            endpoint = Endpoint(self.llm_url, self.llm_model, SecretStr(key) if key else None)
            namer = LlmNamer(endpoint, namer, tell)
        return Naming(catalogue, namer, renames)


class WaiversResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Gates that a person sets aside for this run: why, by name of the gate, and who."""

    gates: dict[str, str] = Field(default={})
    by: str = ""

    def load(self) -> tuple[Waiver, ...]:
        """Read the waivers; a gate that may not be waived is refused."""
        return read_waivers(self.gates, self.by)
