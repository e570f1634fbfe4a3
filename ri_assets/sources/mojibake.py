"""UTF-8 that was stored or read as Latin-1: "cafÃ©" for "café".

Belongs here: recognising such a text and mending it. Does not belong here: which values are
looked at (see `rows`), and the encoding of a file (see `encoding`).
"""

from __future__ import annotations

import re

from ri_assets.sources.encoding import WINDOWS_1252

# What MySQL calls latin1 is Windows-1252, with the five codes that it leaves free as they are.
_LATIN_1 = {shown: code for code, shown in WINDOWS_1252.items()}
# The first byte of a character in UTF-8, as Latin-1 shows it; few texts get further.
_FIRST_BYTES = re.compile("[\u00c2-\u00f4]")


def mended(text: str) -> str | None:
    """Give a text whose bytes in Latin-1 are valid UTF-8 as UTF-8; None for any other text.

    By chance that is hardly so: each letter beyond ASCII would have to stand in a pair such as
    Ã©, or in a row of three or four. What was spoilt twice is mended twice.
    """
    found = None
    while _FIRST_BYTES.search(text):
        try:
            text = found = text.translate(_LATIN_1).encode("latin-1").decode("utf-8")
        except UnicodeError:
            break
    return found


def note_on(n_rows: int, *, is_mended: bool) -> tuple[str, ...]:
    """Say what a reader should know of the rows with such a text; nothing where there are none."""
    if not n_rows:
        return ()
    rows = f"{n_rows:,} row{'' if n_rows == 1 else 's'}"
    found = f"{rows} hold UTF-8 that was stored as Latin-1, such as Ã© for é; "
    if is_mended:
        return (f"{found}--fix-mojibake has mended them",)
    return (f"{found}--fix-mojibake (RI_FIX_MOJIBAKE=1) mends them",)
