"""Pictures in the Dagster UI: the same bytes every time, small, and for any input."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from ri_assets import pictures
from ri_assets.drawing import PERSONA_COLOURS
from ri_assets.environment import PROJECT
from ri_assets.pipeline.denoise import RULES
from ri_assets.pipeline.features import FEATURES, NAMES

MOST_BYTES = 60_000
LARGE = 20_000


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def unit_vectors(n: int) -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = random().normal(size=(n, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def funnel() -> bytes:
    steps = pd.DataFrame({"rule": RULES, "n_dropped": [40, 25, 0, 12, 3]})
    return pictures.funnel_png(1_600, 110, 4, steps)


def cosines() -> bytes:
    found = random().uniform(0.3, 0.95, 1_000).astype(np.float32)
    return pictures.cosine_png(found, pd.Series([0.951, 0.97, 0.999]), 0.95)


def features() -> bytes:
    values = {f.name: random(n).uniform(f.low, f.high, 500) for n, f in enumerate(FEATURES)}
    frame = pd.DataFrame(values)
    frame["quotes_log"] = np.nan
    frame.loc[:100, "followers_log"] = np.nan
    frame["is_verified"] = 0.0
    return pictures.features_png(pictures.features_table(frame))


def space() -> bytes:
    return pictures.space_png(random().normal(size=(LARGE, 2)))


def stability() -> bytes:
    table = pd.DataFrame(
        {
            "cluster": range(15),
            "tweet_count": range(15, 300, 19),
            "jaccard": np.linspace(0.4, 0.95, 15),
            "stability": ["not to be trusted"] * 5 + ["doubtful"] * 5 + ["stable"] * 5,
        }
    )
    return pictures.stability_png(table, 0.51)


def count_curve() -> bytes:
    count = np.arange(8, 16)
    curve = pd.DataFrame(
        {
            "clusters": count,
            "resample_ari": np.linspace(0.6, 0.8, 8),
            "standard_error": 0.01,
            "null_mean": 0.5,
            "null_p95": 0.55,
            "min_jaccard": 0.61,
            "is_chosen": count == 11,
        }
    )
    return pictures.count_curve_png(curve)


def tweet_map() -> bytes:
    own = random().integers(0, 15, LARGE)
    points = random(1).normal(size=(LARGE, 2)) / 12 + np.stack([own % 4, own // 4], axis=1) / 2 - 1
    names = {f"P{n:02}": f"Writers of a long name {n} $x_{n}$ \N{FIRE}" for n in range(15)}
    return pictures.map_png(points, [f"P{n:02}" for n in own], names)


DRAWN = [funnel, cosines, features, space, stability, count_curve, tweet_map]


@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_a_picture_is_small_and_always_the_same(draw: Callable[[], bytes]) -> None:
    first = draw()
    assert first.startswith(b"\x89PNG")
    assert len(first) <= MOST_BYTES
    assert draw() == first


def test_the_nearest_other_vector_is_found_for_a_bounded_number() -> None:
    vectors = unit_vectors(3_000)
    found = pictures.nearest_cosines(vectors)
    assert len(found) == 1_000
    few = vectors[:40]
    similar = few @ few.T
    np.fill_diagonal(similar, -1)
    np.testing.assert_allclose(pictures.nearest_cosines(few), similar.max(axis=1), rtol=1e-5)


@pytest.mark.parametrize("n", [0, 1])
def test_a_tweet_alone_has_no_neighbour(n: int) -> None:
    nearest = pictures.nearest_cosines(unit_vectors(n))
    assert len(nearest) == 0
    assert pictures.cosine_png(nearest, pd.Series(np.empty(0)), 0.95)


def test_features_that_are_unknown_are_listed_as_unknown() -> None:
    frame = pd.DataFrame({name: [1.0, 2.0] for name in NAMES}).assign(likes_log=np.nan)
    found = pictures.features_table(frame).set_index("feature")
    assert found.index.tolist() == list(NAMES)
    assert found.loc["likes_log", "known"] == 0
    assert pd.isna(found.loc["likes_log", "median"])
    assert found.loc["words_log", "median"] == 1.5


def test_personas_have_the_colours_of_the_explorer() -> None:
    palette = (PROJECT / "ri_assets/explorer/js/palette.js").read_text(encoding="utf-8")
    light = re.search(r"const LIGHT = \[(.*?)\]", palette, re.DOTALL)
    assert light is not None
    assert tuple(re.findall(r"#\w{6}", light[1])) == PERSONA_COLOURS
