"""Which persona's tweets does a name bring back first? A second judge beside `name_agreement`.

`name_agreement` asks each tweet for its nearest name; one name that lies near everything then
costs all others. Here each description is a search over the tweets that took no part in naming,
as a reader would use it: its own persona's tweets should come before everyone else's. The same is
done with the four top terms and with the name alone. `docs/research/blind_tests.md` sets the
figures beside those of readers.

The last line of the output is one JSON object, by store.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.reading import run_or_explain
from ri_assets.personas.naming.name_agreement import held_out
from ri_assets.records.personas import Persona
from ri_assets.ri_index.similarity import cosines, encoder_of
from ri_assets.ri_index.snapshot_reader import open_contents
from ri_assets.store.files import Files
from ri_assets.store.tables import Tables

Float64 = NDArray[np.float64]
N_TERMS = 4  # as many as the blind test of names shows

DESCRIPTIONS: dict[str, Callable[[Persona], str]] = {
    "name_and_focus": lambda persona: f"{persona.name}: {persona.focus}",
    "name": lambda persona: persona.name,
    "terms": lambda persona: ", ".join(persona.top_terms[:N_TERMS]),
}


@dataclass(frozen=True)
class Retrieval:
    """What searches with the personas' descriptions bring back.

    Parameters
    ----------
    first
        Share of the descriptions that rank their own persona's tweets above every other
        persona's, 0 to 1; by chance one over the number of personas.
    auroc
        Mean over the descriptions: how likely a tweet of the own persona comes before one of
        another, 0 to 1; 0.5 by chance.
    """

    first: float
    auroc: float


def ranks_of(scores: Float64, personas: NDArray[np.int64], k: int) -> Float64:
    """How far each persona's tweets come first in one search.

    Parameters
    ----------
    scores
        Shape (n,): how near each tweet is to a description; higher is nearer.
    personas
        Shape (n,): persona of each tweet, 0 to k - 1; each has a tweet.
    k
        Number of personas.

    Returns
    -------
    float64, shape (k,)
        Area under the ROC curve of each persona's tweets against all others; ties count half.
    """
    ranks, found = rankdata(scores), np.empty(k)
    for persona in range(k):
        own = ranks[personas == persona]
        others = len(ranks) - len(own)
        found[persona] = (own.sum() - len(own) * (len(own) + 1) / 2) / (len(own) * others)
    return found


def retrieval(
    tweets: NDArray[np.float32], personas: NDArray[np.int64], described: NDArray[np.float32]
) -> Retrieval:
    """Judge descriptions by what they bring back.

    Parameters
    ----------
    tweets
        float32, shape (n, d): vectors of tweets.
    personas
        int64, shape (n,): row in `described` of each tweet's persona; each row has a tweet.
    described
        float32, shape (k, d), k of at least two: vector of each persona's description.
    """
    k = len(described)
    table = np.array([ranks_of(cosines(tweets, one), personas, k) for one in described])
    return Retrieval(
        first=float(np.mean(table.argmax(axis=1) == np.arange(k))),
        auroc=float(np.trace(table) / k),
    )


def judged(store: str) -> dict[str, Retrieval]:
    """Judge the published snapshot's descriptions on tweets held out from naming, by kind."""
    contents = open_contents(Files(store), None, draft=False)
    personas = contents.personas
    rows = contents.snapshot.table("ri_index_app", "tweet_personas").to_pandas()
    table = contents.snapshot.table("embeddings")
    vectors = Tables("", {"embeddings": table}, "embeddings").vectors("embedding")
    order = {persona.persona_id: row for row, persona in enumerate(personas)}
    of_tweet = rows.set_index("tweet_id")["persona_id"].map(order)
    labels = of_tweet.loc[vectors.tweet_ids].to_numpy(dtype=np.int64)
    is_held = held_out(vectors.tweet_ids, labels)
    tweets, mean = vectors.values[is_held], contents.corpus_mean
    encode = encoder_of(contents).encode
    return {
        kind: retrieval(tweets - mean, labels[is_held], encode([text(p) for p in personas]) - mean)
        for kind, text in DESCRIPTIONS.items()
    }


def main() -> None:
    """Print a line for each store and description."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stores", nargs="+", help="stores with a published snapshot")
    given = parser.parse_args()
    found = {store: judged(store) for store in given.stores}
    for store, kinds in found.items():
        for kind, figures in kinds.items():
            print(f"{store}  {kind:15s} first {figures.first:.2f}  AUROC {figures.auroc:.3f}")
    print(json.dumps({s: {k: asdict(f) for k, f in kinds.items()} for s, kinds in found.items()}))


if __name__ == "__main__":
    run_or_explain(main)
