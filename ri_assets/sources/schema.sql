-- Tables that `ri-index load` fills and the MySQL source reads. Times are UTC.
-- Columns mean what ri_assets/contracts/raw.py says. Running this twice changes nothing.

CREATE TABLE IF NOT EXISTS tweets (
    tweet_id           BIGINT      NOT NULL,
    author_id          BIGINT      NULL,
    author_handle      TEXT        NULL,
    author_followers   BIGINT      NULL,
    author_following   BIGINT      NULL,
    author_statuses    BIGINT      NULL,
    author_created_at  DATETIME(6) NULL,
    author_verified    TINYINT(1)  NULL,
    created_at         DATETIME(6) NULL,
    text               MEDIUMTEXT  NOT NULL,
    lang               TEXT        NULL,
    reply_count        BIGINT      NULL,
    retweet_count      BIGINT      NULL,
    like_count         BIGINT      NULL,
    quote_count        BIGINT      NULL,
    is_retweet         TINYINT(1)  NULL,
    source_app         TEXT        NULL,
    in_reply_to_handle TEXT        NULL,
    PRIMARY KEY (tweet_id),
    KEY tweets_by_time (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS replies (
    tweet_id             BIGINT      NOT NULL,
    author_id            BIGINT      NULL,
    author_handle        TEXT        NULL,
    author_followers     BIGINT      NULL,
    author_following     BIGINT      NULL,
    author_statuses      BIGINT      NULL,
    author_created_at    DATETIME(6) NULL,
    author_verified      TINYINT(1)  NULL,
    created_at           DATETIME(6) NULL,
    text                 MEDIUMTEXT  NOT NULL,
    lang                 TEXT        NULL,
    reply_count          BIGINT      NULL,
    retweet_count        BIGINT      NULL,
    like_count           BIGINT      NULL,
    quote_count          BIGINT      NULL,
    is_retweet           TINYINT(1)  NULL,
    source_app           TEXT        NULL,
    in_reply_to_handle   TEXT        NULL,
    in_reply_to_tweet_id BIGINT      NULL,
    PRIMARY KEY (tweet_id),
    KEY replies_by_answered (in_reply_to_tweet_id),
    KEY replies_by_time (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
