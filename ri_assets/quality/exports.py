"""Whether the exports follow their schemas and match the Parquet: the figure of `exports`.

Belongs here: reading the files from the store as any program would, and comparing them with the
tables. Does not belong here: how exports are made; only the names of fields come from there.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, TextIO

import pandas as pd

from ri_assets.personas.privacy.author_ids import read_authors
from ri_assets.quality.exported import Parquet, parquet_of
from ri_assets.quality.metrics import Figure
from ri_assets.records.frames import SEPARATOR
from ri_assets.records.manifest import Waiver
from ri_assets.ri_index.exports import documents, names
from ri_assets.ri_index.exports.delivery import export_folder
from ri_assets.ri_index.exports.reading import (
    problems,
    read_csv,
    read_json,
    read_mapping,
    tweet_problems,
)
from ri_assets.store.candidate import Candidates

_BATCH = 8_192
_SHOWN = 8
_FORMULA_STARTS, _BREAKS = ("=", "+", "-", "@"), ("\t", "\r", "\n")
Row = dict[str, Any]


def exports(
    candidates: Candidates, run_id: str, min_authors: int, waivers: Sequence[Waiver] = ()
) -> Figure:
    """Count what is wrong with the exports of a run; `n` is the number of files.

    Parameters
    ----------
    min_authors
        A pair of personas that fewer authors share is left out.
    waivers
        Gates that a person set aside, which each file must name.
    """
    parquet = parquet_of(candidates, run_id, min_authors, waivers)
    files, folder = candidates.files, export_folder(candidates, run_id)
    found = []
    for name in names.EXPORTS:
        try:
            with files.fs.open(files.path(f"{folder}/{name}"), "rb") as raw:
                wrong = wrong_with(name, raw, parquet)
        except FileNotFoundError:
            wrong = ["it is missing"]
        found += [f"{name}: {what}" for what in wrong]
    return Figure(
        "exports",
        len(found),
        len(names.EXPORTS),
        facts={"found": "; ".join(found[:_SHOWN])},
        details={"found": found, "files": list(names.EXPORTS)},
    )


def wrong_with(name: str, raw: Any, parquet: Parquet) -> list[str]:
    """Say what is wrong with one export, given as an open binary file, without its values."""
    encoding = "utf-8-sig" if name == names.REVIEW else "utf-8"
    file = io.TextIOWrapper(raw, encoding=encoding, newline="")
    try:
        return list(_READERS[name](file, parquet))
    except (ValueError, RecursionError, csv.Error) as error:  # also wrong encoding
        kind = type(error).__name__
        return [f"it cannot be read ({error if kind == 'ValueError' else kind})"]
    finally:
        file.detach()


def _document(
    name: str, compared: Callable[[Row, Parquet], Iterator[str]]
) -> Callable[[TextIO, Parquet], Iterator[str]]:
    def read(file: TextIO, parquet: Parquet) -> Iterator[str]:
        content = read_json(file)
        breaches = problems(name, content)
        yield from breaches
        if not breaches:  # else fields may be missing
            yield from _head(content, parquet)
            yield from compared(content, parquet)

    return read


def _head(content: Row, parquet: Parquet) -> Iterator[str]:
    yield from (f"{key} is not the run's" for key, v in parquet.head.items() if content[key] != v)


def _enriched(content: Row, parquet: Parquet) -> Iterator[str]:
    columns = [c for c in parquet.personas.columns if c not in documents.NOT_EXPORTED]
    yield from _differences("personas", content["personas"], parquet.personas[columns])
    for part in documents.PARTS:
        yield from _nested(part, content, parquet)


def _briefs(content: Row, parquet: Parquet) -> Iterator[str]:
    samples = parquet.part("samples")
    first = samples[samples["rank"] == 1].set_index("persona_id")["text"]
    ids = parquet.personas["persona_id"]
    wanted = parquet.personas[list(documents.BRIEF)].assign(sample=ids.map(first))
    yield from _differences("personas", content["personas"], wanted)


def _samples(content: Row, parquet: Parquet) -> Iterator[str]:
    wanted = parquet.personas[list(documents.SAMPLED)]
    yield from _differences("personas", content["personas"], wanted)
    yield from _nested("samples", content, parquet)


def _app(content: Row, parquet: Parquet) -> Iterator[str]:
    yield from _differences("personas", content["personas"], parquet.listed)
    if content["tweet_count"] != len(parquet.tweets):
        yield "tweet_count differs"


def _stats(content: Row, parquet: Parquet) -> Iterator[str]:
    tweets = parquet.tweets.assign(was_noise=parquet.tweets["was_noise"].astype(int))
    by = tweets.groupby("persona_id")
    wanted = parquet.personas[["persona_id", "name"]].set_index("persona_id", drop=False)
    wanted = wanted.assign(
        tweet_count=by.size(),
        share=by.size() / len(tweets),
        core_count=by.size() - by["was_noise"].sum(),
        noise_count=by["was_noise"].sum(),
        noise_share=by["was_noise"].mean(),
        distance_mean=by["distance"].mean(),
        distance_median=by["distance"].median(),
        distance_max=by["distance"].max(),
    )
    yield from _differences("personas", content["personas"], wanted)
    sizes = by.size()[parquet.personas["persona_id"]]
    whole = {
        "raw_tweets": parquet.raw_tweets,
        "kept_tweets": parquet.kept_tweets,
        "tweets_with_persona": len(tweets),
        "retention": parquet.kept_tweets / parquet.raw_tweets,
        "coverage": len(tweets) / parquet.kept_tweets,
        "noise_count": int(tweets["was_noise"].sum()),
        "noise_share": tweets["was_noise"].mean(),
        "persona_count": len(sizes),
        "largest_persona": sizes.max(),
        "median_persona": sizes.median(),
        "smallest_persona": sizes.min(),
    }
    yield from (f"{key} differs" for key, v in whole.items() if not _is_same(content[key], v))


def _review(file: TextIO, parquet: Parquet) -> Iterator[str]:
    columns, cells = read_csv(file)
    wanted = parquet.personas[list(documents.REVIEWED)].assign(
        top_terms=[SEPARATOR.join(terms) for terms in parquet.personas["top_terms"]],
        **{key: parquet.head[key] for key in ("schema_version", "snapshot", "is_draft")},
        waivers=SEPARATOR.join(str(Waiver(**waiver)) for waiver in parquet.head["waivers"]),
    )
    if set(columns) != set(wanted.columns):
        yield "its columns differ from the schema"
        return
    armed = sum(
        cell.startswith(_BREAKS) or cell.lstrip().startswith(_FORMULA_STARTS)
        for row in cells
        for cell in row.values()
    )
    if armed:
        yield f"cells that a spreadsheet would run as formulas: {armed}"
    rows = [{name: _typed(cell, wanted[name]) for name, cell in row.items()} for row in cells]
    yield from (what for row in rows for what in problems(names.REVIEW, row))
    yield from _differences("rows", rows, wanted, is_cell=True)


def _typed(cell: str, column: pd.Series[Any]) -> Any:
    """Read a cell as the kind of value that its column holds."""
    if cell == "":  # a missing value; an empty text if texts may be empty (no terms)
        return "" if (column == "").any() else None
    if pd.api.types.is_bool_dtype(column.dtype):
        return {"true": True, "false": False}.get(cell, cell)
    try:
        if pd.api.types.is_integer_dtype(column.dtype):
            return int(cell)
        return float(cell) if pd.api.types.is_float_dtype(column.dtype) else cell
    except ValueError:
        return cell  # a text, which the schema refuses


def _mapping(file: TextIO, parquet: Parquet) -> Iterator[str]:
    content, batches = read_mapping(file, _BATCH)
    breaches = problems(names.MAPPING, content)
    yield from breaches
    if breaches:
        return
    yield from _head(content, parquet)
    n_rows = 0
    for rows in batches:
        yield from (f"tweets.{what}" for row in rows for what in tweet_problems(row))
        wanted = parquet.shown_tweets.iloc[n_rows : n_rows + len(rows)]
        yield from _differences("tweets", rows, wanted)
        n_rows += len(rows)
    if not n_rows == content["tweet_count"] == len(parquet.shown_tweets):
        yield "the number of tweets differs"


def _overlap(content: Row, parquet: Parquet) -> Iterator[str]:
    """Count the authors of every pair anew, with sets."""
    authors = read_authors(parquet.posts)
    known = parquet.posts.assign(author=authors.codes)[["tweet_id", "author"]]
    known = known[(known["author"] >= 0) & authors.is_known].merge(parquet.tweets, on="tweet_id")
    of = {str(persona): set(rows) for persona, rows in known.groupby("persona_id")["author"]}
    ids, n_all = parquet.personas["persona_id"].tolist(), known["author"].nunique()
    pairs = combinations(ids, 2) if authors.is_known else ()
    shared = {pair: len(of.get(pair[0], set()) & of.get(pair[1], set())) for pair in pairs}
    names = dict(zip(ids, parquet.personas["name"], strict=True))
    rows = [
        {
            "persona_id": a,
            "name": names[a],
            "other_persona_id": b,
            "other_name": names[b],
            "author_count": len(of[a]),
            "other_author_count": len(of[b]),
            "shared_authors": n,
            "author_share": n / len(of[a]),
            "other_author_share": n / len(of[b]),
            "expected_authors": len(of[a]) * len(of[b]) / n_all,
            "lift": n * n_all / (len(of[a]) * len(of[b])),
        }
        for (a, b), n in sorted(shared.items(), key=lambda pair: -pair[1])
        if n >= parquet.min_authors
    ]
    yield from _differences("pairs", content["pairs"], pd.DataFrame(rows))
    whole = {
        "is_author_known": authors.is_known,
        "min_authors": parquet.min_authors,
        "pairs_left_out": len(shared) - len(rows),
    }
    yield from (f"{key} differs" for key, value in whole.items() if content[key] != value)


def _nested(part: str, content: Row, parquet: Parquet) -> Iterator[str]:
    rows = [
        {"persona_id": persona["persona_id"], **row}
        for persona in content["personas"]
        for row in persona[part]
    ]
    yield from _differences(part, rows, parquet.part(part))


def _differences(
    where: str,
    rows: Sequence[Mapping[str, Any]],
    wanted: pd.DataFrame,
    *,
    is_cell: bool = False,
) -> Iterator[str]:
    """Compare rows with a frame, value by value and in order."""
    if len(rows) != len(wanted):
        yield f"{where}: {len(rows)} instead of {len(wanted)}"
        return
    same = _is_same_cell if is_cell else _is_same
    for name in wanted.columns:
        values = wanted[name].astype(str) if name == "tweet_id" else wanted[name]
        found = [row.get(name) for row in rows]
        if _is_plain(values) and found == values.tolist():
            continue  # the quick way, for a million tweets
        wrong = sum(not same(one, value) for one, value in zip(found, values, strict=True))
        if wrong:
            yield f"{where}.{name}: {wrong} differ from the Parquet"


def _is_plain(values: pd.Series[Any]) -> bool:
    """Whether a column holds only numbers or only texts, without missing values."""
    kind = pd.api.types.infer_dtype(values, skipna=False)
    return bool(kind == "string" or (values.dtype != object and not values.isna().any()))


def _is_same(found: Any, wanted: Any) -> bool:
    if pd.api.types.is_list_like(wanted):
        return bool(list(wanted) == found)
    if pd.isna(wanted):
        return found is None
    if isinstance(wanted, float):
        # The last digits of a sum depend on the order of its numbers.
        return isinstance(found, int | float) and math.isclose(found, wanted, rel_tol=1e-9)
    return bool(found == wanted)


def _is_same_cell(found: Any, wanted: Any) -> bool:
    """Compare with a cell, whose text may start with the apostrophe that stops formulas."""
    return _is_same(found, wanted) or (isinstance(wanted, str) and found == f"'{wanted}")


_READERS: dict[str, Callable[[TextIO, Parquet], Iterator[str]]] = {
    names.ENRICHED: _document(names.ENRICHED, _enriched),
    names.BRIEFS: _document(names.BRIEFS, _briefs),
    names.REVIEW: _review,
    names.MAPPING: _mapping,
    names.STATS: _document(names.STATS, _stats),
    names.SAMPLES: _document(names.SAMPLES, _samples),
    names.APP: _document(names.APP, _app),
    names.OVERLAP: _document(names.OVERLAP, _overlap),
}
