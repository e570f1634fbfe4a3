"""Profiles: the whole configuration of a run, in one YAML file each.

This module defines the fields of a profile and reads it. It holds no value: a profile states
every setting, so no default hides in code.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Literal, Self
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ri_assets.errors import ConfigError

REDUCED_DIMENSIONS = 50  # of the asset `umap_50d`, whose name is fixed
PROFILES_DIR = Path(__file__).parent / "profiles"


class Settings(BaseModel):
    """Base of every settings model: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DenoiseSettings(Settings):
    """Thresholds from which a tweet is dropped."""

    near_duplicate_cosine: float = Field(gt=0, le=1, description="a higher cosine is a copy")
    min_chars: int = Field(ge=0, description="a kept tweet has more characters")
    min_words: int = Field(ge=0, description="a kept tweet has more words")
    template_min_copies: int = Field(ge=2, description="tweets that share a promotion's skeleton")
    frame_min_copies: int = Field(ge=2, description="tweets that share any other frame")
    frame_min_corpus_share: float = Field(ge=0, le=1, description="minimum share of the corpus")
    frame_min_words: int = Field(ge=3, description="minimum number of words in a frame")
    frame_min_fixed_share: float = Field(
        gt=0, le=1, description="share of its words that the median tweet takes from the frame"
    )


class EmbedSettings(Settings):
    """The embedding model, and how its weights are verified."""

    model: str = Field(description="package, local path or hub id")
    sha256: str | None = Field(description="of model.safetensors; null accepts any weights")
    precision: Literal["float32", "bfloat16"]
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        description="where texts are embedded; auto takes a GPU if PyTorch finds one"
    )
    batch_size: int = Field(ge=1)


class MaskSettings(Settings):
    """Names to mask in the content words, because the whole corpus shares them."""

    handle_share: float = Field(gt=0, le=1, description="mask handles in this share of tweets")
    word_share: float = Field(gt=0, le=1, description="mask words in this share of tweets")
    add: tuple[str, ...] = Field(description="more names to mask")
    keep: tuple[str, ...] = Field(description="names never to mask")

    @field_validator("add", "keep")
    @classmethod
    def _plain(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        plain = {"".join(char for char in name.lower() if char.isalnum()) for name in names}
        if "" in plain:
            raise ValueError("a name needs a letter or digit")
        return tuple(sorted(plain))


class BehaviorSettings(Settings):
    """Settings of the behavioural features."""

    timezone: str = Field(description="IANA time zone of hours and weekdays")
    working_hours: tuple[int, int] = Field(description="[start, end) local hours")
    night_hours: tuple[int, int] = Field(description="[start, end) local hours, may wrap midnight")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"unknown time zone {zone!r}; use an IANA name like Asia/Kolkata")
        return zone


class FuseSettings(Settings):
    """Weights with which text and behaviour are fused."""

    text_weight: float = Field(ge=0, le=1, description="weight of the text in the cosine")
    content_weight: float = Field(
        ge=0, le=1, description="weight of the content words in the text vector"
    )
    center: bool = Field(description="subtract the corpus mean from the text before fusing")


class ReduceSettings(Settings):
    """UMAP, with umap-learn's names of its parameters, and the vectors it starts from."""

    principal_components: int | None = Field(
        ge=2, description="of the fused vectors, in which neighbours are found; null: all"
    )
    n_components: int = Field(ge=2)
    n_neighbors: int = Field(ge=2)
    min_dist: float = Field(ge=0, le=1)
    n_epochs: int | None = Field(ge=1, description="null lets UMAP choose")
    init: Literal["spectral", "pca"]
    seed: int

    @model_validator(mode="after")
    def _room_for_components(self) -> Self:
        if self.principal_components is not None and self.principal_components < self.n_components:
            raise ValueError(
                f"principal_components {self.principal_components} must be at least "
                f"n_components {self.n_components}, or null"
            )
        return self


class HdbscanSettings(Settings):
    """One HDBSCAN on the reduced space."""

    method: Literal["hdbscan"]
    min_cluster_size: int = Field(ge=2)
    min_samples: int = Field(ge=1)
    selection: Literal["eom", "leaf"]


