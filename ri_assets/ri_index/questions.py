"""What a question is: one pure function whose annotated signature all faces share.

Belongs here: the decorator, the form of a question's arguments, and the error for an argument
that cannot be used. Python, the command line and HTTP take names, bounds, help and errors from
here. Does not belong here: the types of arguments (`arguments`) and the questions themselves.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce, wraps
from operator import or_
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Concatenate,
    ParamSpec,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import SkipJsonSchema

from ri_assets.errors import QueryError
from ri_assets.ri_index.new_names import note_on
from ri_assets.ri_index.results import Rows
from ri_assets.ri_index.snapshot_reader import Contents

P = ParamSpec("P")
R = TypeVar("R")
Question = Callable[Concatenate[Contents, P], R]

Absent = SkipJsonSchema[None]
"""Type of an argument that was not given; JSON Schema does not offer it as a value."""

_LONGEST_SHOWN = 80


@dataclass(frozen=True)
class Wire:
    """Mark of an argument for which Python takes more than text or JSON can carry.

    Parameters
    ----------
    type
        Its type as text or JSON; what Python gives is converted to it.
    """

    type: Any


def question(ask: Question[P, R]) -> Question[P, R]:
    """Make a function a question: its arguments are checked by its annotations.

    The function's first parameter is the snapshot. Each other one is `Annotated` with a
    `Field` that holds its help (`description`) and bounds.

    Raises
    ------
    QueryError
        On a call with an argument that does not fit its annotation.
    """
    signature = inspect.signature(ask)

    @wraps(ask)
    def asked(contents: Contents, /, *args: P.args, **kwargs: P.kwargs) -> R:
        _, *given = signature.bind(contents, *args, **kwargs).arguments.items()
        answer = ask(contents, **_checked(ask, dict(given)))  # type: ignore[call-arg]
        return noted(contents, answer)

    return asked


@cache
def arguments_of(ask: Callable[..., Any]) -> type[BaseModel]:
    """Give the arguments of a question as a pydantic model that forbids any other."""
    return bounded_arguments_of(ask, {})


def bounded_arguments_of(ask: Callable[..., Any], bounds: Mapping[str, Any]) -> type[BaseModel]:
    """Give the arguments of a question, with bounds beside its own.

    Parameters
    ----------
    bounds
        A `Field` for each argument that gets more bounds; other names are ignored.
    """
    ask = inspect.unwrap(ask)
    hints = get_type_hints(ask, include_extras=True)
    _, *parameters = inspect.signature(ask).parameters.values()
    fields: dict[str, Any] = {}
    for one in parameters:
        hint = hints[one.name]
        if one.name in bounds:
            hint = Annotated[hint, bounds[one.name]]
        fields[one.name] = (_field(hint), ... if one.default is one.empty else one.default)
    name = "".join(word.capitalize() for word in ask.__name__.split("_"))
    return create_model(f"{name}Arguments", __config__=ConfigDict(extra="forbid"), **fields)


def answer_of(ask: Callable[..., Any]) -> Any:
    """Give the type of a question's answer: a record, or `Rows` of records."""
    return get_type_hints(inspect.unwrap(ask))["return"]


def help_of(ask: Callable[..., Any]) -> str:
    """Give the first sentence of a question's docstring."""
    return (ask.__doc__ or "").partition("\n")[0]


def refusal(
    errors: Iterable[Mapping[str, Any]],
    known: Sequence[str] = (),
    remedy: str = "correct the value",
    *,
    hides_texts: bool = False,
) -> QueryError:
    """Say in plain words what pydantic found wrong with arguments.

    Parameters
    ----------
    errors
        As `ValidationError.errors()` gives them; places begin with the argument's name.
    known
        Names of all arguments, for a suggestion if an unknown one was given.
    hides_texts
        Whether to give only the length of a text within a list, such as a tweet.
    """
    found, expected = [], []
    for error in errors:
        if error["type"] == "none_required":
            continue  # the argument may be left out; its other error says what is wrong
        name = _place(error["loc"])
        if error["type"] == "extra_forbidden":
            return _unknown_argument(name, known)
        if error["type"] == "json_invalid":
            found.append("the body is not JSON")
            expected.append("a JSON object")
        elif error["type"] == "missing":
            found.append(f"{name} is missing")
            expected.append(f"a value for {name}")
        else:
            value = error.get("input")
            is_hidden = hides_texts and isinstance(value, str) and "." in name
            told = f"a text of {len(value):,} characters" if is_hidden else shown_value(value)  # type: ignore[arg-type]
            found.append(f"{name} is {told}")
            message = error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
            expected.append(f"{name}: {message}")
    return QueryError("; ".join(found), "; ".join(expected), remedy)


