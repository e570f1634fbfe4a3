"""Hostile rows by the ten thousand, damaged files of every format, and a very large file."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ri_assets.config import load_profile
from ri_assets.errors import RIError
from ri_assets.pipeline.denoise import denoise
from ri_assets.sources.base import SourceOptions
from ri_assets.sources.description import raw_tables
from ri_assets.sources.opening import open_source
from ri_assets_tests.sources.corpora import FULL, Post, faulty_posts, iso, post, write
from ri_assets_tests.sources.test_conservation import ROWS
from ri_assets_tests.torture.memory import read_alone
from ri_assets_tests.torture.record import Counts, Result, Tally
from ri_assets_tests.torture.scenarios import accounted

NASTY = (
    "", " ", "\t", "\r", "\u00a0", "\u200b", "\u202egnp.exe", "\ufeff", "\ufffd", "\x00",
    "\x1b[31m", "null", "NULL", "None", "nan", "NaN", "undefined", "true", "-1", "0", "1e309",
    "-0", "0x1F", "99999999999999999999999", "1.0E+18", "١٢٣", "½",
    "'; DROP TABLE tweets; --", "' OR '1'='1", "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0",
    "<script>alert(1)</script>", "{{7*7}}", "${x}", "%s%n", "../../etc/passwd", '"', '""',
    '"unclosed', "a\rb", "a\nb", "\\", "\\n", "\\u0000", "{", "[", "[[", '{"a":', "]]>",
    "<!--", "e\u0301" * 40, "Z\u0351\u0343" * 30, "👩\u200d👩\u200d👧", "🏳️\u200d🌈" * 20,
    "﷽" * 20, "Ünïcödé", "खाना देर से", "Ã¼Ã¶", "\ud7ff", "\U0010ffff", "RT @a: hear hear",
    "x" * 9_000, "2018-06-09 17:55:28", "yesterday", "9999-12-31T23:59:59Z",
    "0000-00-00 00:00:00",
)  # fmt: skip
BATCH = 2_500
POOL_EXAMPLES = 30
SUFFIXES = ("csv", "jsonl", "parquet")
MIBIBYTE = 2**20
ROWS_AT_ONCE = 1_000
LARGE_SHARE = 0.8
"""Most memory, as a share of a large file's size, that reading it may add."""
FIXED_BYTES = 150_000_000


def inputs(folder: Path, counts: Counts) -> Result:
    """Read hostile rows, damaged files and a large file; account for every row."""
    folder.mkdir()
    tally = Tally("input", counts.input_minutes)
    _hostile_rows(tally, folder, counts.hostile_rows)
    _damaged_files(tally, folder, counts.mutations)
    if not tally.is_over:
        _large_file(tally, folder / "large.jsonl", counts.large_file)
    return tally.result()


def pool_of_rows(examples: int) -> list[Post]:
    """Let hypothesis make rows that are valid, faulty, or of several rules at once."""
    pool: list[Post] = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(faulty_posts, min_size=20, max_size=20), ROWS)
    def gather(faulty: list[Post], rows: list[dict[str, Any]]) -> None:
        pool.extend(faulty)
        pool.extend({**FULL, **row} for row in rows)

    gather()
    return pool


def hostile_rows(pool: Sequence[Post], n_rows: int, seed: int) -> list[Post]:
    """Draw rows, with a nasty string in some columns and ids that mostly differ."""
    draw, made = random.Random(seed), []  # noqa: S311 - not secret
    for number in range(n_rows):
        row = dict(draw.choice(pool))
        if draw.random() < 0.7:  # else the ids of the pool, which repeat
            row["tweet_id"] = 10**15 + seed * n_rows + number
        for name in draw.sample(list(FULL), draw.randrange(3)):
            row[name] = draw.choice(NASTY)
        made.append(row)
    return made


