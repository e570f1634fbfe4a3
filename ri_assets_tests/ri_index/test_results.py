from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from ri_assets.records.answers import Coverage
from ri_assets.records.personas import Sample
from ri_assets.records.quality import CheckVerdict
from ri_assets.ri_index.results import Rows
from ri_assets_tests.published import Published


def answers(published: Published) -> list[Any]:
    ri = published.ri
    return [
        ri.get_persona(0),
        ri.get_personas([0, 1]),
        ri.list_personas(),
        ri.filter_personas(min_size=1),
        ri.get_persona_tweets(0),
        ri.get_tweet_persona(ri.get_persona_tweets(0)[0].tweet_id),
        ri.get_tweet_personas([1, 2]),
        ri.get_tweet_samples(0),
        ri.find_similar_personas(0),
        ri.compare(0, 1),
        ri.get_summary_stats(),
        ri.get_persona_coverage(),
        ri.quality(),
        ri.snapshots(),
        ri.diff(ri.snapshot),
    ]


def test_every_answer_becomes_json_and_a_frame(published: Published) -> None:
    for answer in answers(published):
        content = json.loads(answer.to_json(), parse_constant=pytest.fail)
        frame = answer.to_frame()
        assert isinstance(frame, pd.DataFrame)
        # An answer of several tables gives its main one.
        main = None if isinstance(answer, Rows) else answer.main_table
        whole = content if main is None else content[main]
        rows = whole if isinstance(whole, list) else [whole]
        assert len(frame) == len(rows) > 0
        assert list(frame.columns) == list(rows[0])
        json.dumps(json.loads(answer.to_json(indent=2)), allow_nan=False)


def test_no_answer_can_be_changed(published: Published) -> None:
    for answer in answers(published):
        for record in answer if isinstance(answer, Rows) else [answer]:
            hash(record)  # so are all values inside
            for name in type(record).model_fields:
                with pytest.raises(ValidationError, match="frozen"):
                    setattr(record, name, None)
    with pytest.raises(TypeError):
        published.ri.list_personas()[0] = None  # type: ignore[index]


def test_whole_numbers_stay_whole_in_a_frame_where_some_are_missing(published: Published) -> None:
    frame = published.ri.list_personas().to_frame()
    for column in ("tweet_count", "peak_hour_local", "author_count"):
        assert pd.api.types.is_integer_dtype(frame[column]) or frame[column].isna().all()
    ids = published.ri.get_persona_tweets(0).to_frame()["tweet_id"]
    assert pd.api.types.is_integer_dtype(ids)


def test_an_empty_answer_has_its_columns() -> None:
    frame = Rows.of(Sample, []).to_frame()
    assert list(frame.columns) == list(Sample.model_fields)
    assert Rows.of(Sample, []).to_json() == "[]"


def coverage(n: int) -> Coverage:
    return Coverage(
        persona_id=f"P0{n}",
        name="x",
        tweet_count=n,
        share=0.1,
        cumulative_share=0.1,
        noise_count=0,
    )


def test_rows_are_a_sequence() -> None:
    rows = Rows.of(Coverage, [coverage(n) for n in (1, 2, 3)])
    assert (len(rows), rows[-1].persona_id, [r.tweet_count for r in rows[1:]]) == (3, "P03", [2, 3])
    assert rows[0] in rows
    assert next(reversed(rows)) is rows[2]


def test_json_has_no_nan() -> None:
    verdict = CheckVerdict(
        asset="a",
        check="b",
        value=float("nan"),
        threshold=">= 1",
        is_passed=False,
        is_blocking=True,
        message="m",
    )
    assert json.loads(verdict.to_json())["value"] is None
