"""Names of the exports, and what each holds."""

from __future__ import annotations

ENRICHED = "personas_enriched.json"
BRIEFS = "persona_briefs.json"
REVIEW = "personas_for_review.csv"
MAPPING = "tweet_persona_mapping.json"
STATS = "persona_assignment_stats.json"
SAMPLES = "persona_samples_full.json"
APP = "ri_index_app.json"
OVERLAP = "persona_overlap.json"

EXPORTS = (ENRICHED, BRIEFS, REVIEW, MAPPING, STATS, SAMPLES, APP, OVERLAP)

MEANING = {
    ENRICHED: "everything known of each persona, with terms, emoji, rhythm and traits",
    BRIEFS: "what a stakeholder reads: focus, insight, terms, trend, advice, one sample",
    REVIEW: "one row a persona, for a spreadsheet",
    MAPPING: "the persona of every kept tweet, without hidden personas",
    STATS: "how tweets were assigned, in all and persona by persona",
    SAMPLES: "all tweets that are shown as evidence, cleaned",
    APP: "the list of personas that an application shows",
    OVERLAP: "how many authors wrote in both of two personas, and how many would by chance",
}
