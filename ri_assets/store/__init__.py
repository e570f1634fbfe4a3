"""The store: candidates, verdicts, published snapshots and the embedding cache.

Belongs here: where files are stored and how they are written, read and published safely.
Does not belong here: Dagster. The IO manager (`ri_assets.resources.parquet_io`) is a thin
wrapper of this package.

Layout of a store, local or remote::

    format.json                                    version of this layout
    candidate/<run id>/begun.json                  state of the store when the run started
    candidate/<run id>/<asset>/<table>.parquet     what the run wrote
    candidate/<run id>/<asset>/receipt.json        files of the asset, and its inputs
    candidate/<run id>/<asset>/verdicts.json       results of the checks
    latest/<asset>.json                            the run that wrote the asset last
    snapshots/<snapshot id>/…                      published, immutable; with a manifest, the
                                                   profile, and files for the index
    raw/<snapshot id>/…                            its posts as people wrote them; removable
    raw/<snapshot id>.removed.json                 that they were removed, and when
    removed/<snapshot id>.json                     manifest and persona ids of a removed snapshot
    forgotten.json                                 hashes of people who asked to be forgotten
    changing/                                      content that is being put in place
    published.json                                 pointer to the current snapshot, and the
                                                   history of published ones
    locks/                                         runs in progress, and who is publishing
    cache/embeddings/<model>/…                     vectors by text
"""
