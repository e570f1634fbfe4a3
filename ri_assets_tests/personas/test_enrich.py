from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ri_assets.config import load_profile
from ri_assets.errors import CorpusError
from ri_assets.personas import corpus as corpus_module
from ri_assets.personas.corrections.entries import Rename
from ri_assets.personas.enrich import Enriched, enrich
from ri_assets.personas.naming.name_agreement import held_out
from ri_assets.personas.naming.renames import Renames
from ri_assets.personas.privacy.guard import Guard
from ri_assets.records import personas as contract
from ri_assets.store.tables import Vectors
from ri_assets_tests.personas.conftest import N_EACH, Corpus, bag_of_words

PROFILE = load_profile("report")
IDS = {0: "p-a", 1: "p-b", 2: "p-c"}
TABLES = {
    "personas": contract.PERSONAS,
    "samples": contract.SAMPLES,
    "terms": contract.TERMS,
    "emoji": contract.EMOJI,
    "rhythm": contract.RHYTHM,
    "traits": contract.TRAITS,
}


def _enrich(corpus: Corpus, encode: bool = True, renames: Renames | None = None) -> Enriched:
    return enrich(
        corpus.tweets,
        corpus.clusters,
        corpus.embeddings,
        corpus.replies,
        corpus.stability,
        PROFILE,
        ids=IDS,
        encode=bag_of_words if encode else None,
        guard=Guard((), {"acme"}),
        renames=renames,
    )


def _arrow(result: Enriched) -> dict[str, pa.Table]:
    return {
        name: pa.Table.from_pandas(getattr(result, name), table.schema, preserve_index=False)
        for name, table in TABLES.items()
    }


@pytest.fixture(scope="module")
def result(corpus: Corpus) -> Enriched:
    return _enrich(corpus)


def test_tables_keep_their_contracts(result: Enriched) -> None:
    for name, table in _arrow(result).items():
        table.validate(full=True)
        keys = table.select(list(TABLES[name].key)).to_pylist()
        assert keys == sorted(keys, key=lambda row: tuple(row.values()))
        assert len({tuple(row.values()) for row in keys}) == len(keys)
        for column in TABLES[name].columns:
            values = table[column.name].drop_null().to_pylist()
            assert column.nullable or len(values) == len(table), column.name
            assert column.minimum is None or all(v >= column.minimum for v in values), column.name
            assert column.maximum is None or all(v <= column.maximum for v in values), column.name
            assert column.allowed is None or set(values) <= set(column.allowed), column.name


def test_personas_of_the_planted_audiences(result: Enriched) -> None:
    personas = result.personas.set_index("persona_id")
    # The planted texts of the third are one sentence, word for word.
    assert personas["name"].tolist() == [
        "Refund Chasers",
        "Delivery Trackers",
        "Automatic Plate Posts",
    ]
    assert personas["tweet_count"].tolist() == [N_EACH] * 3
    assert personas["author_count"].tolist() == [60] * 3
    assert personas["tier"].tolist() == [1] * 3
    assert personas.loc["p-c", "peak_hour_local"] == 14  # 09:xx UTC in Asia/Kolkata
    assert personas["peak_hour_local"].isna().tolist() == [True, True, False]
    assert personas.loc["p-c", "top_emoji"] == ["😍"]
    assert personas.loc["p-a", "stability"] == "stable"
    assert personas["stability"].isna().tolist() == [False, True, True]
    assert result.agreement is not None
    assert result.agreement.share > 0.95
    assert result.agreement.shuffled_mean < 0.6


def test_complaints_growth_and_market_share_are_figures(result: Enriched, corpus: Corpus) -> None:
    personas = result.personas.set_index("persona_id")
    assert personas["author_share"].tolist() == [1, 1, 1]  # the authors write on all subjects
    assert (personas["share_low"] < personas["share"]).all()
    assert (personas["share"] < personas["share_high"]).all()
    traits = result.traits[result.traits["trait"] == "complaint_share"].set_index("persona_id")
    assert traits["value"].to_dict() == personas["complaint_share"].to_dict()
    assert not personas["is_pain_point"].any()
    # Days repeat by 28 and subjects by 3, so each subject is spread evenly over the range.
    assert personas["trend"].tolist() == ["no clear change"] * 3
    moved = corpus.tweets.copy()
    is_late = corpus.clusters["cluster"] == 1
    moved.loc[is_late, "created_at"] = moved["created_at"].max() - pd.to_timedelta(
        np.arange(is_late.sum()), unit="h"
    )
    moved.loc[is_late, "text"] += " pathetic"
    other = _enrich(replace(corpus, tweets=moved)).personas.set_index("persona_id")
    assert other["trend"].tolist() == ["fading", "emerging", "fading"]
    assert other["is_pain_point"].tolist() == [False, True, False]
    assert other.loc["p-b", "complaint_words"] == ["pathetic"]


