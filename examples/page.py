"""Write `docs/use_cases.md`: each example's question, command and output on the bundled sample.

`make examples` publishes a fresh snapshot of the sample and runs this script. The page
contains a digest of the assignment, so that a test can recognise a stale page.
"""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

from common import arguments, report_errors

from ri_assets.errors import QueryError
from ri_assets.ri_index import RIIndex

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "use_cases.md"
COMMANDS = (
    "campaign_targeting.py",
    "product_priorities.py",
    "emerging_trends.py",
    "market_intelligence.py --mentions",
    "content_keywords.py",
    "ab_design.py",
)
_HEAD = """# Six use cases

<!-- Written by `make examples` from the scripts and the bundled sample: change it there. -->
<!-- assignment {assignment} -->

Each use case is a short script in [`examples/`](../examples) that queries the
[RI Index](ri_index.md). After `make run`, install statsmodels for intervals and power
(`make test` installs it too):

```bash
.venv/bin/pip install -c constraints.txt -e '.[examples]'
```

`--store` and `--snapshot` choose what a script queries; `--help` lists the other options.
If a script has no answer, it exits with code 2 and says what to do.

The figures below come from the bundled sample, which
[no person wrote](../README.md#the-bundled-sample-is-generated). They show what the scripts
do and say nothing about the world. None is a return on investment: posts contain no costs,
sales or campaigns.
"""


def page(store: str | None) -> str:
    """Run every example and return the page."""
    ri = RIIndex.open(store=store)
    require_sample(ri)
    parts = [_HEAD.format(assignment=assignment(ri))]
    for command in COMMANDS:
        script, *options = command.split()
        code = (HERE / script).read_text(encoding="utf-8")
        said = (ast.get_docstring(ast.parse(code)) or "").split("\n\n", maxsplit=1)
        name, question = said[0].split(": ", maxsplit=1)
        chosen = ["--store", store] if store else []
        output = subprocess.run(  # noqa: S603 - scripts of this folder
            [sys.executable, HERE / script, *options, *chosen],
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout
        parts.append(
            f"\n## {name}\n\n{question[0].upper()}{question[1:]}\n\n{said[1]}\n\n"
            f"```bash\n.venv/bin/python examples/{command}\n```\n\n"
            f"````text\n{output.strip()}\n````\n"
        )
    return "".join(parts)


def require_sample(ri: RIIndex) -> None:
    """Refuse a snapshot of anything but the bundled sample.

    Raises
    ------
    QueryError
        It was made from another source.
    """
    if (source := ri.get_summary_stats().source) != "sample":
        raise QueryError(
            f"the snapshot was made from {source}",
            "a snapshot of the bundled sample, because the output is public",
            "run `make examples`, which makes one",
        )


def assignment(ri: RIIndex) -> str:
    """Return a digest of the tweets of each persona, in order of distance.

    If the last bits of a distance differ between machines, other tweets are quoted.
    """
    digest = hashlib.sha256()
    for persona in ri.list_personas():
        ids = [tweet.tweet_id for tweet in ri.get_persona_tweets(persona, limit=None)]
        digest.update(f"{persona.persona_id} {ids}\n".encode())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--page", type=Path, default=PAGE, help="output file")
    given = parser.parse_args()
    with report_errors():
        given.page.write_text(page(given.store), encoding="utf-8")