class ConsensusSettings(Settings):
    """An ensemble of UMAP + HDBSCAN runs and of k-means runs, and the cut of their consensus."""

    method: Literal["consensus"]
    text_weight: float = Field(ge=0, le=1, description="weight of the text in what is clustered")
    principal_components: tuple[int, ...] = Field(
        min_length=1, description="of these vectors, in which the runs find neighbours"
    )
    fit_limit: int = Field(
        ge=2, description="of a larger corpus, a sample of this size is fitted and the rest follows"
    )
    n_components: int = Field(ge=2, description="dimensions of the UMAP runs' spaces")
    n_epochs: int = Field(ge=1, description="epochs of the runs' UMAP")
    negative_sample_rate: int = Field(
        ge=1, description="tweets from which each pair of neighbours is pushed away in an epoch"
    )
    n_neighbors: tuple[int, ...] = Field(min_length=1)
    min_cluster_share: tuple[float, ...] = Field(
        min_length=1,
        description="smallest cluster of an HDBSCAN run, as a share of the tweets it sees",
    )
    min_samples: int = Field(ge=1)
    selection: Literal["eom", "leaf"]
    repeats: int = Field(
        ge=1, description="UMAP runs for each n_neighbors in each number of principal components"
    )
    kmeans_clusters: tuple[int, ...] = Field(description="clusters of the k-means runs; []: none")
    kmeans_repeats: int = Field(
        ge=1, description="runs for each of them in each number of principal components"
    )
    draw_share: float = Field(gt=0, le=1, description="share of the tweets that each run sees")
    noise_share: float = Field(
        gt=0,
        le=1,
        description="a tweet is noise if it is in more than this share of HDBSCAN's runs",
    )
    agreement_share: float = Field(
        gt=0, lt=1, description="share of the runs' agreement that sets the number of clusters"
    )
    personas: tuple[int, int] = Field(description="minimum and maximum number of clusters")
    min_persona_share: float = Field(gt=0, lt=1, description="smaller groups are given up")
    min_recovery: float = Field(
        ge=0, lt=1, description="groups with a lower mean Jaccard over the runs are given up"
    )
    min_jaccard: float = Field(
        ge=0, lt=1, description="groups with a lower mean Jaccard over random draws are merged"
    )

    @field_validator("personas")
    @classmethod
    def _ordered(cls, personas: tuple[int, int]) -> tuple[int, int]:
        fewest, most = personas
        if not 1 < fewest <= most:
            raise ValueError(f"[{fewest}, {most}] must be [fewest, most] with fewest at least 2")
        return personas

    @field_validator("kmeans_clusters")
    @classmethod
    def _several(cls, kmeans_clusters: tuple[int, ...]) -> tuple[int, ...]:
        if min(kmeans_clusters, default=2) < 2:  # noqa: PLR2004 -- one cluster tells nothing
            raise ValueError(f"{[*kmeans_clusters]} must be numbers of clusters of at least 2")
        return kmeans_clusters

    @model_validator(mode="after")
    def _several_runs(self) -> Self:
        of_umap = self.repeats * len(self.n_neighbors) * len(self.min_cluster_share)
        runs = of_umap + self.kmeans_repeats * len(self.kmeans_clusters)
        if runs * len(self.principal_components) < 2:  # noqa: PLR2004 -- one run has no consensus
            raise ValueError("the settings give one run; raise `repeats` to at least 2")
        return self


class StabilitySettings(Settings):
    """How often everything is rerun to measure stability."""

    n_seeds: int = Field(ge=2)
    n_draws: int = Field(ge=2, description="random draws whose figures are reported")
    n_choosing_draws: int = Field(ge=2, description="other draws, which choose the number")
    draw_share: float = Field(gt=0, lt=1)
    n_null_seeds: int = Field(ge=1)
    n_null_draws: int = Field(ge=2, description="null data sets; each is fitted and drawn from")
    n_random_labels: int = Field(ge=1)


class EnrichSettings(Settings):
    """Settings of the personas."""

    n_terms: int = Field(ge=1)
    n_samples: int = Field(ge=1)
    min_authors: int = Field(ge=1, description="evidence of fewer authors is not shown")
    dominant_share: float = Field(gt=0, lt=1, description="tier 1: at least this share of tweets")
    significant_share: float = Field(gt=0, lt=1, description="tier 2: at least this share")
    brands: tuple[str, ...] = Field(
        description="more handles of companies, which stay readable, besides the built-in list"
    )
    recogniser: str | None = Field(
        min_length=1, description="spaCy pipeline that finds names: package or folder; null: none"
    )
    recogniser_sha256: str | None = Field(description="of its files; null accepts any files")

    @field_validator("brands")
    @classmethod
    def _handles(cls, brands: tuple[str, ...]) -> tuple[str, ...]:
        handles = sorted({brand.strip().lstrip("@").lower() for brand in brands})
        for handle in handles:
            if not re.fullmatch(r"\w+", handle):
                raise ValueError(f"{handle!r} is not a handle; use letters, digits and _")
        return tuple(handles)


