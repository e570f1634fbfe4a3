from __future__ import annotations

import math

import pandas as pd

from ri_assets.quality.publication import held, held_personas


def test_groups_that_held_are_counted_and_named() -> None:
    told = held([("P01 a", 0.9), ("P02 b", 0.6), ("P03 c", 0.59), ("P04 d", None)])
    assert told == "2 of 4 groups came back in the reruns (Jaccard >= 0.60): P01 a, P02 b"


def test_none_held() -> None:
    assert held([("P01 a", 0.1)]) == "0 of 1 groups came back in the reruns (Jaccard >= 0.60)"


def test_personas_are_told_largest_first_and_an_unknown_jaccard_does_not_count() -> None:
    personas = pd.DataFrame(
        {
            "persona_id": ["P01", "P02", "P03"],
            "name": ["small", "large", "unknown"],
            "tweet_count": [10, 30, 20],
            "jaccard": [0.8, 0.7, math.nan],
        }
    )
    assert held_personas(personas).endswith(": P02 large, P01 small")
    assert held_personas(personas).startswith("2 of 3 groups")
