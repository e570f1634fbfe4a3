"""What `ri_index_app` writes for readers: its tables, and the files beside them in a snapshot.

The lookup file answers which persona a tweet has, and which tweets a persona has, without a
search. It is an uncompressed Arrow IPC file: a local one is mapped into memory, and only the
pages that a question touches are read. Its columns, one row per kept tweet by ascending id:

``tweet_id``
    int64.
``persona``
    int16, place of the tweet's persona in the schema's list `personas`.
``was_noise``
    uint8, 1 if the tweet was noise before assignment.
``distance``
    float64, Euclidean distance in umap_50d to the centroid of its cluster.
``by_persona``
    int32, rows sorted by persona, then by distance, then by id; `offsets` in the schema says
    where each persona's rows begin.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ri_assets.ri_index.posts import POSTS, posts_bytes, posts_table
from ri_assets.store.snapshot import file_name

if TYPE_CHECKING:
    import pandas as pd

    from ri_assets.config import Profile
    from ri_assets.personas.privacy.guard import Guard
    from ri_assets.pipeline.tweet_map import TweetMap

LOOKUP = "ri_index_app.lookup.arrow"
"""Name of the lookup file in a snapshot."""
PROFILE = "profile.json"
"""Name of the file in a snapshot that holds the run's whole profile."""
GUARD = "guard.json"
"""Name of the file with the handles, names and addresses that the run hid, and with brands."""

_META = b"ri.lookup"


def raw_names() -> frozenset[str]:
    """Names of a snapshot's files with posts as people wrote them, their vectors, or handles."""
    from ri_assets.records.assets import CONTRACTS

    tables = [(asset, table) for asset, one in CONTRACTS.items() for table in one.tables]
    return frozenset({GUARD, *(file_name(a, t.name) for a, t in tables if t.is_raw)})


def persona_list(personas: pd.DataFrame) -> pd.DataFrame:
    """Choose the personas and columns that applications list; contract `ri_index_app`."""
    from ri_assets.records.personas import PersonaBrief

    shown = personas[personas["hidden_note"].isna()]
    return shown[list(PersonaBrief.model_fields)].reset_index(drop=True)