class GateSettings(Settings):
    """Thresholds that the asset checks enforce."""

    unreadable_max: float = Field(ge=0, le=1, description="share of unreadable source rows")
    retention_min: float = Field(ge=0, le=1)
    coverage_min: float = Field(ge=0, le=1)
    coherence_min: float = Field(ge=-1, le=1)
    resample_ari_min: float = Field(ge=-1, le=1)
    resample_ari_margin: float = Field(
        ge=0, le=1, description="minimum distance above the 95th percentile of the null"
    )
    seed_ari_min: float = Field(ge=-1, le=1)
    silhouette_min: float = Field(ge=-1, le=1)
    size_ratio_max: float = Field(ge=1)
    personas_min: int = Field(ge=1)
    personas_max: int = Field(ge=1)
    name_agreement_min: float = Field(ge=0, le=1)
    distinct_min: float = Field(ge=0, le=1, description="how well words tell two personas apart")


class DriftSettings(Settings):
    """Changes since the last published snapshot from which a check warns."""

    coherence_fall: float = Field(ge=0, description="a larger fall warns")
    resample_ari_fall: float = Field(ge=0, description="a larger fall warns")
    jaccard_min: float = Field(
        ge=0, le=1, description="a lower Jaccard index of a persona with its successor warns"
    )


class Profile(Settings):
    """One whole configuration; its hash is part of every asset's data version."""

    name: str
    description: str
    denoise: DenoiseSettings
    embed: EmbedSettings
    mask: MaskSettings
    behavior: BehaviorSettings
    fuse: FuseSettings
    reduce: ReduceSettings
    cluster: HdbscanSettings | ConsensusSettings = Field(discriminator="method")
    stability: StabilitySettings
    enrich: EnrichSettings
    gates: GateSettings
    drift: DriftSettings

    @field_validator("reduce")
    @classmethod
    def _as_wide_as_the_asset(cls, settings: ReduceSettings) -> ReduceSettings:
        if settings.n_components != REDUCED_DIMENSIONS:
            raise ValueError(
                f"n_components {settings.n_components} must be {REDUCED_DIMENSIONS}, "
                "the width of the asset umap_50d"
            )
        return settings

    @property
    def hash(self) -> str:
        """Sixteen hex digits over every setting except the name and description."""
        settings = self.model_dump(mode="json", exclude={"name", "description"})
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


class _OfSnapshot(BaseModel):
    """Base of the settings read from a stored profile: unknown keys are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Embedded(EmbedSettings):
    # Questions are embedded wherever the reader is; older profiles do not say.
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"


class _Fused(FuseSettings):
    content_weight: float = Field(default=0.0, ge=0, le=1)  # older runs used whole texts only


class _Neighborhood(_OfSnapshot):
    n_neighbors: int


class _Evidence(_OfSnapshot):
    min_authors: int
    brands: tuple[str, ...] = ()  # older runs had the built-in list only


class SnapshotSettings(_OfSnapshot):
    """The settings that readers of a snapshot need.

    An older version's profile lacks settings that came later. Its snapshots stay readable,
    because the settings of clustering and gates are not needed to read them.
    """

    embed: _Embedded
    behavior: BehaviorSettings
    fuse: _Fused
    reduce: _Neighborhood
    enrich: _Evidence


def profile_names() -> list[str]:
    """List the built-in profiles, in alphabetical order."""
    return sorted(path.stem for path in PROFILES_DIR.glob("*.yaml"))


def load_profile(name: str) -> Profile:
    """Read a built-in profile by name, or a YAML file by path.

    Raises
    ------
    ConfigError
        There is no such profile, it is not YAML, or a key is unknown, missing or out of range.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else PROFILES_DIR / f"{name}.yaml"
    if not path.is_file():
        raise ConfigError(
            f"profile {name!r} does not exist",
            f"one of {', '.join(profile_names())}, or the path of a YAML file",
            "correct the name; `ri-index profiles` lists the built-in profiles",
        )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Profile.model_validate(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"profile {path} is not readable YAML: {error}",
            "a YAML mapping in UTF-8",
            f"start again from a copy of {PROFILES_DIR / 'report.yaml'}",
        ) from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'the file'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigError(
            f"profile {path}: {problems}",
            "exactly the keys of the built-in profiles",
            f"compare with {PROFILES_DIR / 'report.yaml'}",
        ) from error