def test_a_persons_name_is_shown_and_the_automatic_one_kept(
    corpus: Corpus, result: Enriched
) -> None:
    entry = Rename(name="Money Waiters", by="Asha", date=date(2026, 1, 2), reason="clearer")
    renames = {"p-a": entry, "p-z": entry}
    renamed = _enrich(corpus, renames=renames)
    before, after = (r.personas.set_index("persona_id") for r in (result, renamed))
    assert after.loc["p-a", "name"] == "Money Waiters"
    assert after.loc["p-a", "automatic_name"] == before.loc["p-a", "name"] == "Refund Chasers"
    assert after["name_source"].tolist() == ["person", "catalogue", "terms"]
    assert before["name"].equals(before["automatic_name"])
    assert after.loc[["p-b", "p-c"], "name"].equals(before.loc[["p-b", "p-c"], "name"])
    assert renamed.unknown_renames == ("p-z",)
    _arrow(renamed)


def test_the_focus_of_a_persona_quotes_no_member_held_out(corpus: Corpus) -> None:
    """Names rest on four fifths: texts of the others may be anything."""
    is_held = held_out(corpus.embeddings.tweet_ids, corpus.clusters["cluster"].to_numpy())
    first = corpus.tweets.assign(
        text=corpus.tweets["text"].str.replace(r",| (?=@user)", ". ", regex=True)
    )
    other = first.copy()
    other.loc[is_held, "text"] = first.loc[is_held, "text"].str.replace(".", ". no one cares!")
    one, two = (_enrich(replace(corpus, tweets=tweets)).personas for tweets in (first, other))
    assert one["focus"].str.contains("as in “").any()
    assert not two["focus"].str.contains("no one cares").any()
    assert two["focus"].tolist() == one["focus"].tolist()


def test_nothing_private_is_left(result: Enriched) -> None:
    said = " ".join(str(table.to_pylist()) for table in _arrow(result).values())
    for secret in ("user_", "98765", "t.co"):
        assert secret not in said


def test_order_of_rows_changes_nothing(corpus: Corpus, result: Enriched) -> None:
    shuffled = replace(
        corpus,
        **{
            field.name: getattr(corpus, field.name).sample(frac=1, random_state=3)
            for field in fields(corpus)
            if field.name != "embeddings"
        },
    )
    expected = _arrow(result)
    for name, table in _arrow(_enrich(shuffled)).items():
        assert table.equals(expected[name]), name


def test_numbers_of_clusters_change_nothing_but_themselves(
    corpus: Corpus, result: Enriched
) -> None:
    renumbered = corpus.clusters.assign(cluster=corpus.clusters["cluster"].map({0: 2, 1: 0, 2: 1}))
    other = enrich(
        corpus.tweets, renumbered, corpus.embeddings, corpus.replies,
        corpus.stability.assign(cluster=2), PROFILE,
        ids={2: "p-a", 0: "p-b", 1: "p-c"}, encode=bag_of_words, guard=Guard((), {"acme"}),
    )  # fmt: skip
    pd.testing.assert_frame_equal(
        other.personas.drop(columns="cluster"), result.personas.drop(columns="cluster")
    )
    pd.testing.assert_frame_equal(other.samples, result.samples)


def test_a_corpus_of_texts_alone(corpus: Corpus) -> None:
    bare = replace(
        corpus, tweets=corpus.tweets[["tweet_id", "text"]], replies=corpus.replies.iloc[:0]
    )
    result = _enrich(bare, encode=False)
    _arrow(result)
    assert not result.personas["is_author_known"].any()
    unknown = ["author_count", "hourly_share", "peak_hour_local", "busiest_hour_local"]
    unknown += ["reply_share", "avg_like_count", "name_cosine"]
    assert result.personas[unknown].isna().all(axis=None)
    assert not result.personas["is_evidence_withheld"].any()
    assert result.agreement is None


def test_a_persona_of_few_authors_shows_no_evidence(corpus: Corpus) -> None:
    few = corpus.tweets.copy()
    few.loc[corpus.clusters["cluster"] == 1, "author_id"] = 1
    result = _enrich(replace(corpus, tweets=few))
    assert result.personas["is_evidence_withheld"].tolist() == [False, True, False]
    for table in (result.samples, result.terms, result.emoji):
        assert "p-b" not in set(table["persona_id"])
    assert result.personas.loc[1, "author_count"] == 1


def test_frames_about_different_tweets_are_refused(corpus: Corpus) -> None:
    with pytest.raises(CorpusError, match="differ in tweet_id"):
        _enrich(replace(corpus, clusters=corpus.clusters.iloc[1:]))
    noise = corpus.clusters.assign(cluster=-1)
    with pytest.raises(CorpusError, match="without persona id: -1"):
        _enrich(replace(corpus, clusters=noise))


