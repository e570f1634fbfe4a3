"""Merges over many runs: conservation, ids, and that an undo leaves no trace in what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.personas.corrections.entries import Correction, Corrections, Hide, Merge
from ri_assets.personas.corrections.merges import (
    Corrected,
    correct,
    joined_stability,
    part_table,
)
from ri_assets.personas.corrections.sentences import tell, with_corrections
from ri_assets.personas.lineage.lineage_events import lineage_table
from ri_assets.personas.lineage.persona_ids import Previous, assign_ids
from ri_assets.quality.lineage import history_breaches
from ri_assets_tests.personas.lineage.test_lineage import Labels, clustered, vectors

SIGNED = {"by": "Asha", "date": date(2026, 11, 27), "reason": "the same people"}
FOUR = np.repeat([0, 1, 2, 3], [40, 100, 60, 20])
"""In a first run these clusters are P03, P01, P02 and P04."""
NOTHING = Corrections()


def merged(**into: str) -> Corrections:
    overrides: dict[str, tuple[Correction, ...]] = {
        part: (Merge(merged_into=one, **SIGNED),) for part, one in into.items()
    }
    return Corrections.of(overrides)


def undone(*parts: str) -> Corrections:
    return Corrections.of({one: (Merge(merged_into=None, **SIGNED),) for one in parts})


class Story:
    """Runs of one store, each published, with the corrections of people."""

    def __init__(self, previous: Previous | None = None) -> None:
        self.previous = previous
        self.personas = pd.DataFrame()

    def run(
        self, labels: Labels, held: Corrections = NOTHING, *, ids: Labels | None = None
    ) -> Corrected:
        clusters, previous = clustered(labels), self.previous
        if ids is not None:
            clusters = clusters.assign(tweet_id=ids)
        points = vectors(clusters)
        found = assign_ids(clusters, points, previous and previous.without_merges)
        corrected = correct(found, previous, held, clusters, points)
        chosen = corrected.ids
        names = {
            c: chosen.names.get(c, f"Talkers of {persona}") for c, persona in chosen.ids.items()
        }
        now = corrected.clusters
        rows = pd.DataFrame(
            [
                {
                    "cluster": c,
                    "persona_id": persona,
                    "name": names[c],
                    "automatic_name": names[c],
                    "tweet_count": int((now["cluster"] == c).sum()),
                    "text_centroid": points[now["cluster"] == c].mean(axis=0).tolist(),
                }
                for c, persona in chosen.ids.items()
            ]
        )
        self.personas = with_corrections(rows, corrected, held)
        history = lineage_table(chosen, names, names, tell(corrected, held))
        parts = part_table(corrected, self.personas, points).rename(
            columns={"persona_id": "part_of", "part_id": "persona_id"}
        )
        has_merges = bool((parts["part_of"] != parts["persona_id"]).any())
        of_part = dict(zip(parts["cluster"], parts["persona_id"], strict=True))
        self.previous = Previous(
            snapshot=f"s{history['sequence'].max()}",
            members=now.assign(persona_id=now["cluster"].map(dict(chosen.ids))),
            personas=self.personas,
            history=history,
            taken=frozenset(),
            parts=parts.assign(name=parts["automatic_name"]) if has_merges else None,
            part_members=clusters.assign(persona_id=clusters["cluster"].map(of_part))
            if has_merges
            else None,
        )
        assert history_breaches(self.personas, history) == []
        return corrected

    @property
    def sizes(self) -> dict[str, int]:
        return dict(zip(self.personas["persona_id"], self.personas["tweet_count"], strict=True))

    def told(self, event: str) -> dict[str, str]:
        assert self.previous is not None
        history = self.previous.history
        last = history[history["sequence"] == history["sequence"].max()]
        rows = last[last["event"] == event]
        return dict(zip(rows["persona_id"], rows["sentence"], strict=True))


def test_a_merge_joins_the_members_of_both_and_keeps_the_first_id() -> None:
    story = Story()
    story.run(FOUR)
    corrected = story.run(FOUR, merged(P02="P03"))  # the larger one goes into the smaller one
    assert story.sizes == {"P01": 100, "P03": 100, "P04": 20}
    assert corrected.merged == {"P02": "P03"}
    sentence = "P02 was merged into P03 by Asha on 2026-11-27: the same people"
    assert story.told("retired") == {"P02": f"P02 is retired: {sentence}."}
    assert story.told("merged") == {"P02": f"{sentence}."}
    told = dict(zip(story.personas["persona_id"], story.personas["corrections"], strict=True))
    assert told == {"P01": [], "P03": [sentence], "P04": []}


def test_a_merge_lasts_and_is_told_once() -> None:
    story = Story()
    story.run(FOUR)
    for run in range(3):
        story.run(FOUR, merged(P02="P03"))
        assert story.sizes == {"P01": 100, "P03": 100, "P04": 20}
        assert bool(story.told("retired")) == (run == 0)
        assert set(story.told("kept")) == ({"P01", "P03", "P04"})


def test_an_undo_gives_the_persona_its_own_id_and_name_again() -> None:
    story = Story()
    story.run(FOUR)
    before = story.personas
    story.run(FOUR, merged(P02="P03"))
    story.run(FOUR, undone("P02"))
    assert story.sizes == {"P01": 100, "P02": 60, "P03": 40, "P04": 20}
    assert "the merge of P02 into P03 was taken back by Asha" in story.told("restored")["P02"]
    pd.testing.assert_frame_equal(story.personas, before)


def test_a_merge_follows_its_people_when_clusters_change_their_numbers() -> None:
    story = Story()
    story.run(FOUR)
    story.run(FOUR, merged(P02="P03"))
    story.run(3 - FOUR, merged(P02="P03"))
    assert story.sizes == {"P01": 100, "P03": 100, "P04": 20}


def test_where_the_run_itself_joins_both_the_id_of_the_first_stays() -> None:
    story = Story()
    story.run(FOUR)
    story.run(FOUR, merged(P02="P03"))
    story.run(np.where(FOUR == 2, 0, FOUR), merged(P02="P03"))
    assert story.sizes == {"P01": 100, "P03": 100, "P04": 20}


def test_a_persona_that_lives_on_in_a_merged_part_can_take_up_and_hide() -> None:
    story = Story()
    story.run(FOUR)
    story.run(FOUR, merged(P02="P03"))
    left = np.flatnonzero(FOUR != 0)  # P03's own part ends, that of P02 goes on
    story.run(FOUR[left], merged(P02="P03"), ids=left)
    assert story.sizes == {"P01": 100, "P03": 60, "P04": 20}
    both = replace(merged(P02="P03", P04="P03"), hidden=_hidden("P03").hidden)
    corrected = story.run(FOUR[left], both, ids=left)
    assert story.sizes == {"P01": 100, "P03": 80}
    assert corrected.hidden == {"P03"}
    assert corrected.idle == {}


def test_a_merge_whose_people_are_gone_applies_to_nothing_and_says_so() -> None:
    story = Story()
    story.run(FOUR)
    left = np.flatnonzero(FOUR != 2)  # nobody of P02 is left
    corrected = story.run(FOUR[left], merged(P02="P03"), ids=left)
    assert corrected.idle == {"P02": "no cluster of this run continues P02"}
    assert story.sizes == {"P01": 100, "P03": 40, "P04": 20}
    assert "changes nothing that P02 was merged into P03" in story.told("unapplied")["P02"]


def test_a_merge_into_a_persona_that_ended_leaves_the_other_alone() -> None:
    story = Story()
    story.run(FOUR)
    left = np.flatnonzero(FOUR != 0)
    corrected = story.run(FOUR[left], merged(P02="P03"), ids=left)
    assert corrected.idle == {"P02": "no cluster of this run continues P03"}
    assert "P02" in story.sizes


def test_a_correction_never_means_a_persona_that_is_new() -> None:
    story = Story()
    corrected = story.run(FOUR, replace(merged(P02="P03"), hidden=_hidden("P04").hidden))
    assert set(corrected.idle) == {"P02", "P04"}
    assert all("is new in this run" in why for why in corrected.idle.values())
    assert len(story.sizes) == 4
    assert story.personas["hidden_note"].isna().all()


def test_a_chain_of_merges_ends_at_the_last() -> None:
    story = Story()
    story.run(FOUR)
    story.run(FOUR, merged(P02="P03", P03="P01"))
    assert story.sizes == {"P01": 200, "P04": 20}


def test_hiding_counts_on_and_is_told_when_it_begins_and_ends() -> None:
    story = Story()
    story.run(FOUR)
    story.run(FOUR, _hidden("P04"))
    assert story.sizes["P04"] == 20
    note = "P04 was hidden by Asha on 2026-11-27: a bot"
    assert story.told("hidden") == {"P04": f"{note}."}
    assert story.personas.set_index("persona_id")["hidden_note"]["P04"] == note
    story.run(FOUR, _hidden("P04"))
    assert story.told("hidden") == {}
    story.run(FOUR)
    assert story.told("shown") == {
        "P04": "P04 was made visible again: no entry holds for it any more."
    }


def test_words_that_may_be_private_are_left_out() -> None:
    story = Story()
    story.run(FOUR)
    corrected = story.run(FOUR, merged(P02="P03"))
    told = tell(corrected, merged(P02="P03"), lambda text: "Asha" not in text)
    assert "Asha" not in told.merged["P02"][1]
    frame = with_corrections(
        story.personas, corrected, merged(P02="P03"), lambda text: "Asha" not in text
    )
    [sentence] = [one for said in frame["corrections"] for one in said]
    assert "Asha" not in sentence
    assert sentence.startswith("P02 was merged into P03 by a person")


def test_a_joined_persona_is_as_stable_as_its_least_stable_part() -> None:
    stability = pd.DataFrame(
        {"cluster": [0, 1, 2], "jaccard": [0.9, 0.5, 0.7], "verdict": ["stable", "bad", "doubtful"]}
    )
    found = joined_stability(stability, {0: 0, 1: 0, 2: 2})
    assert found.to_dict("list") == {
        "cluster": [0, 2], "jaccard": [0.5, 0.7], "verdict": ["bad", "doubtful"],
    }  # fmt: skip


LABELS = st.lists(st.integers(0, 4), min_size=30, max_size=60).map(np.array)
PAIRS = st.dictionaries(st.sampled_from(["P04", "P05"]), st.sampled_from(["P01", "P02", "P03"]))


@given(LABELS, st.lists(st.tuples(LABELS, PAIRS), min_size=1, max_size=4))
@settings(max_examples=15)
def test_no_tweet_is_lost_and_no_id_is_given_twice(
    first: Labels, runs: list[tuple[Labels, dict[str, str]]]
) -> None:
    story = Story()
    story.run(first)
    for labels, pairs in runs:
        corrected = story.run(labels, merged(**pairs))
        # Conservation: every tweet has one persona, and a persona is whole clusters.
        assert sum(story.sizes.values()) == len(labels)
        assert len(corrected.clusters) == len(labels)
        of_cluster = pd.Series(labels).map(corrected.persona_of)
        assert of_cluster.value_counts().to_dict() == story.sizes
        assert len(set(corrected.found.ids.values())) == len(corrected.found.ids)
        # A part and its persona differ only where a merge says so.
        assert all(part in pairs for part in corrected.merged)


@given(LABELS, LABELS, PAIRS)
@settings(max_examples=15)
def test_an_undo_leaves_the_next_run_as_it_would_have_been(
    first: Labels, second: Labels, pairs: dict[str, str]
) -> None:
    plain, corrected = Story(), Story()
    for story, held in ((plain, NOTHING), (corrected, merged(**pairs))):
        story.run(first)
        story.run(second, held)
        story.run(second, NOTHING if story is plain else undone(*pairs))
    pd.testing.assert_frame_equal(plain.personas, corrected.personas)
    assert plain.previous is not None
    assert corrected.previous is not None
    pd.testing.assert_frame_equal(plain.previous.members, corrected.previous.members)
    # Merging and taking back before any run leaves not even a trace in the history.
    unused = Story()
    unused.run(first)
    unused.run(second, undone(*pairs))
    unused.run(second, undone(*pairs))
    assert unused.previous is not None
    pd.testing.assert_frame_equal(plain.previous.history, unused.previous.history)


def _hidden(persona_id: str) -> Corrections:
    return Corrections.of({persona_id: (Hide(hidden=True, **{**SIGNED, "reason": "a bot"}),)})
