"""The page `docs/sources.md`: what can be read, and what to add for each tool."""

# ruff: noqa: E501 - a paragraph of Markdown is one line

from __future__ import annotations

from ri_assets.records.posts import REPLIES
from ri_assets.sources.aliases import CLUES, TOOLS
from ri_assets.sources.times import TIME_FORMS

_KINDS = (
    ("twint, CSV, `--tabs` or JSON", "tweets and replies (another `conversation_id`)", ""),
    ("snscrape `--jsonl`, 2021 and 2023", "`content` or `rawContent`, with the author", ""),
    ("snscrape through pandas", "the handle from the printed `user`", ""),
    ("twarc 1, tweepy `_json`, X API v1.1", "objects or CSV; extended texts whole", ""),
    ("twarc 2, X API v2", "pages with `includes`, flattened tweets", ""),
    ("twarc-csv, academictwitteR", "dotted and plain columns", ""),
    ("Hydrator CSV", "author ids are made from the handles", ""),
    ("rtweet", "ids with a leading x", "`--timezone UTC`: rtweet writes UTC without saying so"),
    ("X data archive", "the ZIP file, the folder, `tweets.js`, or its elements", ""),
    ("older Twitter archive, `tweets.csv`", "rows may leave off their last fields", ""),
    ("customer support on Twitter (twcs)", "a firm's handle in `author_id` is its handle", ""),
    ("airline sentiment", "`name` is the handle", ""),
    ("Excel", "CSV with `,`, `;`, tabs or `sep=`, UTF-16 or Windows-1252",
     "ids formatted as text; times as yyyy-mm-dd hh:mm:ss, and `--timezone`"),
    ("Spark", "folders of part files, `\\\"` in quotes", "`--timezone` for times without one"),
    ("MySQL of your own", "one table `tweets` with everything, or `tweets` and `replies`",
     "`--timezone` for DATETIME; TIMESTAMP needs none"),
    ("another file", "the names of the last row of the next table",
     "`--map text=COLUMN --map tweet_id=COLUMN`"),
)  # fmt: skip

_INTRO = """# Sources: the files and tables that can be read

{note}`ri-index run --source SOURCE` and `ri-index load FILE… --to mysql://…` read your tweets as other tools wrote them, without renaming anything. A source is `sample`, a file, a folder, a pattern such as `'days/*.csv'`, or `mysql://host:port/database`. Give `--source` several times to read several files together.

## Tools

"""

_REST = """
## Options

- `--map OURS=THEIRS` says which of your columns is ours: `--map text=body --map tweet_id=pk`. `--map lang=` uses no column for `lang`. If two of your columns fit, the run stops and lists them. The environment variable is `RI_MAP=text=body,tweet_id=pk`.
- `--timezone Europe/Berlin` sets the zone of times that have none (`RI_TIMEZONE`). Without it, such times become missing and are counted, because a wrong zone would make every hour wrong.
- `--fix-mojibake` repairs texts that are UTF-8 stored as Latin-1 (`RI_FIX_MOJIBAKE=1`). It changes only texts whose characters, read as bytes, are valid UTF-8. Without the option, the run reports how many rows contain one.
- `--keep-all` keeps retweets and automated posts, which are left out by default (`RI_KEEP_ALL=1`).

## Column names

Capitals, blanks and `camelCase` make no difference: `rawContent` and `Raw Content` are both `raw_content`. A dot marks a nested field. If several names of one tool have a value, the first is used. `tweet_id` and `text` are required; any other column may be missing.

{aliases}
## Files

- **Formats**: CSV (`,`, `;`, tab or `|`), JSON (one object a line, arrays, objects over several lines, `{{"data": […]}}`), Parquet. The content decides, not the file name.
- **Packed**: gzip, bzip2, xz, Zstandard, and ZIP with any number of files.
- **Folders**: every file whose name, or whose folder's name, begins with `tweets` or `replies`; if there is none, every data file. The log names skipped files. In a file or folder called `replies…`, every row is a reply.
- **Encodings**: UTF-8, UTF-16 and UTF-32; Windows-1252 if a file clearly is. Broken rows of a file in another encoding are set aside: save it as UTF-8. UTF-8 that another program read as Latin-1 ("cafÃ©" for "café") is counted and reported; `--fix-mojibake` repairs it.
- **Line ends** of Windows, Unix and old Macs.

## Values

- **Missing**: an empty value, `NA`, `N/A`, `#N/A`, `NULL`, `\\N`, `None`, `nan`, `<NA>`, MySQL's zero dates, and -1 for a count. A text stays as written: only `\\N`, `<NA>` and `#N/A` count as missing.
- **Times**: {times}. 08/04/2025 is not read, because it can mean April or August. A date without a time of day is not read either.
- **Counts**: 1204, `1,204`, `1.2K`. **Truth values**: true, t, yes, 1 and their opposites, and BIT(1).
- **Ids** must be exact; spreadsheets and floats round them. A tweet without a readable id or text is set aside. Any other unreadable value becomes missing; the run reports how many, with three examples.
- **Authors**: if an author's id is a handle or a hash, or if there are only handles, the author gets a number made from it. It is above all real ids and the same in every run, so features that count an author's tweets still work. If another row has the author's real id, all rows get that id.
- **Replies** are rows that name the tweet they answer, in any tool's column, even if that tweet is not in the file or its id was rounded. `0` and -1 name none. Without such a column, a row is a reply if its conversation has another id than the row.

## Tested files

These files contain invented tweets, each written as its tool writes them. No row is set aside.

{cases}
## MySQL and MariaDB

The table `tweets` is required; `replies` may be missing if `tweets` holds everything. Column names are those of the table above, and ids may be texts. DATETIME is UTC in tables that `ri-index load` made (those with exactly its columns) and needs `--timezone` in others. Old tables often hold UTF-8 in `latin1` columns; then add `--fix-mojibake`.

Set `RI_MYSQL_USER` and `RI_MYSQL_PASSWORD`, or name a MySQL option file in the URL, with `user` and `password` in its section `[client]`. A password in the URL works too and reaches no record, but process lists and shell histories show it.

**Only what changed is fetched.** A run keeps a copy of the rows in its store. In the next run, the server computes a digest of each small range of rows, and only ranges with a new, edited or deleted row are fetched ([figures](performance.md#reading-mysql-again)). The result is that of a whole read; the run's log says how many rows were fetched. This needs an InnoDB table whose primary key is one integer, as in the tables of `ri-index load`. Other tables are read whole, and the log says why. So are all tables if the server does not send its digests within `read_timeout`. With other options, or other versions of this project and its libraries, everything is read once more. `ri-index check` and `ri-index freeze` have no copy and read everything.

The sensor `new_tweets` compares only the number of tweets and the newest id. It does not notice an edit; the next run reads it.

MySQL 8's default login, `caching_sha2_password`, works with and without TLS. Without TLS, the password is encrypted with the server's RSA key. A server that asks for the password in clear gets it over TLS only. Without `ssl_ca`, nothing proves that the server is yours: on a network that others can reach, set it. A user with MariaDB's `ed25519` login needs `pip install 'pymysql[ed25519]'`.

| key of the URL | meaning | default |
| --- | --- | --- |
| `option_file` | path of a MySQL option file; only user and password are read | none |
| `connect_timeout` | seconds to look up the host, connect, set up TLS and log in; up to three attempts | 10 |
| `read_timeout` | seconds to wait for each answer | 300 |
| `ssl_ca` | PEM file with the authority's certificate | those the system trusts |
| `ssl_verify` | `true`: check certificate and host; `ca`: the certificate; `false`: encrypt only | `true` with `ssl_ca`; else TLS where offered |
"""


