"""Ids over many runs: who keeps one, who gets a new one, and that none comes back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ri_assets.personas.lineage.lineage_events import lineage_table
from ri_assets.personas.lineage.persona_ids import (
    PersonaIds,
    Previous,
    assign_ids,
    next_number,
)
from ri_assets.quality.lineage import history_breaches
from ri_assets.records.personas import PERSONA_LINEAGE

Float32 = NDArray[np.float32]
Labels = NDArray[np.int64]
N_DIMENSIONS = 16
_DICE = np.random.default_rng(11)
POINTS = _DICE.standard_normal((4000, N_DIMENSIONS)).astype(np.float32)


def vectors(clusters: pd.DataFrame) -> Float32:
    """A vector of its own for every tweet."""
    found: Float32 = POINTS[clusters["tweet_id"].to_numpy() % len(POINTS)]
    return found


class Story:
    """Runs of one store, each published."""

    def __init__(self) -> None:
        self.previous: Previous | None = None
        self.runs = 0

    def run(
        self, clusters: pd.DataFrame, *, is_published: bool = True, points: Float32 | None = None
    ) -> PersonaIds:
        points = vectors(clusters) if points is None else points
        found = assign_ids(clusters, points, self.previous)
        fresh = {c: f"Talkers of {c} in run {self.runs}" for c in found.ids}
        names = fresh | dict(found.names)
        if is_published:
            self.runs += 1
            labels = clusters["cluster"].to_numpy()
            history = lineage_table(found, names, fresh)
            self.previous = Previous(
                snapshot=f"s{self.runs}",
                members=clusters.assign(persona_id=clusters["cluster"].map(found.ids)),
                personas=pd.DataFrame(
                    [
                        {
                            "persona_id": persona,
                            "name": names[c],
                            "tweet_count": int((labels == c).sum()),
                            "text_centroid": points[labels == c].mean(axis=0).tolist(),
                        }
                        for c, persona in found.ids.items()
                    ]
                ),
                history=history,
                taken=frozenset(),
            )
        return found

    def persona_of(self) -> pd.Series[str]:
        assert self.previous is not None
        return self.previous.members.set_index("tweet_id")["persona_id"]

    def last(self) -> pd.DataFrame:
        assert self.previous is not None
        history = self.previous.history
        rows: pd.DataFrame = history[history["sequence"] == history["sequence"].max()]
        return rows

    def breaches(self) -> list[str]:
        assert self.previous is not None
        return history_breaches(self.previous.personas, self.previous.history)


def clustered(labels: list[int] | Labels, *, first: int = 0) -> pd.DataFrame:
    labels = np.asarray(labels)
    return pd.DataFrame({"tweet_id": np.arange(first, first + len(labels)), "cluster": labels})


FOUR = np.repeat([0, 1, 2, 3], [40, 100, 60, 20])


def test_the_first_run_numbers_by_size() -> None:
    story = Story()
    assert story.run(clustered(FOUR)).ids == {1: "P01", 2: "P02", 0: "P03", 3: "P04"}
    rows = story.last()
    assert set(rows["event"]) == {"born"}
    assert rows["previous_snapshot"].isna().all()
    assert rows["sentence"].iloc[0] == "P01 is of the first run, with 100 tweets."


def test_the_history_is_as_its_contract_says() -> None:
    story = Story()
    for labels in (FOUR, np.roll(FOUR, 7), np.repeat([0, 1], 110)):
        story.run(clustered(labels))
    assert story.previous is not None
    table = pa.Table.from_pandas(
        story.previous.history, PERSONA_LINEAGE.schema, preserve_index=False
    )
    table.validate(full=True)
    assert not story.previous.history.duplicated(list(PERSONA_LINEAGE.key)).any()


def test_same_again_changes_no_id_and_no_name() -> None:
    story = Story()
    first = story.run(clustered(FOUR))
    names = story.last().set_index("persona_id")["name"].to_dict()
    second = story.run(clustered(FOUR))
    assert second.ids == first.ids
    rows = story.last().set_index("persona_id")
    assert rows["name"].to_dict() == names
    assert set(rows["event"]) == {"kept"}
    assert (rows["jaccard"] == 1).all()
    assert rows["evidence_name"]["P01"] == "Talkers of 1 in run 1"
    assert rows["name"]["P01"] == "Talkers of 1 in run 0"
    assert "it would be called Talkers of 1 in run 1" in rows["sentence"]["P01"]


@given(
    st.integers(0, 2**31),
    st.permutations(range(4)),
    st.sampled_from([0.0, 0.01, 0.05]),
    st.sampled_from([0.0, 0.05]),
)
@settings(max_examples=25)
def test_shuffled_relabelled_thinned_and_grown_corpora_keep_every_id(
    seed: int, numbers: list[int], dropped: float, added: float
) -> None:
    """As other seeds do, a twentieth of the tweets changes cluster as well."""
    dice = np.random.default_rng(seed)
    story = Story()
    first = clustered(FOUR)
    story.run(first)
    before = story.persona_of()
    changed = first.assign(cluster=first["cluster"].map(dict(enumerate(numbers))))
    strays = dice.choice(len(changed), len(changed) // 20, replace=False)
    changed.loc[strays, "cluster"] = dice.integers(4, size=len(strays))
    new = clustered(dice.integers(4, size=int(added * len(first))), first=1000)
    again = pd.concat([changed.sample(frac=1 - dropped, random_state=seed % 1000), new])
    story.run(again.sample(frac=1, random_state=seed % 999))
    after = story.persona_of()
    assert set(after) == set(before)
    stayed = ~np.isin(first["tweet_id"], strays) & np.isin(first["tweet_id"], after.index)
    ids = first["tweet_id"][stayed]
    assert (after[ids] == before[ids]).all()
    assert story.breaches() == []


@given(st.lists(st.lists(st.integers(0, 4), min_size=30, max_size=60), min_size=2, max_size=4))
@settings(max_examples=15)
def test_no_id_ever_comes_back_and_every_persona_has_its_fate(runs: list[list[int]]) -> None:
    story = Story()
    retired: set[str] = set()
    for labels in runs:
        found = story.run(clustered(labels))
        assert len(set(found.ids.values())) == len(found.ids)
        assert not retired & set(found.ids.values())
        rows = story.last()
        retired |= set(rows.loc[rows["event"] == "retired", "persona_id"])
        assert story.breaches() == []
    assert story.previous is not None
    born = story.previous.history.query("event == 'born'")["persona_id"]
    assert born.is_unique
    assert set(born) >= set(story.persona_of()) | retired


def test_of_a_split_the_larger_part_keeps_the_id() -> None:
    story = Story()
    story.run(clustered(FOUR))
    labels = FOUR.copy()
    labels[40:75] = 9  # 35 of the 100 of P01
    assert story.run(clustered(labels)).ids == {1: "P01", 2: "P02", 0: "P03", 3: "P04", 9: "P05"}
    rows = story.last()
    split = rows[rows["event"] == "split"].iloc[0]
    assert (split["persona_id"], split["other_persona_id"]) == ("P01", "P05")
    assert (split["shared_tweets"], split["tweets_before"], split["tweets_after"]) == (35, 100, 35)
    assert split["jaccard"] == pytest.approx(0.35)
    assert split["sentence"] == (
        "P01 was split: 35 of its 100 tweets in both runs are now 35 of the 35 of P05."
    )
    born = rows[rows["event"] == "born"].iloc[0]
    assert (born["persona_id"], born["other_persona_id"]) == ("P05", "P01")


def test_of_a_merger_the_larger_contributor_keeps_the_id() -> None:
    story = Story()
    story.run(clustered(FOUR))
    merged = story.run(clustered(np.where(FOUR == 0, 2, FOUR)))
    assert merged.ids == {1: "P01", 2: "P02", 3: "P04"}
    rows = story.last()
    told = rows[rows["event"] == "merged"].iloc[0]
    assert (told["persona_id"], told["other_persona_id"]) == ("P03", "P02")
    assert (told["shared_tweets"], told["tweets_before"], told["tweets_after"]) == (40, 40, 100)
    retired = rows[rows["event"] == "retired"].iloc[0]
    assert (retired["persona_id"], retired["other_persona_id"]) == ("P03", "P02")
    assert retired["sentence"] == (
        "P03 is retired: 40 of its 40 tweets are left, most of them (40) in P02, Jaccard 0.40."
    )


def test_members_that_come_back_are_a_new_persona() -> None:
    story = Story()
    story.run(clustered(FOUR))
    story.run(clustered(np.where(FOUR == 0, 2, FOUR)))
    assert story.run(clustered(FOUR)).ids == {1: "P01", 2: "P02", 3: "P04", 0: "P05"}
    assert story.breaches() == []


def test_what_was_not_published_changes_nothing() -> None:
    story = Story()
    story.run(clustered(FOUR))
    split = FOUR.copy()
    split[40:75] = 9
    assert story.run(clustered(split), is_published=False).ids[9] == "P05"
    other = FOUR.copy()
    other[140:160] = 7
    assert story.run(clustered(other)).ids[7] == "P05"
    assert list(story.last()["sequence"].unique()) == [2]


def test_other_tweets_on_the_same_subjects_keep_ids_by_centroid() -> None:
    centers = np.eye(N_DIMENSIONS, dtype=np.float32)[:4]
    story = Story()
    story.run(clustered(FOUR), points=centers[FOUR] + 0.05 * POINTS[: len(FOUR)])
    swapped = np.array([2, 3, 0, 1])[FOUR]
    points = centers[FOUR] + 0.05 * POINTS[500 : 500 + len(FOUR)]
    found = story.run(clustered(swapped, first=2000), points=points)
    assert found.ids == {3: "P01", 0: "P02", 2: "P03", 1: "P04"}
    assert set(story.last()["basis"]) == {"centroid"}
    assert set(story.last()["shared_tweets"]) == {0}
    strange = 0.3 * POINTS[: len(FOUR)] + np.eye(N_DIMENSIONS, dtype=np.float32)[[9]]
    assert set(story.run(clustered(FOUR, first=9000), points=strange).ids.values()) == {
        "P05",
        "P06",
        "P07",
        "P08",
    }
    assert (story.last()["event"].value_counts().to_dict()) == {"born": 4, "retired": 4}


def test_a_snapshot_without_history_is_where_history_begins() -> None:
    story = Story()
    story.run(clustered(FOUR))
    assert story.previous is not None
    old = story.previous
    story.previous = Previous(
        old.snapshot, old.members, old.personas, old.history.head(0), old.taken
    )
    assert set(story.run(clustered(FOUR)).ids.values()) == {"P01", "P02", "P03", "P04"}
    assert story.previous.history["sequence"].tolist() == [1] * 4 + [2] * 4
    assert story.breaches() == []


def test_ids_of_abandoned_snapshots_stay_taken() -> None:
    story = Story()
    story.run(clustered(FOUR))
    assert story.previous is not None
    old = story.previous
    story.previous = Previous(
        old.snapshot, old.members, old.personas, old.history, frozenset({"P17", "P05"})
    )
    split = FOUR.copy()
    split[40:75] = 9
    assert story.run(clustered(split)).ids[9] == "P18"


def test_numbers_grow_wider_when_needed() -> None:
    assert next_number([]) == 1
    assert next_number(["P09", "P10"]) == 11
    assert next_number(["P99", "P100", "odd"]) == 101
    story = Story()
    found = story.run(clustered(np.arange(120)))
    assert {"P01", "P99", "P100", "P120"} <= set(found.ids.values())


def test_a_persona_that_goes_on_is_not_merged() -> None:
    """Most of P03 joins P02, but the rest of it is its own cluster still."""
    story = Story()
    story.run(clustered(FOUR))
    labels = FOUR.copy()
    labels[:22] = 2
    assert story.run(clustered(labels)).ids[0] == "P03"
    assert set(story.last()["event"]) == {"kept"}


def test_a_persona_in_many_parts_ends_and_every_part_is_told() -> None:
    story = Story()
    story.run(clustered(FOUR))
    labels = FOUR.copy()
    labels[40:140] = np.repeat([10, 11, 12, 13, 14], 20)
    found = story.run(clustered(labels))
    assert {found.ids[n] for n in range(10, 15)} == {"P05", "P06", "P07", "P08", "P09"}
    rows = story.last()
    split = rows[rows["event"] == "split"]
    assert set(split["persona_id"]) == {"P01"}
    assert set(split["other_persona_id"]) == {"P05", "P06", "P07", "P08", "P09"}
    assert rows.loc[rows["event"] == "retired", "persona_id"].tolist() == ["P01"]
    assert "merged" not in set(rows["event"])
