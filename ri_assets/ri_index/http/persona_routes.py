"""Questions about personas, one path for each."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ri_assets.records.answers import Audience, Comparison, Match, Similar
from ri_assets.records.personas import LineageEvent, Persona, PersonaBrief, RhythmSlot, Term
from ri_assets.ri_index.http.dependencies import Ask, Left, Limit, Offset, Who
from ri_assets.ri_index.results import rows_model
from ri_assets.ri_index.similar import Method

router = APIRouter(tags=["personas"])

# An address holds 64 KiB, in which a character may take twelve bytes.
_LONGEST_IN_A_URL, _LONGEST_IN_A_BODY = 2000, 10_000

# What may be left out has its bounds inside: OpenAPI would not show them at the outer type.
Size = Annotated[Annotated[int, Field(ge=0)] | Left, Query(description="Tweets, included.")]
Words = Annotated[
    Annotated[float, Field(ge=0, allow_inf_nan=False)] | Left,
    Query(description="Words of a tweet on average, included."),
]
Text = Annotated[str, Field(min_length=1, max_length=100)]
Hour = Annotated[int, Field(ge=0, le=23)]
Top = Annotated[int, Query(ge=1, le=1000, description="How many.")]


@router.get("/list_personas", response_model=rows_model(PersonaBrief, Persona))
def list_personas(
    ask: Ask,
    brief: Annotated[bool, Query(description="Whether to give a few fields of each.")] = True,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Response:
    """List all personas, largest first."""
    return ask.page(ask.ri.list_personas(brief=brief), offset, limit)


@router.get("/get_persona", response_model=Persona)
def get_persona(ask: Ask, persona: Who) -> Response:
    """Give one persona, with everything known."""
    return ask.one(ask.ri.get_persona(persona))


@router.get("/get_personas", response_model=rows_model(Persona))
def get_personas(
    ask: Ask,
    personas: Annotated[
        list[Text],
        Query(min_length=1, max_length=50, description="Ids, names or ranks by size."),
    ],
) -> Response:
    """Give many personas, in the order given."""
    return ask.rows(ask.ri.get_personas(personas))


@router.get("/get_persona_by_name", response_model=Persona)
def get_persona_by_name(
    ask: Ask,
    name: Annotated[
        str,
        Query(min_length=1, max_length=100, description="Its name; case and spacing are forgiven."),
    ],
) -> Response:
    """Give the persona of a name; the problem for an unknown one suggests near ones."""
    return ask.one(ask.ri.get_persona_by_name(name))


@router.get("/filter_personas", response_model=rows_model(PersonaBrief))
def filter_personas(
    ask: Ask,
    min_size: Size = None,
    max_size: Size = None,
    top_terms: Annotated[
        Annotated[list[Text], Field(max_length=50)] | Left,
        Query(description="Terms, any of which suffices; give several times."),
    ] = None,
    peak_hour_range: Annotated[
        Annotated[list[Hour], Field(min_length=2, max_length=2)] | Left,
        Query(description="First and last local hour, both included; 22, 4 run across midnight."),
    ] = None,
    min_avg_word_count: Words = None,
    max_avg_word_count: Words = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Response:
    """List the personas that meet all conditions given (one at least), largest first."""
    found = ask.ri.filter_personas(
        min_size=min_size,
        max_size=max_size,
        top_terms=top_terms,
        peak_hour_range=None
        if peak_hour_range is None
        else (peak_hour_range[0], peak_hour_range[1]),
        min_avg_word_count=min_avg_word_count,
        max_avg_word_count=max_avg_word_count,
    )
    return ask.page(found, offset, limit)


@router.get("/get_persona_terms", response_model=rows_model(Term))
def get_persona_terms(ask: Ask, persona: Who) -> Response:
    """List the terms that set a persona apart, best first, with weight, shares and lift."""
    return ask.rows(ask.ri.get_persona_terms(persona))


@router.get("/get_persona_rhythm", response_model=rows_model(RhythmSlot))
def get_persona_rhythm(ask: Ask, persona: Who) -> Response:
    """List hours and weekdays of a persona, with lift and interval; none without times."""
    return ask.rows(ask.ri.get_persona_rhythm(persona))


@router.get("/get_audience", response_model=Audience)
def get_audience(
    ask: Ask,
    personas: Annotated[
        Annotated[list[Text], Field(min_length=1, max_length=50)] | Left,
        Query(description="Ids, names or ranks by size; without any, all personas."),
    ] = None,
) -> Response:
    """Count tweets and distinct authors of several personas together."""
    return ask.one(ask.ri.get_audience(personas))


@router.get("/find_similar_personas", response_model=rows_model(Similar))
def find_similar_personas(
    ask: Ask,
    persona: Who,
    method: Annotated[Method, Query(description="In what they are alike.")] = "language",
    top_k: Top = 3,
) -> Response:
    """List the personas most like one."""
    return ask.rows(ask.ri.find_similar_personas(persona, method, top_k))


@router.get("/compare", response_model=Comparison)
def compare(ask: Ask, a: Who, b: Who) -> Response:
    """Put two personas side by side."""
    return ask.one(ask.ri.compare(a, b))


@router.get("/lineage", response_model=rows_model(LineageEvent))
def lineage(ask: Ask, persona: Who) -> Response:
    """List what became of a persona, a retired one too, over all published runs."""
    return ask.rows(ask.ri.lineage(persona))


def _whole(value: object) -> object:
    """Take 5.0 for 5: JSON knows one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class SearchQuestion(BaseModel):
    """What `search` is asked, as JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(
        min_length=1, max_length=_LONGEST_IN_A_BODY, description="What they are about."
    )
    top_k: Annotated[int, BeforeValidator(_whole)] = Field(
        5, ge=1, le=1000, description="How many."
    )


@router.get("/search", response_model=rows_model(Match))
async def search(
    ask: Ask,
    text: Annotated[
        str, Query(min_length=1, max_length=_LONGEST_IN_A_URL, description="What they are about.")
    ],
    top_k: Top = 5,
) -> Response:
    """List the personas nearest in meaning to a text; the first search loads the model."""
    return ask.rows(await ask.slowly(partial(ask.ri.search, text, top_k)))


@router.post("/search", response_model=rows_model(Match))
async def search_post(ask: Ask, question: SearchQuestion) -> Response:
    """Search with the text in the body, which keeps it out of the logs of proxies."""
    return ask.rows(await ask.slowly(partial(ask.ri.search, question.text, question.top_k)))
