"""The report's own table against the check: its names are shifted against its terms."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from ri_assets.config import load_profile, profile_names
from ri_assets.personas.naming.name_agreement import Agreement, held_out, name_agreement
from ri_assets.pipeline.embed import Encoder
from ri_assets.quality.checks import checks_of
from ri_assets.quality.judge import judge
from ri_assets.quality.metrics import Figure
from ri_assets.records.manifest import Verdict
from ri_assets.store.embedding_cache import EmbeddingCache
from ri_assets.store.files import Files

# Name, focus and top terms, as the report lists them.
REPORTED = (
    ("Tech Builders", "Payment gateway developers, security researchers",
     "return policy new days items"),
    ("India Watchers", "India e-commerce market dynamics, quick commerce",
     "days delivery order orders product"),
    ("Conversational Commerce Users", "AI-driven shopping, conversational experiences",
     "shopping online experience ai like"),
    ("Customer Service Critics", "Support quality, especially chatbots",
     "service chat customer ai voice"),
    ("Counterfeit Warriors", "Product authenticity, brand protection",
     "delivery product customer issues service"),
    ("UX Shoppers", "Shopping experience, design quality", "commerce brands india quick like"),
    ("Delivery Trackers", "Package tracking, shipping transparency",
     "order delhi alert issues online"),
    ("Payment Gateway Shoppers", "Payment solution comparisons",
     "gateway payment payments digital paypal"),
    ("Trust-First Buyers", "Security, verified sellers", "trust online order product customer"),
    ("Return Scrutinizers", "Return policies, refund terms",
     "fake products genuine myntra amazonin"),
    ("Platform Complainers", "Platform issues, scam warnings", "https bhai policy return na"),
)  # fmt: skip
# Which row's name the report's own terms ask for, where one is plain to see.
MEANT = {0: 9, 5: 1, 9: 4, 4: 6}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    cache = EmbeddingCache(Files(str(tmp_path_factory.mktemp("cache"))))
    return Encoder(load_profile("report").embed, cache, lambda _: None)


def _agreement(encoder: Encoder, said: list[str]) -> Agreement:
    """Of members that say three of their persona's five terms, in some order."""
    texts, labels = [], []
    for row, (_, _, terms) in enumerate(REPORTED):
        spoken = [" ".join(p) for c in combinations(terms.split(), 3) for p in permutations(c)]
        texts += spoken[::2]
        labels += [row] * len(spoken[::2])
    clusters = np.array(labels)
    is_held = held_out(np.arange(len(texts), dtype=np.int64), clusters)
    found = name_agreement(encoder.encode(texts)[is_held], clusters[is_held], encoder.encode(said))
    assert found is not None
    return found


def _verdict(found: Agreement, profile: str) -> Verdict:
    [check] = [c for c in checks_of("personas_enriched") if c.name == "name_agreement"]
    figure = Figure(
        "name_agreement",
        found.share,
        found.n_members,
        found.shuffled_mean,
        found.shuffled_p95,
    )
    return judge(check, figure, load_profile(profile).gates, "")


@pytest.mark.slow
@pytest.mark.parametrize("profile", profile_names())
def test_the_reports_names_fail_the_check_and_block(encoder: Encoder, profile: str) -> None:
    found = _agreement(encoder, [f"{name}: {focus}" for name, focus, _ in REPORTED])
    verdict = _verdict(found, profile)
    assert verdict.is_blocking
    assert not verdict.is_passed, verdict.message
    assert "(needs 40%)" in verdict.message


@pytest.mark.slow
@pytest.mark.parametrize("profile", profile_names())
def test_names_that_follow_the_same_terms_pass_it(encoder: Encoder, profile: str) -> None:
    """So it is the report's names that fail, and not the terms that no name could fit."""
    said = [f"{MEANT.get(row, row)} talkers: {terms}" for row, (_, _, terms) in enumerate(REPORTED)]
    verdict = _verdict(_agreement(encoder, said), profile)
    assert verdict.is_passed, verdict.message


@pytest.mark.slow
def test_every_shift_of_right_names_fails(encoder: Encoder) -> None:
    said = [terms for _, _, terms in REPORTED]
    for shift in range(1, len(said)):
        assert not _verdict(_agreement(encoder, said[shift:] + said[:shift]), "report").is_passed