def noted(contents: Contents, answer: R) -> R:
    """Add to the note of rows which of them show names that were not published."""
    if not (isinstance(answer, Rows) and "name" in answer.kind.model_fields):
        return answer
    added = note_on(contents.newly_named, answer)
    return cast("R", answer.with_note(added)) if added else answer


def with_hidden_told(contents: Contents, rows: Rows[Any]) -> Rows[Any]:
    """Add to the note of a list of personas how many are hidden, and what the next run merges."""
    from ri_assets.records.display import hidden_told

    told = hidden_told(len(contents.hidden), sum(p.tweet_count for p in contents.hidden))
    for note in filter(None, (told, contents.next_merges)):
        rows = rows.with_note(note)
    return rows


def _checked(ask: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    if not given:
        return given
    form = arguments_of(ask)
    try:
        checked = form.model_validate(given)
    except ValidationError as error:
        raise refusal(error.errors(include_url=False), tuple(form.model_fields)) from None
    return {name: getattr(checked, name) for name in given}


def _field(hint: Any) -> Any:
    """Give the type of a model's field: the bounds inside, so that `None` has none."""
    base, marks, may_lack = _taken_apart(hint)
    infos = [mark for mark in marks if isinstance(mark, FieldInfo)]
    for mark in marks:
        if isinstance(mark, Wire):
            base, *inner = get_args(mark.type)
            marks = [*inner, *marks]
    bounds = [rule for mark in marks if isinstance(mark, FieldInfo) for rule in mark.metadata]
    validators = [mark for mark in marks if not isinstance(mark, FieldInfo | Wire)]
    kind = base
    for rule in (*bounds, *validators):  # a validator around a type hides bounds around it
        kind = Annotated[kind, rule]
    descriptions = [info.description for info in infos if info.description]
    return Annotated[
        kind | Absent if may_lack else kind, Field(description="".join(descriptions[-1:]))
    ]


def _taken_apart(hint: Any) -> tuple[Any, list[Any], bool]:
    """Take `Annotated` and `| None` off a type; of marks the outer ones come last."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        base, inner_marks, may_lack = _taken_apart(inner)
        return base, [*inner_marks, *marks], may_lack
    if get_origin(hint) in {Union, UnionType} and NoneType in get_args(hint):
        rest = reduce(or_, (one for one in get_args(hint) if one is not NoneType))
        base, marks, _ = _taken_apart(rest)
        return base, marks, True
    return hint, [], False


def _place(where: Sequence[str | int]) -> str:
    """Give the argument and the place in it; pydantic also tells names of types."""
    kept = [*where[:1], *(part for part in where[1:] if isinstance(part, int))]
    return ".".join(map(str, kept)) or "the body"


def _unknown_argument(name: str, known: Sequence[str]) -> QueryError:
    near = difflib.get_close_matches(name, known, n=1)
    return QueryError(
        f"there is no parameter {name[:_LONGEST_SHOWN]!r}",
        f"one of {', '.join(known)}" if known else "no parameter",
        f"did you mean {near[0]!r}?" if near else "correct it, or leave it out",
    )


def shown_value(value: object) -> str:
    """Write a value that somebody gave, in one short line."""
    if isinstance(value, list | dict):
        return f"a list of {len(value):,}" if isinstance(value, list) else "an object"
    text = ascii(value) if not isinstance(value, str) or not value.isprintable() else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
