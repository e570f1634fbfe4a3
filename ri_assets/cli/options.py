"""Options that commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

import typer

from ri_assets.cli.terminal import console
from ri_assets.environment import DEFAULT_PROFILE
from ri_assets.errors import RIError

PIPELINE, SERVER, OPERATE = "Run the pipeline", "Serve", "Maintain"


def _is_default(is_given: bool) -> bool:
    if is_given:
        console(stderr=True).print(
            "--exclude-retweets is now the default; use --keep-all to keep retweets"
        )
    return is_given


Store = Annotated[
    str | None,
    typer.Option(
        "--store", help="Folder or URL of the results \\[env: RI_STORE; default: data/store]."
    ),
]
SnapshotId = Annotated[
    str | None, typer.Option("--snapshot", help="Id of a snapshot; default: the current one.")
]
AsDraft = Annotated[
    bool, typer.Option("--draft", help="Read what a refused run found, marked as a draft.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV with all fields.")]
Sort = Annotated[
    str | None,
    typer.Option("--sort", metavar="FIELD", help="Sort rows by a field; -FIELD sorts descending."),
]
_SOURCE = "sample, files, folders or mysql://…{} \\[env: RI_SOURCE; default: sample]."
Source = Annotated[list[str] | None, typer.Option(help=_SOURCE.format("; repeatable"))]
SourceArgument = Annotated[
    list[str] | None, typer.Argument(help=_SOURCE.format(""), show_default=False)
]
ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile",
        help=f"Name or YAML file of a profile \\[env: RI_PROFILE; default: {DEFAULT_PROFILE}].",
    ),
]
KeepAll = Annotated[
    bool, typer.Option("--keep-all", help="Keep retweets and automated posts \\[env: RI_KEEP_ALL].")
]
ExcludeRetweets = Annotated[
    bool, typer.Option("--exclude-retweets", hidden=True, callback=_is_default)
]
ColumnMap = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="OURS=THEIRS",
        help="Map a column, such as text=content; repeatable \\[env: RI_MAP].",
    ),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="Time zone of times that name none \\[env: RI_TIMEZONE].",
    ),
]
FixMojibake = Annotated[
    bool,
    typer.Option(
        "--fix-mojibake",
        help="Repair UTF-8 that was stored as Latin-1 \\[env: RI_FIX_MOJIBAKE].",
    ),
]
MaxTweets = Annotated[
    int | None,
    typer.Option("--max-tweets", min=1, help="Read only the first tweets, by id; default: all."),
]
Names = Annotated[
    str | None,
    typer.Option(
        "--names",
        help="YAML file of people's corrections \\[env: RI_NAMES; default: in the store].",
    ),
]
EngineName = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="Compute here (local) or on a Ray cluster (ray) \\[env: RI_ENGINE; default: local].",
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        "--ray-address",
        metavar="HOST:PORT",
        help="Head of the Ray cluster \\[env: RI_RAY_ADDRESS].",
    ),
]


_READING: Mapping[str, tuple[Any, Any]] = {
    "keep_all": (KeepAll, False),
    "pairs": (ColumnMap, None),
    "timezone": (Timezone, None),
    "fix_mojibake": (FixMojibake, False),
    "max_tweets": (MaxTweets, None),
}


def with_reading(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how a source is read, after its own.

    The command gets them as `reading`, a dict that `SourceResource.from_env` takes.
    """

    @wraps(command)
    def run(**given: Any) -> None:
        reading = {name: given.pop(name) for name in _READING}
        command(**given, reading=reading)

    own = signature(command, eval_str=True).parameters.values()
    parameters = [
        *(one.replace(kind=Parameter.KEYWORD_ONLY) for one in own if one.name != "reading"),
        *(
            Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=default)
            for name, (kind, default) in _READING.items()
        ),
    ]
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def personas_here(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Complete the ids of personas in the store of the command line; none if it fails."""
    from ri_assets.ri_index.index import RIIndex

    given = context.params
    try:
        ri = RIIndex.open(
            given.get("snapshot"), store=given.get("store"), draft=bool(given.get("draft"))
        )
        found = ri.list_personas()
    except (RIError, OSError):  # a shell cannot show an error while it completes
        return []
    return [
        (p.persona_id, p.name)
        for p in found
        if p.persona_id.casefold().startswith(incomplete.casefold())
    ]