def tweet_personas(clusters: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Give the persona of each tweet, hidden or not; contract `tweet_personas`.

    Parameters
    ----------
    clusters
        Contract `CLUSTERS`; the rows of the answer are as here.
    parts
        Contract `PARTS`: the persona of each cluster.
    """
    ids = dict(zip(parts["cluster"], parts["persona_id"], strict=True))
    found = clusters.assign(persona_id=clusters["cluster"].map(ids))
    return found[["tweet_id", "persona_id", "was_noise", "distance"]]


def map_tables(
    tweet_ids: NDArray[np.int64], drawn: TweetMap, certainty: NDArray[np.float64]
) -> dict[str, pd.DataFrame]:
    """Give the contracts `tweet_map`, and `figures` with how well the map keeps neighbours."""
    import pandas as pd

    from ri_assets.pipeline.tweet_map import NEIGHBORS
    from ri_assets.records.quality import FIGURES

    x, y = drawn.points.T
    figure = {
        "figure": "map_trustworthiness",
        "value": drawn.trustworthiness,
        "null_mean": drawn.shuffled,
        "null_p95": None,
        "n": drawn.measured,
        "note": f"Trustworthiness of the map for {NEIGHBORS} neighbours, against the space that "
        "was clustered; beside it, that of the same points in random order.",
    }
    figures = pd.DataFrame([figure] if drawn.measured else [], columns=FIGURES.names)
    positions = pd.DataFrame({"tweet_id": tweet_ids, "x": x, "y": y, "certainty": certainty})
    return {"tweet_map": positions, "figures": figures}


def files_for_readers(
    tweet_personas: pa.Table, denoised: pa.Table, replies: pa.Table, profile: Profile, guard: Guard
) -> dict[str, bytes]:
    """Give the files of lookup and posts, and the profile and handles that showing texts needs."""
    lookup = lookup_bytes(tweet_personas)
    posts = posts_table(denoised, replies, Lookup.of(lookup).tweet_id)
    handles = {
        "people": sorted(guard.people),
        "brands": sorted(guard.brands),
        "names": sorted(guard.names),
        "addresses": sorted(guard.addresses),
    }
    return {
        GUARD: json.dumps(handles, ensure_ascii=False).encode(),
        LOOKUP: lookup,
        POSTS: posts_bytes(posts),
        PROFILE: profile.model_dump_json(indent=2).encode(),
    }


def lookup_bytes(tweet_personas: pa.Table, personas: Sequence[str] = ()) -> bytes:
    """Write the lookup file for a table of contract `tweet_personas`.

    Parameters
    ----------
    personas
        Further personas, of which no tweet is left.
    """
    ordered = tweet_personas.sort_by("tweet_id").combine_chunks()
    names = ordered["persona_id"].combine_chunks().dictionary_encode()
    ids = names.dictionary.to_pylist()
    rank = {persona: place for place, persona in enumerate(sorted({*ids, *personas}))}
    persona = np.array([rank[i] for i in ids], dtype=np.int16)[names.indices.to_numpy()]
    tweet_id = ordered["tweet_id"].to_numpy()
    distance = ordered["distance"].to_numpy()
    by_persona = np.lexsort((tweet_id, distance, persona)).astype(np.int32)
    offsets = np.searchsorted(persona[by_persona], np.arange(len(rank) + 1))
    meta = {"personas": sorted(rank), "offsets": offsets.tolist()}
    table = pa.table(
        {
            "tweet_id": tweet_id,
            "persona": persona,
            "was_noise": ordered["was_noise"].cast(pa.uint8()).to_numpy(),
            "distance": distance,
            "by_persona": by_persona,
        }
    ).replace_schema_metadata({_META: json.dumps(meta).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@dataclass(frozen=True, eq=False)
class Lookup:
    """An open lookup file.

    Parameters
    ----------
    personas
        Persona ids, ascending; `persona` counts in them.
    offsets
        Where each persona's rows begin in `by_persona`, and where the last one's end.
    tweet_id, persona, was_noise, distance, by_persona
        The columns; they lie in the file, not in memory.
    """

    personas: Sequence[str]
    offsets: Sequence[int]
    tweet_id: NDArray[np.int64]
    persona: NDArray[np.int16]
    was_noise: NDArray[np.uint8]
    distance: NDArray[np.float64]
    by_persona: NDArray[np.int32]

    @classmethod
    def of(cls, content: pa.Buffer | bytes) -> Lookup:
        """Open the bytes of a lookup file; nothing is copied.

        Raises
        ------
        pyarrow.ArrowException
            The bytes are no such file.
        """
        batch = pa.ipc.open_file(content).get_batch(0)
        meta = json.loads(batch.schema.metadata[_META])
        columns = {name: batch[name].to_numpy() for name in batch.schema.names}
        return cls(tuple(meta["personas"]), tuple(meta["offsets"]), **columns)

    def row(self, tweet_id: int) -> int | None:
        """Row of a tweet; None where it has no persona."""
        row = int(np.searchsorted(self.tweet_id, tweet_id))
        return row if row < len(self.tweet_id) and self.tweet_id[row] == tweet_id else None

    def rows(self, tweet_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of many tweets; −1 where one has no persona."""
        found = np.searchsorted(self.tweet_id, tweet_ids)
        inside = np.minimum(found, len(self.tweet_id) - 1)
        return np.where(self.tweet_id[inside] == tweet_ids, inside, -1)

    def members(
        self, persona_id: str, limit: int | None = None, offset: int = 0
    ) -> NDArray[np.int32]:
        """Rows of a persona's tweets from a place on, nearest to its centroid first."""
        start, end = self._range(persona_id)
        return self.by_persona[start:end][offset : None if limit is None else offset + limit]

    def count(self, persona_id: str) -> int:
        """Count a persona's tweets."""
        start, end = self._range(persona_id)
        return end - start

    def _range(self, persona_id: str) -> tuple[int, int]:
        place = self.personas.index(persona_id)
        start, end = self.offsets[place : place + 2]
        return start, end
