"""The store: candidates, verdicts, published snapshots and the embedding cache.

Belongs here: where bytes lie and how they change hands safely. No Dagster: the
IO manager (`ri_assets.resources.parquet_io`) is a thin face of this package.

Layout of a store, local or remote::

    format.json                                    version of this layout
    candidate/<run id>/begun.json                  what a run goes on from
    candidate/<run id>/<asset>/<table>.parquet     what a run wrote
    candidate/<run id>/<asset>/receipt.json        what was written, from what
    candidate/<run id>/<asset>/verdicts.json       what the checks said of it
    latest/<asset>.json                            the run that wrote an asset last
    snapshots/<snapshot id>/…                      published, immutable; with a manifest, the
                                                   profile, and a lookup file for the index
    published.json                                 pointer to the current snapshot, and which
                                                   ones were current before
    locks/                                         runs under way, and who is publishing
    cache/embeddings/<model>/…                     vectors by text
"""
