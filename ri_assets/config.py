"""Profiles: the whole configuration of a run, in one YAML file each.

Belongs here: the shape of a profile and how it is read. Does not belong here:
any value. A profile states every setting, so that no default hides in code.
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

REDUCED_DIMENSIONS = 50
PROFILES_DIR = Path(__file__).parent / "profiles"


class Settings(BaseModel):
    """Base of every settings model: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DenoiseSettings(Settings):
    """When a tweet is dropped."""

    near_duplicate_cosine: float = Field(gt=0, le=1, description="dropped above this cosine")
    min_chars: int = Field(ge=0, description="kept needs more characters than this")
    min_words: int = Field(ge=0, description="kept needs more words than this")
    template_min_copies: int = Field(ge=2, description="tweets that share a promotional skeleton")
    frame_min_copies: int = Field(ge=2, description="tweets that share any other frame")
    frame_min_corpus_share: float = Field(
        ge=0, le=1, description="and the share of the corpus that they make up at least"
    )
    frame_min_words: int = Field(ge=3, description="words that a frame fixes")
    frame_min_fixed_share: float = Field(
        gt=0, le=1, description="share of its words that the median tweet takes from the frame"
    )


class EmbedSettings(Settings):
    """Which model embeds, and how its weights are known."""

    model: str = Field(description="package, local path or hub id")
    sha256: str | None = Field(description="of model.safetensors; null accepts any weights")
    precision: Literal["float32", "bfloat16"]
    batch_size: int = Field(ge=1)


class MaskSettings(Settings):
    """Which names the content words are read without, because the whole corpus shares them."""

    handle_share: float = Field(
        gt=0,
        le=1,
        description="a handle that this share of the tweets mentions is masked as a word",
    )
    word_share: float = Field(gt=0, le=1, description="and a word that this share of them holds")
    add: tuple[str, ...] = Field(description="names to mask besides")
    keep: tuple[str, ...] = Field(description="names never to mask")

    @field_validator("add", "keep")
    @classmethod
    def _plain(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        plain = {"".join(char for char in name.lower() if char.isalnum()) for name in names}
        if "" in plain:
            raise ValueError("a name needs a letter or digit")
        return tuple(sorted(plain))


class BehaviorSettings(Settings):
    """How behaviour is read."""

    timezone: str = Field(description="IANA zone in which hours and weekdays are read")
    working_hours: tuple[int, int] = Field(description="[start, end) local hours")
    night_hours: tuple[int, int] = Field(description="[start, end) local hours, may wrap midnight")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"unknown time zone {zone!r}; use an IANA name like Asia/Kolkata")
        return zone


class FuseSettings(Settings):
    """How text and behaviour are fused."""

    text_weight: float = Field(ge=0, le=1, description="share of the cosine owed to the text")
    content_weight: float = Field(
        ge=0, le=1, description="share of the text's vector owed to its content words"
    )
    center: bool = Field(description="subtract the corpus mean from the text before fusing")


