"""The tables of `ri_index_app`, and the files beside them in a snapshot.

Belongs here: personas as applications list them, each tweet's persona, and what only
readers of a snapshot need. Does not belong here: reading any of it.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.config import Profile
from ri_assets.contracts.figures import FIGURES
from ri_assets.contracts.index import LISTED
from ri_assets.personas.privacy.guard import Guard
from ri_assets.pipeline.tweet_map import NEIGHBORS, TweetMap
from ri_assets.ri_index.lookup import LOOKUP, lookup_bytes
from ri_assets.ri_index.snapshot_reader import GUARD, PROFILE


def persona_list(personas: pd.DataFrame) -> pd.DataFrame:
    """Choose the columns that applications list; contract `ri_index_app`."""
    return personas[list(LISTED)]


def tweet_personas(clusters: pd.DataFrame, personas: pd.DataFrame) -> pd.DataFrame:
    """Give the persona of each tweet; contract `tweet_personas`, rows as in `clusters`."""
    ids = dict(zip(personas["cluster"], personas["persona_id"], strict=True))
    found = clusters.assign(persona_id=clusters["cluster"].map(ids))
    return found[["tweet_id", "persona_id", "was_noise", "distance"]]


def map_tables(
    tweet_ids: NDArray[np.int64], drawn: TweetMap, certainty: NDArray[np.float64]
) -> dict[str, pd.DataFrame]:
    """Give the contracts `tweet_map`, and `figures` with how well the map keeps neighbours."""
    x, y = drawn.points.T
    figure = {
        "figure": "map_trustworthiness",
        "value": drawn.trustworthiness,
        "null_mean": drawn.shuffled,
        "null_p95": None,
        "n": drawn.measured,
        "note": f"Trustworthiness of the map for {NEIGHBORS} neighbours, against the space that "
        "was clustered; beside it, that of the same points dealt out at random.",
    }
    figures = pd.DataFrame([figure] if drawn.measured else [], columns=FIGURES.names)
    positions = pd.DataFrame({"tweet_id": tweet_ids, "x": x, "y": y, "certainty": certainty})
    return {"tweet_map": positions, "figures": figures}


def files_for_readers(tweet_personas: pa.Table, profile: Profile, guard: Guard) -> dict[str, bytes]:
    """Give the lookup file, and profile and handles with which texts are read and cleaned."""
    handles = {
        "people": sorted(guard.people),
        "brands": sorted(guard.brands),
        "names": sorted(guard.names),
    }
    return {
        GUARD: json.dumps(handles, ensure_ascii=False).encode(),
        LOOKUP: lookup_bytes(tweet_personas),
        PROFILE: profile.model_dump_json(indent=2).encode(),
    }
