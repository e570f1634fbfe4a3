"""How well the privacy cleaner hides what people labelled as private, and how fast.

Reads the labelled tweets of `zomato_2019` (with the list of brands beside them) and the
sentences of `presidio_research`. Spans are matched strictly:

- a labelled span counts as found only when every character of it that is no separator
  (white space or one of `.-()/,:#`) is masked, by a placeholder of whatever name;
- a mask counts as right only when every such character of it lies in spans labelled with
  the mask's own type: hiding an order number as [phone] counts against PHONE.

Names and addresses are scored twice: all that are labelled, and those that rules can know
(names behind "name is", Mr, agent, thanks and the like; addresses with a flat, house, street or
code). The leak rate says what would be published of the tweets: texts that hold a labelled
value, word for word, in spite of cleaner and detectors; with `--exports`, of the files that
`ri-index export` wrote of a run on them. With `--recogniser`, names and addresses are looked for
with that pipeline too, in each corpus for itself.

So recall is about what stays hidden, precision about what the placeholders say. Labels are
themselves made by rule: what they miss counts as a wrong mask here. Texts on which cleaner
and detectors disagree would be withheld, and are counted. The last line of the
output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.reading import run_or_explain, shared_data
from ri_assets.personas.privacy.cleaner import Cleaner, load_brands
from ri_assets.personas.privacy.guard import Guard
from ri_assets.personas.privacy.reading import readable
from ri_assets.personas.privacy.recogniser import Recogniser, find_recogniser, recognise
from ri_assets.personas.text.lexicon import brand_words
from ri_assets.quality.privacy import texts_of_exports

TWEETS = "zomato_2019/pii_spans.jsonl"
SENTENCES = "presidio_research/synth_dataset_v2.json"

ZOMATO = {
    "HANDLE": "handle", "EMAIL": "email", "PHONE": "phone", "NUMBER": "number", "UPI": "upi",
    "URL": "link",
}  # fmt: skip
"""Labels of the tweets, and the placeholder that each should get."""
PRESIDIO = {
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "CREDIT_CARD": "card", "IBAN_CODE": "bank",
    "IP_ADDRESS": "ip", "PERSON": "name", "ANNOUNCED_PERSON": "name", "STREET_ADDRESS": "address",
    "NAMED_ADDRESS": "address",
}  # fmt: skip
"""Labels of the sentences; of names and addresses those that rules can know count apart, too."""
_ANNOUNCES = re.compile(
    r"(?:name(?:'s| is|:)|thanks|thank you|regards|\bagent|\brider|\bmrs?|\bms|\bdr)[\s.,:!]{1,3}$",
    re.IGNORECASE,
)
_NAMES_A_HOME = re.compile(
    r"\b(?:flat|house|apt|apartment|suite|street|st|pin|zip)\b", re.IGNORECASE
)
_MIN_LEAK_CHARS = 4
SHORT = {
    "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "IBAN_CODE": "IBAN", "IP_ADDRESS": "IP",
}  # fmt: skip
PUBLIC_LABEL = "BRAND_HANDLE"
_SEPARATORS = frozenset(" \t\r\n\u00a0.-()/,:#")

Mark = tuple[int, int, str]
"""Start, end and name of a span."""


@dataclass
class Score:
    """Counts over texts, by label.

    Parameters
    ----------
    placeholders
        Placeholder that each label should get.
    """

    placeholders: Mapping[str, str]
    labelled: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    masks: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    outside: int = 0
    masked_outside: int = 0
    brands: int = 0
    masked_brands: int = 0

    def add(self, text: str, labels: Sequence[Mark], masks: Sequence[Mark]) -> None:
        """Count one text: what people labelled, and what the cleaner masks by kind."""
        masked = _places(text, masks)
        for label, kind in self.placeholders.items():
            own_masks = [mask for mask in masks if mask[2] == kind]
            own_labels = [mark for mark in labels if mark[2] == label]
            under_own_name, of_label = _places(text, own_masks), _places(text, own_labels)
            for mark in own_labels:
                solid = _places(text, [mark])
                self.labelled[label] += 1
                self.hidden[label] += solid <= masked
                self.named[label] += solid <= under_own_name
            self.masks[label] += len(own_masks)
            self.right[label] += sum(_places(text, [mask]) <= of_label for mask in own_masks)
        private = {
            n for start, end, name in labels if name != PUBLIC_LABEL for n in range(start, end)
        }
        every_mask = {n for start, end, _ in masks for n in range(start, end)}
        self.outside += len(text) - len(private)
        self.masked_outside += len(every_mask - private)
        for mark in labels:
            if mark[2] == PUBLIC_LABEL:
                self.brands += 1
                self.masked_brands += bool(_places(text, [mark]) & masked)

    def figures(self) -> dict[str, dict[str, float | int | None]]:
        """Recall, precision and F1 by label; None where there is nothing to divide by."""
        found: dict[str, dict[str, float | int | None]] = {}
        for label in self.placeholders:
            recall = _share(self.hidden[label], self.labelled[label])
            precision = _share(self.right[label], self.masks[label])
            found[SHORT.get(label, label)] = {
                "recall": recall,
                "precision": precision,
                "f1": _f1(recall, precision),
                "named_recall": _share(self.named[label], self.labelled[label]),
                "labelled": self.labelled[label],
                "masks": self.masks[label],
            }
        return found


def _places(text: str, marks: Iterable[Mark]) -> set[int]:
    """Characters of spans, separators aside."""
    return {n for start, end, _ in marks for n in range(start, end) if text[n] not in _SEPARATORS}


def _f1(recall: float | None, precision: float | None) -> float | None:
    if recall is None or precision is None:
        return None
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def marks_of(cleaner: Cleaner, text: str) -> list[Mark]:
    """Give what the cleaner would mask."""
    return [(span.start, span.end, span.kind) for span in cleaner.find(text)]


def read_tweets(path: Path) -> list[tuple[str, list[Mark]]]:
    """Read labelled tweets: JSON lines with `text` and `spans` of [start, end, label]."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["text"], [(s, e, label) for s, e, label in row["spans"]]) for row in rows]