class ReduceSettings(Settings):
    """UMAP, as umap-learn names its parameters, and what it starts from."""

    principal_components: int | None = Field(
        ge=2, description="of the fused vectors, in which neighbours are sought; null: all"
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
    """A vote of varied UMAP + HDBSCAN runs, and how their common partition is cut."""

    method: Literal["consensus"]
    text_weight: float = Field(
        ge=0, le=1, description="of the text in the vectors that are clustered"
    )
    principal_components: tuple[int, ...] = Field(
        min_length=1, description="of these vectors, in which the runs seek neighbours"
    )
    fit_limit: int = Field(
        ge=2, description="of more tweets, a sample of so many is fitted and the rest follows it"
    )
    n_components: int = Field(ge=2, description="of the runs' own reduced spaces")
    n_epochs: int = Field(ge=1, description="of the runs' UMAP")
    n_neighbors: tuple[int, ...] = Field(min_length=1)
    min_cluster_share: tuple[float, ...] = Field(
        min_length=1, description="smallest cluster of a run, as a share of the tweets it sees"
    )
    min_samples: int = Field(ge=1)
    selection: Literal["eom", "leaf"]
    repeats: int = Field(
        ge=2, description="draws of each n_neighbors in each number of principal components"
    )
    draw_share: float = Field(gt=0, le=1, description="share of tweets each draw sees")
    noise_share: float = Field(gt=0, le=1, description="noise in more of the runs than this")
    agreement_share: float = Field(
        gt=0, lt=1, description="of what the runs agree on; so much sets the number of clusters"
    )
    personas: tuple[int, int] = Field(description="fewest and most that may be cut")
    min_persona_share: float = Field(gt=0, lt=1, description="smaller groups join their nearest")
    min_recovery: float = Field(
        ge=0, lt=1, description="groups that the runs find again worse (mean Jaccard) are given up"
    )
    min_jaccard: float = Field(
        ge=0,
        lt=1,
        description="and those that draws of the tweets find again worse are joined to others",
    )

    @field_validator("personas")
    @classmethod
    def _ordered(cls, personas: tuple[int, int]) -> tuple[int, int]:
        fewest, most = personas
        if not 1 < fewest <= most:
            raise ValueError(f"[{fewest}, {most}] must be [fewest, most] with fewest at least 2")
        return personas


class StabilitySettings(Settings):
    """How often everything is rerun to see what stays."""

    n_seeds: int = Field(ge=2)
    n_draws: int = Field(ge=2, description="draws whose figures are reported")
    n_choosing_draws: int = Field(
        ge=2, description="other draws, by which the number of personas is chosen"
    )
    draw_share: float = Field(gt=0, lt=1)
    n_null_seeds: int = Field(ge=1)
    n_null_draws: int = Field(
        ge=2, description="draws, each of structureless data of its own, which is fitted whole too"
    )
    n_random_labels: int = Field(ge=1)


class EnrichSettings(Settings):
    """What a persona shows."""

    n_terms: int = Field(ge=1)
    n_samples: int = Field(ge=1)
    min_authors: int = Field(ge=1, description="fewer distinct authors are not shown as evidence")
    dominant_share: float = Field(gt=0, lt=1, description="tier 1 from this share of tweets on")
    significant_share: float = Field(gt=0, lt=1, description="tier 2 from this share on")
    brands: tuple[str, ...] = Field(
        description="handles that are no people and stay readable, beside those that ship"
    )

    @field_validator("brands")
    @classmethod
    def _handles(cls, brands: tuple[str, ...]) -> tuple[str, ...]:
        handles = sorted({brand.strip().lstrip("@").lower() for brand in brands})
        for handle in handles:
            if not re.fullmatch(r"\w+", handle):
                raise ValueError(f"{handle!r} is no handle: letters, digits and underscores")
        return tuple(handles)


class GateSettings(Settings):
    """Thresholds that the asset checks enforce."""

    unreadable_max: float = Field(
        ge=0, le=1, description="share of the rows of a source that cannot be read"
    )
    retention_min: float = Field(ge=0, le=1)
    coverage_min: float = Field(ge=0, le=1)
    coherence_min: float = Field(ge=-1, le=1)
    resample_ari_min: float = Field(ge=-1, le=1)
    resample_ari_margin: float = Field(
        ge=0, le=1, description="and by so much above the 95th percentile of its null"
    )
    seed_ari_min: float = Field(ge=-1, le=1)
    silhouette_min: float = Field(ge=-1, le=1)
    size_ratio_max: float = Field(ge=1)
    personas_min: int = Field(ge=1)
    personas_max: int = Field(ge=1)
    name_agreement_min: float = Field(ge=0, le=1)


class DriftSettings(Settings):
    """What is a notable change since the last published snapshot; it warns."""

    coherence_fall: float = Field(ge=0, description="a larger fall is notable")
    resample_ari_fall: float = Field(ge=0, description="likewise of the resample ARI")
    jaccard_min: float = Field(
        ge=0, le=1, description="a persona that shares less with its successor has moved"
    )


class Profile(Settings):
    """One whole configuration.

    The hash of a profile (`Profile.hash`) is part of every asset's data version.
    """

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
    """Base of what is read of a stored profile: keys of other versions do not matter."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Fused(FuseSettings):
    content_weight: float = Field(default=0.0, ge=0, le=1)  # texts were once read whole alone


class _Neighborhood(_OfSnapshot):
    n_neighbors: int


class _Evidence(_OfSnapshot):
    min_authors: int
    brands: tuple[str, ...] = ()  # once there were only those that ship


class SnapshotSettings(_OfSnapshot):
    """What readers of a snapshot need of its run's profile, and no more.

    An earlier version's profile lacks settings that came later. Its snapshots stay readable,
    because what they were clustered and judged by is not needed to read them.
    """

    embed: EmbedSettings
    behavior: BehaviorSettings
    fuse: _Fused
    reduce: _Neighborhood
    enrich: _Evidence


def profile_names() -> list[str]:
    """Names of the profiles that ship, in alphabetical order."""
    return sorted(path.stem for path in PROFILES_DIR.glob("*.yaml"))


def load_profile(name: str) -> Profile:
    """Read a profile by the name of one that ships, or by the path of a YAML file.

    Raises
    ------
    ConfigError
        The profile is unknown, is no YAML, or a key is unknown, missing or out of range.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else PROFILES_DIR / f"{name}.yaml"
    if not path.is_file():
        raise ConfigError(
            f"profile {name!r} does not exist",
            f"one of {', '.join(profile_names())}, or the path of a YAML file",
            "correct the name; `ri-index profiles` lists those that ship",
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
            "every key of the profile, spelt as in the profiles that ship, and no other",
            f"compare with {PROFILES_DIR / 'report.yaml'}",
        ) from error
