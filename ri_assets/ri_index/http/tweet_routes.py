"""Questions about tweets, one path for each; ids are text here, and texts are cleaned."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ri_assets.records.answers import Assignment, PersonaTweet, TweetPersona
from ri_assets.records.personas import Sample
from ri_assets.ri_index.http.dependencies import Ask, Limit, Offset, Who
from ri_assets.ri_index.http.limits import MOST_ASSIGNED, MOST_REPLIES
from ri_assets.ri_index.results import rows_model

router = APIRouter(tags=["tweets"])

# The pattern is for readers of the description: what breaks it is refused by the index, which
# says more than a pattern can.
Digits = Annotated[str, Field(max_length=50, json_schema_extra={"pattern": "^[0-9]{1,19}$"})]
_MOST_IN_A_URL, _MOST_IN_A_BODY = 500, 10_000
_LONGEST_TEXT = 10_000


@router.get("/get_persona_tweets", response_model=rows_model(PersonaTweet))
async def get_persona_tweets(
    ask: Ask,
    persona: Who,
    offset: Offset = 0,
    limit: Limit = 20,
    with_text: Annotated[
        bool, Query(description="Whether to give texts, cleaned of personal data; takes longer.")
    ] = False,
) -> Response:
    """List a persona's tweets, nearest to its centroid first."""
    read = partial(ask.ri.get_persona_tweets, persona, limit, with_text=with_text, offset=offset)
    found = await (ask.slowly(read) if with_text else to_thread.run_sync(read))
    return ask.part(found, offset, limit)


@router.get("/get_tweet_persona", response_model=TweetPersona)
def get_tweet_persona(
    ask: Ask,
    tweet_id: Annotated[Digits, Query(description="Id of the tweet.")],
) -> Response:
    """Give the persona of a tweet; the problem for one without says what became of it."""
    return ask.one(ask.ri.get_tweet_persona(tweet_id))


class TweetsQuestion(BaseModel):
    """What `get_tweet_personas` is asked, as JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tweet_ids: list[Digits] = Field(
        min_length=1, max_length=_MOST_IN_A_BODY, description="Ids, as text."
    )


@router.get("/get_tweet_personas", response_model=rows_model(TweetPersona))
def get_tweet_personas(
    ask: Ask,
    tweet_ids: Annotated[
        list[Digits],
        Query(min_length=1, max_length=_MOST_IN_A_URL, description="Ids; give several times."),
    ],
) -> Response:
    """Give the personas of many tweets, in the order given; those without one have null."""
    return ask.rows(ask.ri.get_tweet_personas(tweet_ids))


@router.post("/get_tweet_personas", response_model=rows_model(TweetPersona))
def get_tweet_personas_post(ask: Ask, question: TweetsQuestion) -> Response:
    """Give the personas of more tweets than an address can hold."""
    return ask.rows(ask.ri.get_tweet_personas(question.tweet_ids))


@router.get("/get_tweet_samples", response_model=rows_model(Sample))
def get_tweet_samples(
    ask: Ask,
    persona: Who,
    n: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 5,
) -> Response:
    """List tweets that show what a persona sounds like, most typical first."""
    return ask.rows(ask.ri.get_tweet_samples(persona, n))


class NewTweet(BaseModel):
    """A tweet that the run never saw; its other fields are columns of a source's tweets."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    text: str = Field(max_length=_LONGEST_TEXT, description="What it says.")


class AssignQuestion(BaseModel):
    """What `assign` is asked, as JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tweets: list[Annotated[str, Field(max_length=_LONGEST_TEXT)] | NewTweet] = Field(
        max_length=MOST_ASSIGNED, description="Texts, or whole tweets."
    )
    replies: list[NewTweet] | None = Field(
        None, max_length=MOST_REPLIES, description="Replies to tweets that have a tweet_id."
    )


@router.post("/assign", operation_id="assign", response_model=rows_model(Assignment))
async def assign(ask: Ask, question: AssignQuestion) -> Response:
    """Give the persona of tweets that the run never saw, or none; nothing of them is kept."""
    tweets = [one if isinstance(one, str) else one.model_dump() for one in question.tweets]
    replies = [reply.model_dump() for reply in question.replies or ()]
    return ask.rows(await ask.slowly(partial(ask.ri.assign, tweets, replies or None)))