def read_sentences(path: Path) -> list[tuple[str, list[Mark]]]:
    """Read sentences as presidio-research writes them."""
    return [
        (
            row["full_text"],
            [
                (s["start_position"], s["end_position"], label)
                for s in row["spans"]
                for label in _labels(row["full_text"], s)
            ],
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]


def _labels(text: str, span: Mapping[str, Any]) -> list[str]:
    """Label of a span, and its second one where rules can know it."""
    label, start, end = span["entity_type"], span["start_position"], span["end_position"]
    if label == "PERSON" and _ANNOUNCES.search(text[max(start - 25, 0) : start]):
        return [label, "ANNOUNCED_PERSON"]
    if label == "STREET_ADDRESS" and _NAMES_A_HOME.search(text[start:end]):
        return [label, "NAMED_ADDRESS"]
    return [label]


def leaks(published: Iterable[str], tweets: Sequence[tuple[str, list[Mark]]]) -> tuple[int, int]:
    """Count published texts that hold a labelled value word for word, and all of them."""
    values = {
        text[start:end].strip().casefold()
        for text, marks in tweets
        for start, end, label in marks
        if label != PUBLIC_LABEL
    }
    whole = [re.escape(value) for value in sorted(values) if len(value) >= _MIN_LEAK_CHARS]
    any_of = re.compile(rf"(?<!\w)(?:{'|'.join(whole) or '(?!)'})(?!\w)")
    texts = [text.casefold() for text in published]
    return sum(bool(any_of.search(text)) for text in texts), len(texts)


def published_texts(folder: Path) -> list[str]:
    """Every text of people in the files that `ri-index export` wrote."""
    return [text for _, _, text in texts_of_exports(lambda name: (folder / name).open("rb"))]


def tweets_per_second(cleaner: Cleaner, texts: Sequence[str]) -> float:
    """Tweets cleaned in a second of processor time, all threads together; the median of 3."""
    for text in texts[:100]:
        cleaner.clean(text)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        for text in texts:
            cleaner.clean(text)
        seconds.append(time.process_time() - start)
    return len(texts) / sorted(seconds)[1]


def _guard(
    brands: frozenset[str], rows: Iterable[tuple[str, Any]], recogniser: Recogniser | None
) -> Guard:
    """Give rules, with what a recogniser finds in these texts as in a corpus."""
    found = recognise(recogniser, (readable(text) for text, _ in rows), brand_words(brands))
    return Guard((), brands, found.names, addresses=found.addresses)


def measure(
    folder: Path,
    console: Console,
    exports: Path | None = None,
    recogniser: Recogniser | None = None,
) -> dict[str, Any]:
    """Score both corpora in a folder of shared data, and take the time.

    Parameters
    ----------
    folder
        Holds both corpora.
    console
        Shows progress.
    exports
        What a run on the tweets published.
    recogniser
        Finds more names and addresses, as in a run whose profile names it.
    """
    tweets = read_tweets(folder / TWEETS)
    sentences = read_sentences(folder / SENTENCES)
    brands = load_brands(folder / "zomato_2019" / "brands.txt")
    guard, of_sentences_guard = (_guard(brands, rows, recogniser) for rows in (tweets, sentences))
    of_tweets, of_sentences = Score(ZOMATO), Score(PRESIDIO)
    for score, name, rows, of_rows in (
        (of_tweets, "zomato", tweets, guard),
        (of_sentences, "presidio", sentences, of_sentences_guard),
    ):
        for text, labels in track(rows, name, console=console, transient=True):
            score.add(text, labels, marks_of(of_rows.cleaner, text))
    with console.status("taking the time"):
        speed = tweets_per_second(guard.cleaner, [text for text, _ in tweets])
    shown = [text for text in (guard.shown(text) for text, _ in tweets) if text is not None]
    by_rule = Guard((), brands)
    leaking = {"would_be": leaks(shown, tweets)}
    if exports is not None:
        leaking["published"] = leaks(published_texts(exports), tweets)
    return {
        "zomato_leaks": leaking,
        "zomato": of_tweets.figures(),
        "presidio": of_sentences.figures(),
        "zomato_false_mask_share": of_tweets.masked_outside / of_tweets.outside,
        "zomato_brands_masked": of_tweets.masked_brands,
        "zomato_brands": of_tweets.brands,
        "zomato_withheld": sum(guard.shown(text) is None for text, _ in tweets),
        "presidio_withheld": sum(of_sentences_guard.shown(text) is None for text, _ in sentences),
        "recogniser": str(recogniser or ""),
        "zomato_recognised": sorted(guard.names | guard.addresses),
        "zomato_changed": sum(guard.clean(text) != by_rule.clean(text) for text, _ in tweets),
        "tweets_per_second": speed,
    }


def _show(console: Console, found: Mapping[str, Any]) -> None:
    grid = Table("corpus", "type", "labelled", "recall", "by its name", "masks", "precision", "F1")
    for corpus in ("zomato", "presidio"):
        for kind, row in found[corpus].items():
            shares = {
                name: "" if row[name] is None else f"{row[name]:.4f}"
                for name in ("recall", "named_recall", "precision", "f1")
            }
            grid.add_row(
                corpus, kind, f"{row['labelled']:,}", shares["recall"], shares["named_recall"],
                f"{row['masks']:,}", shares["precision"], shares["f1"],
            )  # fmt: skip
    console.print(grid)
    console.print(
        f"characters outside all spans that are masked: {found['zomato_false_mask_share']:.4%}\n"
        f"brands masked: {found['zomato_brands_masked']} of {found['zomato_brands']:,}\n"
        f"texts withheld, because the detectors find what the cleaner left: "
        f"{found['zomato_withheld']} and {found['presidio_withheld']}\n"
        + "".join(
            f"texts that {name.replace('_', ' ')} published and hold a labelled value: "
            f"{n:,} of {of:,}\n".replace("that published", "that were published")
            for name, (n, of) in found["zomato_leaks"].items()
        )
        + (
            f"found in zomato by {found['recogniser']}: {len(found['zomato_recognised']):,} names "
            f"and addresses, which change {found['zomato_changed']:,} tweets\n"
            if found["recogniser"]
            else ""
        )
        + f"tweets a second on one core: {found['tweets_per_second']:,.0f}",
        highlight=False,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, help="folder with both corpora")
    parser.add_argument("--exports", type=Path, help="folder that `ri-index export` wrote")
    parser.add_argument("--recogniser", help="spaCy pipeline (package or folder) beside the rules")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    given = parser.parse_args()
    found = measure(
        given.source or shared_data(TWEETS, SENTENCES),
        Console(stderr=True),
        given.exports,
        find_recogniser(given.recogniser),
    )
    if not given.json:
        _show(Console(), found)
    print(json.dumps(found))


if __name__ == "__main__":
    run_or_explain(main)
