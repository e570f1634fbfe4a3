"""The tables of `ri_index_app`, and the files beside them in a snapshot.

Belongs here: personas as applications list them, each tweet's persona, and what only
readers of a snapshot need. Does not belong here: reading any of it.
"""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa

from ri_assets.config import Profile
from ri_assets.personas.privacy.guard import Guard
from ri_assets.records.personas import PersonaBrief
from ri_assets.ri_index.lookup import LOOKUP, lookup_bytes
from ri_assets.ri_index.snapshot_reader import GUARD, PROFILE


def persona_list(personas: pd.DataFrame) -> pd.DataFrame:
    """Choose the columns that applications list; contract `ri_index_app`."""
    return personas[list(PersonaBrief.model_fields)]


def tweet_personas(clusters: pd.DataFrame, personas: pd.DataFrame) -> pd.DataFrame:
    """Give the persona of each tweet; contract `tweet_personas`, rows as in `clusters`."""
    ids = dict(zip(personas["cluster"], personas["persona_id"], strict=True))
    found = clusters.assign(persona_id=clusters["cluster"].map(ids))
    return found[["tweet_id", "persona_id", "was_noise", "distance"]]


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