@given(st.lists(st.text(max_size=60), min_size=3, max_size=12))
@settings(max_examples=12)
def test_hostile_texts_make_personas(texts: list[str]) -> None:
    n = len(texts)
    ids = np.arange(n, dtype=np.int64)
    result = enrich(
        pd.DataFrame({"tweet_id": ids, "text": texts}),
        pd.DataFrame({"tweet_id": ids, "cluster": ids % 2, "was_noise": False, "distance": 0.5}),
        Vectors(ids, bag_of_words(texts)),
        pd.DataFrame({"in_reply_to_tweet_id": []}),
        pd.DataFrame({"cluster": [], "jaccard": [], "stability": []}),
        PROFILE,
        ids=IDS,
    )
    assert result.personas["name"].is_unique
    _arrow(result)


def test_a_name_that_many_write_is_no_term_and_no_sample_of_choice(corpus: Corpus) -> None:
    """Fourteen authors name one agent: it would be the term that tells the persona apart."""
    tweets = corpus.tweets.copy()
    is_named = (corpus.clusters["cluster"] == 0) & (np.arange(len(tweets)) % 4 != 0)
    tweets.loc[is_named, "text"] += " and agent Imran with Quorvex lied, Quorvex again"
    found = enrich(
        tweets, corpus.clusters, corpus.embeddings, corpus.replies, corpus.stability, PROFILE,
        ids=IDS, encode=bag_of_words,
    )  # fmt: skip
    said = found.personas[["name", "focus", "key_insight"]].to_numpy().ravel().tolist()
    for column in ("top_terms", "do_hints", "dont_hints"):
        said += [text for texts in found.personas[column] for text in texts]
    said += found.terms["term"].tolist()
    assert not [text for text in said if "imran" in text.lower() or "quorvex" in text.lower()]
    assert not found.samples["text"].str.contains("imran", case=False).any()
    assert not found.samples["text"].str.contains("quorvex", case=False).all()
    assert found.screen.counts()["terms"] >= 1


def test_a_card_tells_one_share_of_each_term(corpus: Corpus) -> None:
    """Members held out from naming count in every figure, but choose no name."""
    labels = corpus.clusters["cluster"].to_numpy()
    is_odd = held_out(corpus.embeddings.tweet_ids, labels) & (labels == 0)
    tweets = corpus.tweets.copy()
    tweets.loc[is_odd, "text"] = "Honestly nothing else to say about this today"
    vectors = Vectors(corpus.embeddings.tweet_ids, bag_of_words(tweets["text"].tolist()))
    result = _enrich(replace(corpus, tweets=tweets, embeddings=vectors))
    persona = result.personas.set_index("persona_id").loc["p-a"]
    terms = result.terms[result.terms["persona_id"] == "p-a"].set_index("term")["share"]
    assert persona["name"] == "Refund Chasers"
    evidence = "\n".join(persona["name_evidence"])
    assert "80% of the tweets use keywords" in evidence
    told = "\n".join([evidence, *persona["do_hints"], str(persona["key_insight"])])
    shares = re.findall(r"“([^”]+)”(?: is in | \(|: )(\d+)%", told)
    assert len(shares) >= 4
    assert {(term, f"{terms[term]:.0%}") for term, _ in shares} == {
        (term, f"{share}%") for term, share in shares
    }
    assert {share for _, share in shares} == {"80"}


def test_the_words_of_a_large_corpus_are_read_in_a_sample(
    corpus: Corpus, result: Enriched, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_read = 2 * N_EACH
    monkeypatch.setattr(corpus_module, "SAMPLE_LIMIT", n_read)
    monkeypatch.setattr(corpus_module, "_FEWEST", 1)
    found = _enrich(corpus)
    counted = ["tweet_count", "share", "author_count", "core_count", "growth_ratio"]
    pd.testing.assert_frame_equal(found.personas[counted], result.personas[counted])
    pd.testing.assert_frame_equal(found.rhythm, result.rhythm)
    assert len(found.samples) <= n_read
    both = found.terms.merge(result.terms, on=["persona_id", "term"])
    assert (both["tweet_count_x"] <= both["tweet_count_y"]).all()
    assert found.terms["tweet_count"].sum() < result.terms["tweet_count"].sum()


def test_all_words_are_read_where_a_cluster_would_have_too_few(
    corpus: Corpus, result: Enriched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus_module, "SAMPLE_LIMIT", 2 * N_EACH)
    monkeypatch.setattr(corpus_module, "_FEWEST", N_EACH)
    pd.testing.assert_frame_equal(_enrich(corpus).terms, result.terms)
