"""Remove people from a store: from cache, candidates, snapshots, exports and explorer.

Belongs here: who is meant (`people`), what content looks like without them (`scrub`), and doing
it to a whole store (`act`). Does not belong here: the list that later runs honour
(`ri_assets.store.forgotten`).
"""
