from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ri_assets.config import load_profile
from ri_assets.errors import ConfigError
from ri_assets.freeze.space import SHIPPED, Variation, configurations, load_space


def test_every_combination_has_one_number() -> None:
    entry = Variation(base="report", vary={"a.x": [1, 2, 3], "a.y": ["p", "q"]})
    found = {tuple(entry.combination(number).items()) for number in range(entry.size)}
    assert found == {(("a.x", x), ("a.y", y)) for x in (1, 2, 3) for y in ("p", "q")}


def test_the_shipped_space_begins_with_its_bases_and_holds_no_double() -> None:
    found = configurations(load_space(SHIPPED), 40, seed=0)
    assert [profile.name for profile in found[:2]] == ["frozen-2026-11", "report"]
    assert len({profile.hash for profile in found}) == 40
    assert {profile.cluster.method for profile in found[2:]} == {"consensus", "hdbscan"}
    assert {profile.reduce.seed for profile in found} == {load_profile("report").reduce.seed}


def test_a_longer_search_goes_on_where_a_shorter_one_ended() -> None:
    space = load_space(SHIPPED)
    short, long = configurations(space, 6, seed=0), configurations(space, 12, seed=0)
    assert [p.hash for p in long[:6]] == [p.hash for p in short]


def test_a_small_space_is_tried_whole() -> None:
    space = [Variation(base="report", vary={"reduce.n_neighbors": [15, 40], "fuse.center": [True]})]
    found = configurations(space, 99, seed=1)
    # The base, and two combinations that differ from it by centring.
    assert sorted((p.reduce.n_neighbors, p.fuse.center) for p in found) == [
        (15, True),
        (40, False),
        (40, True),
    ]


@pytest.mark.parametrize(
    "vary",
    [
        {"reduce.seed": [1]},
        {"denoise.min_chars": [1]},
        {"gates.personas_min": [1]},
        {"fuse.center": []},
    ],
)
def test_what_must_not_vary_is_refused(tmp_path: Path, vary: dict[str, list[int]]) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(yaml.safe_dump([{"base": "report", "vary": vary}]))
    with pytest.raises(ConfigError, match=next(iter(vary))):
        load_space(path)


@pytest.mark.parametrize("content", ["{", "base: report", "- bse: report"])
def test_a_file_that_is_no_space_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match="no space of configurations"):
        load_space(path)


@pytest.mark.parametrize("vary", [{"reduce.no_such": [1]}, {"fuse.text_weight": [7]}])
def test_a_setting_that_profiles_refuse_is_refused(vary: dict[str, list[int]]) -> None:
    with pytest.raises(ConfigError, match=next(iter(vary))):
        configurations([Variation(base="report", vary=vary)], 5, seed=0)