def _hostile_rows(tally: Tally, folder: Path, n_rows: int) -> None:
    """Read and denoise them in batches, in three formats in turn."""
    pool, rules = pool_of_rows(POOL_EXAMPLES), load_profile("report").denoise
    for number in range(-(-n_rows // BATCH)):
        rows = [*hostile_rows(pool, BATCH - 1, number), post(7, text="stays")]
        suffix = SUFFIXES[number % 2]  # Parquet has types, which no nasty string fits
        path = write(folder / f"hostile{number}.{suffix}", rows)
        problems, n_found = [], 0
        try:
            corpus = open_source(str(path), SourceOptions()).read()
            kept = denoise(raw_tables(corpus)[0].frame(), None, rules)
            n_found = accounted(corpus)[1] - len(corpus.tweets) + len(kept.kept) + len(kept.dropped)
        except Exception as error:  # noqa: BLE001 - any crash is what this looks for
            problems.append(f"{suffix} batch {number} crashed: {error!r:.300}")
        tally.note("hostile rows", BATCH)
        tally.rows(BATCH, n_found)
        if n_found != BATCH and not problems:
            problems.append(f"{suffix} batch {number}: {n_found} of {BATCH} rows are found again")
        tally.fault(*problems)
        path.unlink()


def _damaged_files(tally: Tally, folder: Path, mutations: int) -> None:
    """Damage a file of each format in many ways; it is read or refused in a sentence."""
    for name, whole in _whole_files(folder).items():
        draw = random.Random(name)  # noqa: S311 - not secret
        n_refused = 0
        for _ in range(mutations):
            path = folder / name
            path.write_bytes(damaged(whole, draw))
            problems = []
            try:
                n_in, n_found = accounted(open_source(str(path), SourceOptions()).read())
                tally.rows(n_in, n_found)
            except RIError:
                n_refused += 1
            except Exception as error:  # noqa: BLE001 - any crash is what this looks for
                kept = folder / f"crashed_{tally.injected}_{name}"
                path.rename(kept)
                problems.append(f"a damaged {name} crashed its reader: {error!r:.300}")
            tally.note("damaged files", 1)
            tally.fault(*problems)
        tally.note(f"damaged {name} refused in a sentence", f"{n_refused} of {mutations}")


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Flip, cut, repeat or insert bytes, once to four times."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        at, length = draw.randrange(len(data)), draw.choice((1, 4, 60))
        match draw.randrange(5):
            case 0:
                data[at] ^= 1 << draw.randrange(8)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length]
            case 3:
                data[at:at] = draw.choice(NASTY).encode("utf-8", "replace")
            case _:
                del data[max(at, 1) :]
        if not data:
            data += b"\n"
    return bytes(data)


def _whole_files(folder: Path) -> dict[str, bytes]:
    """Write a small file of each format, and give the bytes by name."""
    rows = [post(n, text=f"text {n} is late again") for n in range(1, 40)]
    found = {f"t.{s}": write(folder / f"t.{s}", rows).read_bytes() for s in SUFFIXES}
    plain = [{name: iso(value) for name, value in row.items()} for row in rows]
    found["array.json"] = json.dumps(plain, indent=1).encode()
    found["t.csv.gz"] = gzip.compress(found["t.csv"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tweets.csv", found["t.csv"])
    found["t.zip"] = packed.getvalue()
    return found


def _large_file(tally: Tally, path: Path, n_bytes: int) -> None:
    """Write a file as the API delivers tweets, read it in a process of its own, remove it."""
    try:
        n_rows = _write_large(path, n_bytes)
        read = read_alone(str(path))
        tally.rows(n_rows, read.rows_accounted)
        size = path.stat().st_size
        tally.note("large file", f"{size / MIBIBYTE:,.0f} MiB, {n_rows:,} rows")
        tally.note("peak memory", f"{read.peak_bytes / MIBIBYTE:,.0f} MiB")
        tally.note("of it for the read", f"{read.grown_bytes / MIBIBYTE:,.0f} MiB")
        is_bounded = read.grown_bytes < FIXED_BYTES + LARGE_SHARE * size
        tally.fault(*([] if is_bounded else [f"{size} bytes took {read.grown_bytes} of memory"]))
    finally:
        path.unlink(missing_ok=True)


def _write_large(path: Path, n_bytes: int) -> int:
    rest = {f"unused_{n}": "x" * 200 for n in range(12)}  # an API's tweets have about 3 kB
    n_rows = 0
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < n_bytes:
            file.writelines(_lines(n_rows, rest))
            n_rows += ROWS_AT_ONCE
    return n_rows


def _lines(first: int, rest: dict[str, str]) -> Iterator[str]:
    for n in range(first + 1, first + 1 + ROWS_AT_ONCE):
        row = {"id": n, "full_text": f"order {n} is late again and nobody answers " * 3, **rest}
        yield json.dumps(row) + "\n"
