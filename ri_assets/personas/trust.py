"""How far a persona can be relied on, in words that come before everything else about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

_SURE = {
    "stable": "STABLE: you can rely on this group",
    "doubtful": "DOUBTFUL: check it before you rely on it",
    "not to be trusted": "NOT TO BE TRUSTED: do not act on this group alone",
    None: "NOT MEASURED: nothing says that this group comes back in a rerun",
}


def badge(stability: str | None, jaccard: float | None, halves: Sequence[str]) -> str:
    """Say how sure the group is, and with which others it should be reported.

    Parameters
    ----------
    stability
        Its stability class; None if it was not measured.
    jaccard
        Its stability in reruns, 0 to 1; None if it was not measured.
    halves
        Ids and names of the personas from which words hardly tell this one.
    """
    said = _SURE[stability]
    if jaccard is not None:
        said += f" (stability in reruns {jaccard:.2f} of 1)"
    said += "."
    if halves:
        others = " and ".join(halves)
        said += f" Report it together with {others}: words hardly tell them apart."
    return said


def halves_of(personas: Iterable[tuple[str, str | None, bool | None]]) -> Mapping[str, list[str]]:
    """List for each persona the ids from which words hardly tell it, seen from either side.

    Parameters
    ----------
    personas
        Id, id of the nearest persona, and whether words tell the two apart; None if that was
        not measured.
    """
    rows = list(personas)
    known = [persona for persona, _, _ in rows]
    pairs = {(one, near) for one, near, is_distinct in rows if near and is_distinct is False}
    pairs |= {(near, one) for one, near in pairs}
    return {one: [other for other in known if (one, other) in pairs] for one in known}
