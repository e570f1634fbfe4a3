"""The templates: what each planted audience says, how, when and by whom.

Belongs here: the structure of the YAML files in `templates/`, and reading them. Does not belong
here: turning sentences into tweets.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BeforeValidator, Field

from ri_assets.config import Settings

TEMPLATES_DIR = Path(__file__).parent / "templates"

# In the order of the report's table; tweets are generated in this order.
AUDIENCE_NAMES = (
    "tech_builders",
    "india_watchers",
    "conversational_commerce",
    "customer_service_critics",
    "counterfeit_warriors",
    "ux_shoppers",
    "delivery_trackers",
    "payment_gateway_shoppers",
    "trust_first_buyers",
    "return_scrutinizers",
    "platform_complainers",
)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]
"""A block of text in the YAML, with one sentence pattern or word per line."""

Share = Annotated[float, Field(ge=0, le=1)]


class Story(Settings):
    """Sentence patterns that belong together: how a tweet starts, and what may follow."""

    leads: Lines
    details: Lines


class WritingHours(Settings):
    """When an audience writes."""

    peak_hour: int = Field(ge=0, le=23, description="local hour above the common curve")
    width: float = Field(gt=0, description="hours")
    weekend: float = Field(gt=0, description="weight of a weekend day; a weekday weighs 1")


class AccountFigures(Settings):
    """Medians of the audience's accounts."""

    followers: float = Field(gt=0)
    following: float = Field(gt=0)
    statuses: float = Field(gt=0)
    age_years: float = Field(gt=0)
    verified: Share


class Style(Settings):
    """How an audience writes, as shares of its tweets unless a field says otherwise."""

    emoji: Share
    hashtag: Share
    handle: Share
    link: Share
    lower: Share
    typo: Share
    breaks: Share
    hinglish: Share = Field(description="of its sentences")
    brand_reply: Share = Field(description="of its answered tweets that a brand answers")
    reply_weight: float = Field(gt=0, description="replies, relative to other audiences")


class PlantedAudience(Settings):
    """One planted audience."""

    name: str
    size: int = Field(ge=1, description="kept tweets")
    aimed_words: float = Field(gt=0, description="mean length before openers and hashtags")
    neighbours: tuple[str, ...] = Field(description="audiences whose topics it borrows")
    clock: WritingHours
    people: AccountFigures
    style: Style
    handles: tuple[str, ...] = Field(description="accounts it addresses, without @")
    hashtags: tuple[str, ...]
    emoji: str = Field(description="separated by spaces")
    asides: Lines = Field(description="what its own people add")
    passing: Lines = Field(description="what other audiences say of its topic")
    hinglish: Lines
    stories: tuple[Story, ...]


class Shared(Settings):
    """Words that every audience may use."""

    slots: dict[str, Lines]
    openers: Lines
    connectors: Lines
    capitals: Lines = Field(description="keep their capital after a connector")
    closers: Lines


class ReplyPatterns(Settings):
    """Sentence patterns of replies, by kind of reply."""

    brand: Lines
    followup: Lines
    agree: Lines
    disagree: Lines
    ask: Lines
    chatter: Lines


class Names(Settings):
    """Parts of invented handles, and the clients that people write with."""

    first: Lines
    second: Lines
    apps: Lines


class _Short(Settings):
    texts: Lines


def _read(name: str) -> object:
    return yaml.safe_load((TEMPLATES_DIR / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def audiences() -> tuple[PlantedAudience, ...]:
    """Read the eleven audiences, in the order of `AUDIENCE_NAMES`."""
    return tuple(
        PlantedAudience.model_validate(_read(f"audiences/{name}")) for name in AUDIENCE_NAMES
    )


@cache
def shared() -> Shared:
    """Read the words that every audience may use."""
    return Shared.model_validate(_read("shared"))


@cache
def reply_patterns() -> ReplyPatterns:
    """Read the sentence patterns of replies."""
    return ReplyPatterns.model_validate(_read("replies"))


@cache
def names() -> Names:
    """Read the parts of invented handles."""
    return Names.model_validate(_read("people"))


@cache
def short_texts() -> tuple[str, ...]:
    """Read the tweets that are too short to keep; all mean different things."""
    return _Short.model_validate(_read("short")).texts
