"""Whole runs through the command line, judged by what lies in the store afterwards."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from ri_assets.records.assets import ASSETS
from ri_assets_tests.command_line import ri_index
from ri_assets_tests.conftest import FinishedRun
from ri_assets_tests.mariadb import PASSWORD, USER, MariaDB
from ri_assets_tests.small import SAMPLE, SMALL_PROFILE, replies_to, small_tweets

pytestmark = pytest.mark.slow

RAW, REPLIES, MAX_TWEETS = 1618, 4682, 1618


def current(store: Path) -> Path:
    """Folder of the published snapshot."""
    pointer = json.loads((store / "published.json").read_text())
    return store / "snapshots" / str(pointer["snapshot"])


def candidates(store: Path) -> dict[str, Path]:
    """Folder of what the last run wrote of each asset."""
    return {
        path.stem: store / "candidate" / json.loads(path.read_text())["run_id"] / path.stem
        for path in (store / "latest").iterdir()
    }


def raw_of(folder: Path) -> Path:
    """Folder with the raw posts of a snapshot's folder."""
    return folder.parents[1] / "raw" / folder.name


def published_digests(store: Path) -> dict[str, str]:
    """sha256 of every table of the published snapshot."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for folder in (current(store), raw_of(current(store)))
        for file in folder.glob("*.parquet")
    }


def verdicts(store: Path) -> dict[str, dict[str, object]]:
    """What the checks said of the last run."""
    return {
        f"{asset}.{item['check']}": item
        for asset, folder in candidates(store).items()
        for item in json.loads((folder / "verdicts.json").read_text())
    }


def test_the_sample_gives_the_reports_funnel(sample_run: FinishedRun) -> None:
    folder = current(sample_run.store)
    raw = pd.read_parquet(raw_of(folder) / "raw_tweets.parquet")
    kept = pd.read_parquet(raw_of(folder) / "denoised_tweets.parquet")
    dropped = pd.read_parquet(folder / "denoised_tweets.dropped.parquet")
    funnel = pd.read_parquet(folder / "denoised_tweets.funnel.parquet")
    assert (len(raw), len(kept)) == (RAW, 1454)
    assert len(pd.read_parquet(raw_of(folder) / "raw_replies.parquet")) == REPLIES
    assert round(len(kept) / len(raw), 4) == 0.8986
    assert list(zip(funnel["rule"], funnel["n_dropped"], strict=True)) == [
        ("exact_duplicate", 103),
        ("near_duplicate", 35),
        ("retweet", 0),
        ("short", 26),
        ("template", 0),
    ]
    assert sorted([*kept["tweet_id"], *dropped["tweet_id"]]) == sorted(raw["tweet_id"])


def test_every_kept_tweet_of_the_sample_has_one_of_8_to_15_personas(
    sample_run: FinishedRun,
) -> None:
    folder = current(sample_run.store)
    kept = pd.read_parquet(raw_of(folder) / "denoised_tweets.parquet")["tweet_id"]
    of_tweet = pd.read_parquet(folder / "ri_index_app.tweet_personas.parquet")
    assert set(of_tweet["tweet_id"]) == set(kept)
    assert len(of_tweet) == len(kept)
    assert of_tweet["persona_id"].notna().all()
    assert 8 <= of_tweet["persona_id"].nunique() <= 15
    listed = pd.read_parquet(folder / "ri_index_app.parquet")
    assert set(listed["persona_id"]) == set(of_tweet["persona_id"])
    assert listed["name"].is_unique


def test_personas_of_the_sample_are_the_planted_audiences(sample_run: FinishedRun) -> None:
    found = pd.read_parquet(current(sample_run.store) / "ri_index_app.tweet_personas.parquet")
    planted = pd.read_csv(SAMPLE / "planted_labels.csv")
    both = found.merge(planted, on="tweet_id", validate="one_to_one")
    assert len(both) == len(found)
    assert adjusted_rand_score(both["label"], both["persona_id"]) >= 0.80


def test_names_of_the_sample_fit_members_that_did_not_make_them(sample_run: FinishedRun) -> None:
    said = verdicts(sample_run.store)["personas_enriched.name_agreement"]
    assert said["is_blocking"]
    assert isinstance(said["value"], float)
    assert said["value"] >= 0.80
    figures = pd.read_parquet(current(sample_run.store) / "personas_enriched.figures.parquet")
    [row] = figures[figures["figure"] == "name_agreement"].to_dict("records")
    assert row["value"] > row["null_p95"] + 0.2


def test_a_published_run_passed_every_blocking_check(sample_run: FinishedRun) -> None:
    said = verdicts(sample_run.store)
    assert {name.split(".")[0] for name in said} == set(ASSETS)
    assert all(item["is_passed"] for item in said.values() if item["is_blocking"])
    manifest = json.loads((current(sample_run.store) / "manifest.json").read_text())
    for name, digest in manifest["files"].items():
        content = (current(sample_run.store) / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest


def test_vectors_of_the_sample_are_what_they_claim(sample_run: FinishedRun) -> None:
    folder = current(sample_run.store)
    kept = pd.read_parquet(raw_of(folder) / "denoised_tweets.parquet")["tweet_id"]
    embeddings = pd.read_parquet(raw_of(folder) / "embeddings.parquet")
    vectors = np.stack(embeddings["embedding"].to_list())
    assert vectors.shape == (len(kept), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    behavior = pd.read_parquet(folder / "behavioral_features.parquet")
    assert behavior.shape == (len(kept), 1 + 36)
    space = np.stack(pd.read_parquet(folder / "umap_50d.parquet")["umap"].to_list())
    assert space.shape == (len(kept), 50)


def test_a_second_run_embeds_nothing_and_changes_nothing(
    small_run: FinishedRun, dagster_home: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(small_run.store, store)
    # A file that is used is touched, which keeps it from cleaning; a new file is another inode.
    cache = {path: path.stat().st_ino for path in (store / "cache").rglob("*.parquet")}
    first, earlier = published_digests(store), current(store)
    outcome = ri_index(
        "run", "--source", small_run.source, "--profile", small_run.profile, "--store", store,
        "--again", home=dagster_home,
    )  # fmt: skip
    assert outcome.code == 0, outcome.text
    assert {p: p.stat().st_ino for p in (store / "cache").rglob("*.parquet")} == cache
    assert current(store) != earlier
    history = "personas_enriched.persona_lineage.parquet"  # tells of one run more
    again = published_digests(store)
    assert again.pop(history) != first.pop(history)
    assert again == first


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_shuffled_input_gives_the_same_bytes(
    small_run: FinishedRun, dagster_home: Path, tmp_path: Path, form: str
) -> None:
    """With a cache of its own, so that texts are embedded again."""
    tweets = small_tweets()
    source, store = tmp_path / "source", tmp_path / "store"
    source.mkdir()
    for name, frame in (("tweets", tweets), ("replies", replies_to(tweets))):
        mixed = frame.sample(frac=1, random_state=7)
        assert list(mixed["tweet_id"]) != list(frame["tweet_id"])
        if form == "csv":
            mixed.to_csv(source / f"{name}.csv", index=False)
        else:
            mixed.to_parquet(source / f"{name}.parquet", index=False)
    outcome = ri_index(
        "run", "--source", source, "--profile", SMALL_PROFILE, "--store", store, home=dagster_home
    )
    assert outcome.code == 0, outcome.text
    assert published_digests(store) == published_digests(small_run.store)
    assert len(published_digests(store)) > len(ASSETS)


def test_texts_alone_are_enough(dagster_home: Path, tmp_path: Path) -> None:
    source, store = tmp_path / "tweets.csv", tmp_path / "store"
    small_tweets()[["tweet_id", "text"]].to_csv(source, index=False)
    outcome = ri_index(
        "run", "--source", source, "--profile", SMALL_PROFILE, "--store", store, home=dagster_home
    )
    assert outcome.code in {0, 3}, outcome.text
    assert "Traceback" not in outcome.text
    assert "hour_sin is missing: the source has no created_at" in outcome.err
    assert "clusters.resample_ari" in outcome.text
    behavior = pd.read_parquet(
        candidates(store)["behavioral_features"] / "behavioral_features.parquet"
    )
    temporal = [name for name in behavior.columns if "hour" in str(name)]
    assert temporal
    assert behavior[temporal].isna().all(axis=None)
    said = verdicts(store)
    assert said["behavioral_features.conservation"]["is_passed"]


def test_the_reports_own_settings_run_to_a_verdict(
    sample_run: FinishedRun, dagster_home: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(sample_run.store / "cache", store / "cache")
    outcome = ri_index(
        "run", "--source", "sample", "--profile", "report", "--store", store, home=dagster_home
    )
    assert outcome.code in {0, 3}, outcome.text
    said = verdicts(store)
    gates = ("coherence", "resample_ari", "seed_ari", "coverage")
    for check in (*(f"clusters.{gate}" for gate in gates), "personas_enriched.persona_count"):
        value = said[check]["value"]
        assert isinstance(value, float)
        assert np.isfinite(value)
        assert check in outcome.text
    assert said["denoised_tweets.retention"]["value"] == pytest.approx(1454 / RAW)


def test_real_tweets_from_mysql(
    shared_data: Path, mariadb: MariaDB, dagster_home: Path, tmp_path: Path
) -> None:
    """The first 1,618 tweets by id that are no retweets and no app's, with all their replies."""
    url = f"mysql://127.0.0.1:{mariadb.port}/{mariadb.fresh_database()}"
    credentials = {"RI_MYSQL_USER": USER, "RI_MYSQL_PASSWORD": PASSWORD}
    corpus, store = shared_data / "zomato_2019", tmp_path / "store"
    loaded = ri_index("load", corpus, "--to", url, home=dagster_home, env=credentials)
    assert loaded.code == 0, loaded.text
    outcome = ri_index(
        "run", "--source", url, "--exclude-retweets", "--max-tweets", MAX_TWEETS, "--store", store,
        "--profile", SMALL_PROFILE, home=dagster_home, env=credentials,
    )  # fmt: skip
    assert outcome.code in {0, 3}, outcome.text
    assert "Traceback" not in outcome.text
    assert PASSWORD not in outcome.text

    folders = candidates(store)
    given = pd.read_parquet(corpus / "tweets.parquet")
    is_retweet = given["is_retweet"].fillna(value=False).astype(bool)
    originals = given[~is_retweet & (given["source_app"] != "Zomato")]
    expected = originals.nsmallest(MAX_TWEETS, "tweet_id")
    raw = pd.read_parquet(folders["raw_tweets"] / "raw_tweets.parquet")
    assert list(raw["tweet_id"]) == sorted(expected["tweet_id"])
    kept = pd.read_parquet(folders["denoised_tweets"] / "denoised_tweets.parquet")
    dropped = pd.read_parquet(folders["denoised_tweets"] / "dropped.parquet")
    assert sorted([*kept["tweet_id"], *dropped["tweet_id"]]) == list(raw["tweet_id"])
    said = verdicts(store)
    conservation = [item for name, item in said.items() if name.endswith(".conservation")]
    assert all(item["value"] == 0 for item in conservation)
    figures = pd.read_parquet(folders["clusters"] / "figures.parquet").set_index("figure")
    for figure in (
        *("coherence", "resample_ari", "resample_ami", "seed_ari"),
        *("jaccard", "cluster_count", "cluster_count_min", "cluster_count_max", "silhouette"),
    ):
        assert np.isfinite(figures[["value", "null_mean", "null_p95"]].loc[[figure]]).all(axis=None)

    assert set(folders) == set(ASSETS)
    samples = pd.read_parquet(folders["personas_enriched"] / "samples.parquet")["text"]
    shown = "\n".join(samples)
    handles = {str(handle).lower() for handle in raw["author_handle"].dropna()}
    assert not {word.lower() for word in re.findall(r"@(\w+)", shown)} & handles
    assert not re.search(r"\d{10}", shown)
    assert not re.search(r"\w@\w+\.\w", shown)
