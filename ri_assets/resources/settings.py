"""Profile, source, store, naming and waivers as Dagster resources."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr, SecretStr, field_validator

from ri_assets.assets.code_version import code_version
from ri_assets.config import Profile, load_profile
from ri_assets.engines import LOCAL_NAME, EngineChoice
from ri_assets.environment import Environment, is_value_of_a_variable, without_password
from ri_assets.personas.corrections.entries import Corrections
from ri_assets.personas.corrections.override_file import default_place, read_overrides
from ri_assets.personas.naming.catalogue import CATALOGUE_FILE, Audience, load_catalogue
from ri_assets.personas.naming.namers import CatalogueNamer, Namer
from ri_assets.personas.privacy.recogniser import recogniser_of
from ri_assets.pipeline.embed import Encoder
from ri_assets.pipeline.engine import LOCAL, Engine, nothing
from ri_assets.quality.publication import read_waivers
from ri_assets.records.manifest import Waiver
from ri_assets.sources.base import Source, SourceOptions
from ri_assets.sources.mysql_url import holds_password, recorded_password
from ri_assets.sources.opening import open_source, without_secrets
from ri_assets.store.active_runs import clear_debris, under_way
from ri_assets.store.candidate import Candidates
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files
from ri_assets.store.forgotten import Forgotten
from ri_assets.store.source_copy import SourceCopy
from ri_assets.store.unchanged import common_origin

READING = "ri_assets.sources.opening"
"""The pure module through which every source is read."""


class ProfileResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The profile of a run: the name of a built-in one, or the path of a YAML file."""

    name: str

    def load(self) -> Profile:
        """Load the profile."""
        return load_profile(self.name)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Refuse a run whose recogniser is missing or has other files, before anything starts."""
        recogniser_of(self.load().enrich)


class SourceResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where tweets come from, and how to read them.

    `source` is ``sample``, a path, a pattern such as ``days/*.csv``, or ``mysql://…``; `more`
    holds further paths of the same source. `column_map` maps native columns to the source's
    columns, `timezone` is the zone of times without one, and `fix_mojibake` repairs texts that
    are UTF-8 read as Latin-1.

    User and password of a MySQL URL are removed from it at once, because Dagster records the
    configuration of resources. Connections of this process still find them.
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
        # For a value from a variable, Dagster records the name of the variable.
        self._is_password_recorded = not all(map(is_value_of_a_variable, secret))

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
        """Whether a URL was given with a password."""
        return self._was_given_password

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Refuse a run whose configuration contains a password, which Dagster has recorded.

        Resources that this project builds never contain one here.
        """
        if self._is_password_recorded:
            raise recorded_password()

    @classmethod
    def from_env(
        cls,
        sources: Sequence[str] | None = None,
        *,
        keep_all: bool = False,
        max_tweets: int | None = None,
        pairs: Sequence[str] | None = None,
        timezone: str | None = None,
        fix_mojibake: bool = False,
    ) -> "SourceResource":
        """Combine what a command line says with the environment, which fills the gaps."""
        environment = Environment.from_env()
        first, *more = sources or [environment.source]
        options = SourceOptions.from_env(
            environment,
            keep_all=keep_all,
            max_tweets=max_tweets,
            pairs=pairs,
            timezone=timezone,
            fix_mojibake=fix_mojibake,
        )
        of_store = {"forgotten", "copy"}
        given = {name: value for name, value in asdict(options).items() if name not in of_store}
        return cls(source=first, more=more, **given)

    def open(self, forgotten: Forgotten | None = None, copy: SourceCopy | None = None) -> Source:
        """Open the source without reading it yet.

        Parameters
        ----------
        forgotten
            People who asked to be forgotten, from the store of the run.
        copy
            What earlier runs read from a database, in the store of the run.
        """
        options = replace(self.options(), forgotten=forgotten, copy=copy)
        return open_source([self.source, *self.more], options)

    def options(self) -> SourceOptions:
        """Return the options, after checking them."""
        return SourceOptions(
            keep_all=self.keep_all,
            max_tweets=self.max_tweets,
            column_map=self.column_map,
            timezone=self.timezone,
            fix_mojibake=self.fix_mojibake,
        )


class StoreResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where results are stored: a folder, or an fsspec URL without a password."""

    location: str

    _safe = field_validator("location")(without_password)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["StoreResource"]:
        """Mark the store as in use during a run, and clean up after dead runs."""
        if context.run is None:
            yield self
            return
        files = Files(self.location)
        with under_way(files, context.run.run_id):
            try:
                clear_debris(files)
            except OSError as error:  # harmless: the next run tries again
                if context.log is not None:
                    context.log.warning(f"what earlier runs left could not be removed: {error}")
            yield self

    def candidates(self) -> Candidates:
        """Return the candidates in the store."""
        return Candidates(Files(self.location))

    def source_copy(self, *, is_read_only: bool = False) -> SourceCopy:
        """Return the copy of a database's rows in this store."""
        made_by = common_origin(code_version(READING))
        return SourceCopy(Files(self.location), made_by, is_read_only)

    def encoder(
        self, profile: Profile, progress: Callable[[str], None], engine: Engine = LOCAL
    ) -> Encoder:
        """Return an encoder that caches its vectors in this store."""
        return Encoder(profile.embed, EmbeddingCache(Files(self.location)), progress, engine)


class EngineResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where independent jobs of a run are computed: on this machine, or on a Ray cluster.

    `name` is ``local`` or ``ray``; `address` is ``host:port`` of the cluster's head. Results are
    the same, so neither is part of a data version.
    """

    name: str = LOCAL_NAME
    address: str = ""
    _engine: Engine = PrivateAttr(default=LOCAL)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["EngineResource"]:
        """Connect to the cluster for a run."""
        tell = nothing if context.log is None else context.log.info
        with EngineChoice(self.name, self.address).open(tell) as engine:
            self._engine = engine
            try:
                yield self
            finally:
                self._engine = LOCAL

    def of_run(self) -> Engine:
        """Return the engine of the run that has begun; outside of one, this machine."""
        return self._engine


@dataclass(frozen=True)
class Naming:
    """How personas are named: the catalogue, the namer, what people corrected, and the model."""

    catalogue: tuple[Audience, ...]
    namer: Namer
    corrections: Corrections
    model: str = ""

    @property
    def digest(self) -> str:
        """Sixteen hex digits over the catalogue, the corrections and the model."""
        said = repr((self.catalogue, self.corrections, self.model))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class NamingResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """How personas get their names; an empty string means the default.

    `catalogue` is a YAML file that replaces the built-in catalogue. `names` is the file of
    people's corrections (default: `names.yaml` in the store). With `llm_url` and `llm_model`, a
    language model suggests names; its key comes from the variable RI_LLM_KEY and is in no
    configuration.
    """

    catalogue: str = ""
    names: str = ""
    llm_url: str = ""
    llm_model: str = ""

    _safe = field_validator("catalogue", "names", "llm_url")(without_password)

    def load(self, store: str, tell: Callable[[str], None]) -> Naming:
        """Load the catalogue and the override file; no language model is called yet."""
        catalogue = load_catalogue(Path(self.catalogue) if self.catalogue else CATALOGUE_FILE)
        place = self.names or default_place(store)
        overrides = read_overrides(place, may_be_missing=not self.names)
        namer: Namer = CatalogueNamer()
        if self.llm_url or self.llm_model:
            from ri_assets.personas.naming.llm_namer import Endpoint, LlmNamer

            key = Environment.from_env().llm_key
            endpoint = Endpoint(self.llm_url, self.llm_model, SecretStr(key) if key else None)
            namer = LlmNamer(endpoint, namer, tell)
        model = f"{self.llm_url} {self.llm_model}".strip()
        return Naming(catalogue, namer, Corrections.of(overrides), model)


class WaiversResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Gates that a person waives for this run: the reason for each gate, and who waives it."""

    gates: dict[str, str] = Field(default={})
    by: str = ""

    def load(self) -> tuple[Waiver, ...]:
        """Return the waivers; refuse gates that may not be waived."""
        return read_waivers(self.gates, self.by)
