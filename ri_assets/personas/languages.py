"""Languages that the members of a persona write in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ri_assets.intake.languages import languages_of


def language_shares(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Give each language's share of the texts, most frequent first; fields of `LanguageShare`.

    Texts with fewer than four letters do not count; without any other the list is empty. Of
    many texts a sample is judged, evenly spaced in their order (`MAX_JUDGED`).
    """
    found = languages_of(texts)
    return [{"language": language, "share": n / found.n} for language, n in found.languages.items()]