_CASES = (
    ("twint: `tweets.csv`, `--tabs`, two columns renamed", "240", "", ""),
    ("snscrape `--jsonl`, 2021 (`content`) and 2023 (`rawContent`)", "240", "731", ""),
    ("Hydrator and twarc-csv, `tweet_id` renamed or not", "240", "731", ""),
    ('`NA`, `NULL`, 0 or a blank for "answers nobody"', "240", "731", ""),
    ("`NA` in every third `author_followers`", "240", "", "80 followers missing"),
    ("times in milliseconds, CSV and JSON lines", "240", "", ""),
    ("X data archive: `tweets.js`, array, lines with and without `tweet`", "240", "", ""),
    (
        "Windows-1252; `;`; `sep=`; UTF-16 with and without mark",
        "240",
        "",
        "the log names the encoding",
    ),
    ("bz2, xz, zip", "240", "", ""),
    ("a .zst file that is damaged", "", "", 'refused: "cannot be read", copy it again'),
    ("a file a day; numbered parts; a Spark folder", "180", "", ""),
    ("handles for all, or half, of the author ids", "240", "", "191 authors in both"),
    ("`1.2K` and `1,204` followers; `t`/`f`; -1 likes; times with `UTC`", "240", "", ""),
    ("times without zone", "240", "", "times missing without `--timezone`"),
    ("times like 08/04/2025 04:01", "240", "", "times missing: write the year first"),
    (
        "`blue` for verified",
        "240",
        "",
        "`author_verified` missing; `--map author_verified=` leaves it out",
    ),
    ("older Twitter archive, last fields left off", "82", "218", ""),
    ("API v1.1 objects cut down to four keys", "120", "", "`is_retweet` unknown"),
)


def page(note: str) -> str:
    """Return the text of the page.

    Parameters
    ----------
    note
        The comment at the top of every generated page.
    """
    kinds = "| tool or file | what is read | what to add |\n| --- | --- | --- |\n"
    kinds += "".join(f"| {' | '.join(kind)} |\n" for kind in _KINDS)
    cases = "| file | tweets | replies | remarks |\n| --- | --- | --- | --- |\n"
    cases += "".join(f"| {' | '.join(case)} |\n" for case in _CASES)
    rest = _REST.format(
        cases=cases, aliases=_aliases(), times=", ".join(f"`{form}`" for form in TIME_FORMS)
    )
    return _INTRO.format(note=note) + kinds + rest


def _aliases() -> str:
    lines = ["| ours | theirs, by tool |", "| --- | --- |"]
    for native in REPLIES.names:
        told = [native, *(clue for clue, about in CLUES.items() if about == native)]
        parts = []
        for tool in TOOLS:
            names = [name for one in told for name in tool.names.get(one, ())]
            if names:
                listed = ", ".join(f"`{name}`" for name in dict.fromkeys(names))
                parts.append(f"{tool.name}: {listed}")
        lines.append(f"| `{native}` | {'; '.join(parts) or 'this name only'} |")
    return "\n".join(lines) + "\n"
