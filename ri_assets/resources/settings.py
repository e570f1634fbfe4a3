"""The profile, the source, the store, the naming and the waivers as Dagster resources.

Belongs here: the strings that say what a run does, and what they open.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr, SecretStr, field_validator

from ri_assets.config import Profile, load_profile
from ri_assets.personas.naming.catalogue import CATALOGUE_FILE, Audience, load_catalogue
from ri_assets.personas.naming.namers import CatalogueNamer, Namer
from ri_assets.personas.naming.renames import Rename, default_place, read_renames
from ri_assets.pipeline.embed import Encoder
from ri_assets.quality.publication import read_waivers
from ri_assets.records.manifest import Waiver
from ri_assets.sources.base import Source, SourceOptions, column_map
from ri_assets.sources.credentials import recorded_password
from ri_assets.sources.mysql_url import holds_password
from ri_assets.sources.opening import SAMPLE, open_source, without_secrets
from ri_assets.store.begun import clear_debris, under_way
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.location import without_password


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
    native column is; `timezone` is the zone of times that carry none; with `fix_mojibake`
    texts that are UTF-8 read as Latin-1 are mended.

    User and password of a MySQL URL are taken out of it at once, because Dagster records what
    resources are built from. Connections of this process still find them.
    """

    source: str
    keep_all: bool = False
    max_tweets: int | None = None
    more: list[str] = Field(default_factory=list)
    column_map: dict[str, str] = Field(default_factory=dict)
    timezone: str | None = None
    fix_mojibake: bool = False
    _was_given_password: bool = PrivateAttr(default=False)
    _is_password_recorded: bool = PrivateAttr(default=False)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        specs = [given.get("source", ""), *given.get("more", ())]
        secret = list(filter(holds_password, specs))
        self._was_given_password = bool(secret)
        # Of what comes from a variable Dagster records the variable's name.
        self._is_password_recorded = not {*secret} <= {*os.environ.values()}

    @field_validator("source")
    @classmethod
    def _safe(cls, source: str) -> str:
        return without_secrets(source)

    @field_validator("more")
    @classmethod
    def _all_safe(cls, more: list[str]) -> list[str]:
        return [without_secrets(one) for one in more]

    @property
    def was_given_password(self) -> bool:
        """Whether a URL held a password when this was made."""
        return self._was_given_password

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Refuse a run whose own configuration brought a password: Dagster has recorded it.

        Resources that we build come here without one.
        """
        if self._is_password_recorded:
            raise recorded_password()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "SourceResource":
        """Read what `RI_SOURCE`, `RI_KEEP_ALL`, `RI_MAP`, `RI_TIMEZONE`, `RI_FIX_MOJIBAKE` say.

        `RI_MAP` holds the pairs of ``--map`` with commas between them.
        """
        return cls(
            source=environ.get("RI_SOURCE", SAMPLE),
            keep_all=_is_set(environ, "RI_KEEP_ALL"),
            column_map=column_map(filter(None, environ.get("RI_MAP", "").split(","))),
            timezone=environ.get("RI_TIMEZONE") or None,
            fix_mojibake=_is_set(environ, "RI_FIX_MOJIBAKE"),
        )

    def chosen(
        self,
        sources: Sequence[str] | None,
        *,
        keep_all: bool,
        max_tweets: int | None,
        pairs: Sequence[str] | None,
        timezone: str | None,
        fix_mojibake: bool = False,
    ) -> "SourceResource":
        """Give the resource with what a command line says in place of the environment's."""
        first, *more = sources or [self.source, *self.more]
        made = SourceResource(
            source=first,
            more=more,
            keep_all=keep_all or self.keep_all,
            max_tweets=self.max_tweets if max_tweets is None else max_tweets,
            column_map=column_map(pairs) if pairs else self.column_map,
            timezone=timezone or self.timezone,
            fix_mojibake=fix_mojibake or self.fix_mojibake,
        )
        made._was_given_password |= not sources and self._was_given_password
        return made

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
            fix_mojibake=self.fix_mojibake,
        )


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() in {"1", "true", "yes"}


class StoreResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where results lie: a folder, or an fsspec URL without a password."""

    location: str

    _safe = field_validator("location")(without_password)

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

    _safe = field_validator("catalogue", "names", "llm_url")(without_password)

    def load(self, store: str, tell: Callable[[str], None]) -> Naming:
        """Read catalogue and override file of a store; nothing is asked yet."""
        catalogue = load_catalogue(Path(self.catalogue) if self.catalogue else CATALOGUE_FILE)
        place = self.names or default_place(store)
        renames = read_renames(place, may_be_missing=not self.names)
        namer: Namer = CatalogueNamer()
        if self.llm_url or self.llm_model:
            from ri_assets.personas.naming.llm_namer import Endpoint, LlmNamer

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
