"""The nine assets, one thin module a stage: load, call a pure function, attach metadata.

Read them in this order: `raw` (tweets and replies), `denoised_tweets`, `embeddings`,
`behavioral_features`, `umap_50d`, `clusters`, `personas_enriched`, `ri_index_app`.
"""
