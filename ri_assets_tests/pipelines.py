"""spaCy pipelines that tests make and save; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

TEMPLATES = (
    "{} was rude to me", "I spoke with {} about my parcel", "yesterday {} lost my order",
    "why does {} not answer", "they sent {} instead", "ask {} for the refund",
)  # fmt: skip
PLAIN = (
    "where is my refund", "the Parcel is late again", "Refund my order today",
    "nobody answers in the app", "Please answer the Complaint",
)  # fmt: skip


def save_ruler(folder: Path, names: Mapping[str, Sequence[str]], version: str = "1.0") -> Path:
    """Save a pipeline that knows some phrases by their label."""
    import spacy

    pipeline = spacy.blank("en", meta={"name": "test_names", "version": version})
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": label, "pattern": name} for label, known in names.items() for name in known]
    )
    pipeline.to_disk(folder)
    return folder


def train_names(folder: Path, names: Sequence[str]) -> Path:
    """Train a small entity recogniser on sentences with these names, and save it."""
    import spacy
    from spacy.training import Example
    from thinc.util import fix_random_seed

    fix_random_seed(0)
    pipeline = spacy.blank("en", meta={"name": "trained_names", "version": "1.0"})
    pipeline.add_pipe("ner").add_label("PERSON")  # type: ignore[attr-defined]
    examples = [
        Example.from_dict(
            pipeline.make_doc(template.format(name)),
            {"entities": [(template.index("{"), template.index("{") + len(name), "PERSON")]},
        )
        for template in TEMPLATES
        for name in names
    ]
    examples += [
        Example.from_dict(pipeline.make_doc(text), {"entities": []}) for text in PLAIN * len(names)
    ]
    optimizer = pipeline.initialize(lambda: examples)
    draw = np.random.default_rng(0)
    for _ in range(8):
        order = draw.permutation(len(examples))
        for start in range(0, len(order), 8):
            batch = [examples[n] for n in order[start : start + 8]]
            pipeline.update(batch, sgd=optimizer)
    pipeline.to_disk(folder)
    return folder
