"""Combine sentences into the tweets of an audience, and add the replies to them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ri_assets.errors import CorpusError
from ri_assets.sample.audiences import PlantedAudience, Story, reply_patterns, shared
from ri_assets.sample.portable_random import PortableRandom
from ri_assets.sample.posts import Author, Post, later, returning, snowflake
from ri_assets.sample.sentences import Deck, Speaker, decorated, joined, link, roughened

MIXED_SHARE = 0.08
"""Share of tweets in which about half the sentences belong to a neighbouring audience."""

_BORROW_SHARE = 0.16
_OTHER_STORY_SHARE = 0.65
_ASIDE_SHARE = 0.17
_OPENER_SHARE = 0.10
_CLOSER_SHARE = 0.12
_CONNECTOR_SHARE = 0.2
_LENGTH_SPREAD = 0.28
_MIN_WORDS = 8
# Maximum overlap of the words of two tweets (Jaccard). It prevents near duplicates that were not
# planted, without a model.
_MAX_OVERLAP = 0.45
_MAX_TRIES = 400

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Text:
    """Text of one tweet, and the language that the network would report."""

    text: str
    lang: str


class _Writer:
    """Writes the tweets of one audience, and uses its patterns evenly."""

    def __init__(self, audience: PlantedAudience, everyone: Mapping[str, PlantedAudience]) -> None:
        self.audience = audience
        self.neighbours = [everyone[name] for name in audience.neighbours]
        rng = PortableRandom(audience.name, "decks")
        self.leads = Deck([lead for story in audience.stories for lead in story.leads], rng)
        self.asides = Deck(audience.asides, rng)
        self.hinglish = Deck(audience.hinglish, rng)
        self.details = {story.leads: Deck(story.details, rng) for story in audience.stories}

    def story_of(self, lead: str) -> Story:
        return next(story for story in self.audience.stories if lead in story.leads)

    def detail(self, story: Story, rng: PortableRandom) -> str:
        if rng.chance(_OTHER_STORY_SHARE):
            story = rng.pick(self.audience.stories)
        return self.details[story.leads].deal()

    def borrowed(self, rng: PortableRandom) -> str:
        return rng.pick(rng.pick(self.neighbours).passing)

    def patterns(self, rng: PortableRandom) -> list[tuple[str, bool]]:
        """Draw more patterns than a tweet needs, and say whether each is Hinglish."""
        lead = self.leads.deal()
        story = self.story_of(lead)
        is_mixed = rng.chance(MIXED_SHARE)
        chosen = [(lead, False)]
        for position in range(1, 9):
            if rng.chance(self.audience.style.hinglish):
                chosen.append((self.hinglish.deal(), True))
            elif is_mixed and position % 2:
                chosen.append((self.borrowed(rng), False))
            elif rng.chance(_ASIDE_SHARE):
                chosen.append((self.asides.deal(), False))
            else:
                chosen.append((self.detail(story, rng), False))
        if rng.chance(self.audience.style.hinglish):
            chosen[0] = (self.hinglish.deal(), True)
        if not is_mixed and rng.chance(_BORROW_SHARE):
            chosen.insert(2, (self.borrowed(rng), False))
        return chosen

    def write(self, rng: PortableRandom) -> Text:
        speaker = Speaker(shared().slots, rng)
        target = max(_MIN_WORDS, self.audience.aimed_words * (1 + _LENGTH_SPREAD * rng.normal()))
        sentences: list[str] = []
        n_hinglish = n_words = 0
        used: set[str] = set()
        for pattern, is_hinglish in self.patterns(rng):
            if pattern in used:
                continue
            sentence = speaker.say(pattern)
            length = len(sentence.split())
            # Another sentence must bring the tweet closer to its target length.
            if n_words >= _MIN_WORDS and n_words + length - target > target - n_words:
                break
            used.add(pattern)
            sentences.append(sentence)
            n_words += length
            n_hinglish += is_hinglish
        lang = "hi" if 2 * n_hinglish > len(sentences) else "en"
        return Text(self._finish(sentences, speaker, rng), lang)

    def _finish(self, sentences: list[str], speaker: Speaker, rng: PortableRandom) -> str:
        if len(sentences) > 1 and rng.chance(0.2):
            sentences = [sentences[1], sentences[0], *sentences[2:]]
        sentences = [
            _after(speaker.say(rng.pick(shared().connectors)), sentence)
            if position and rng.chance(_CONNECTOR_SHARE)
            else sentence
            for position, sentence in enumerate(sentences)
        ]
        if rng.chance(_OPENER_SHARE):
            sentences[0] = _after(speaker.say(rng.pick(shared().openers)), sentences[0])
        if rng.chance(_CLOSER_SHARE):
            sentences.append(speaker.say(rng.pick(shared().closers)))
        sentences = [sentence[0].upper() + sentence[1:] for sentence in sentences]
        text = roughened(joined(sentences, self.audience, rng), self.audience, rng)
        named = (
            speaker.words.get("shop") or speaker.words.get("courier") or speaker.words.get("pay")
        )
        return decorated(text, self.audience, named, rng)


def _after(beginning: str, sentence: str) -> str:
    """Append a sentence to a beginning; acronyms and names keep their capitals."""
    first, _, rest = sentence.partition(" ")
    names = set(shared().capitals) | {
        word.split()[0] for words in shared().slots.values() for word in words
    }
    is_plain = first[1:].islower() and first not in names
    if beginning[-1] not in ".?!" and is_plain:
        first = first.lower()
    return f"{beginning} {first} {rest}"


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def kept_texts(audience: PlantedAudience, everyone: Mapping[str, PlantedAudience]) -> list[Text]:
    """Write the tweets of one audience, in arbitrary order.

    Parameters
    ----------
    audience
        The audience; its `size` is the number of tweets.
    everyone
        All audiences by name, whose sentences may be borrowed.

    Returns
    -------
    list of Text
        One per tweet; no two share more than 45% of their words.

    Raises
    ------
    CorpusError
        The audience has too few phrases for its size.
    """
    writer = _Writer(audience, everyone)
    texts: list[Text] = []
    seen: list[frozenset[str]] = []
    for number in range(audience.size):
        for attempt in range(_MAX_TRIES):
            text = writer.write(PortableRandom(audience.name, number, attempt))
            words = frozenset(_WORD.findall(text.text.lower()))
            if all(_overlap(words, other) <= _MAX_OVERLAP for other in seen):
                break
        else:
            raise CorpusError(
                f"{audience.name} has too few phrases for tweet {number + 1} of {audience.size}",
                f"tweets that share at most {_MAX_OVERLAP:.0%} of their words",
                f"add leads or details to templates/audiences/{audience.name}.yaml",
            )
        texts.append(text)
        seen.append(words)
    return texts


N_REPLIES = 4_682

_KINDS = ("agree", "disagree", "ask", "chatter")
_KIND_WEIGHTS = (3.0, 1.2, 1.8, 1.6)
_BRAND_MINUTES, _AUTHOR_MINUTES, _STRANGER_MINUTES = 95.0, 50.0, 160.0


@dataclass(frozen=True)
class Crowd:
    """Who may reply: accounts of each audience, accounts that only reply, and brands."""

    authors: Mapping[str, Sequence[Author]]
    bystanders: Sequence[Author]
    brands: Mapping[str, Author]


def shares(weights: Sequence[float], total: int) -> list[int]:
    """Find whole numbers with the sum `total` that are as close to the weights as possible.

    The largest remainders are rounded up (Hamilton's method), equal ones by position.
    """
    exact = [total * weight / sum(weights) for weight in weights]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (counts[i] - exact[i], i))
    for index in by_remainder[: total - sum(counts)]:
        counts[index] += 1
    return counts


class _Thread:
    """The replies to one tweet, in the order of their creation."""

    def __init__(self, tweet: Post, audience: PlantedAudience, crowd: Crowd) -> None:
        self.tweet, self.audience, self.crowd = tweet, audience, crowd
        self.rng = PortableRandom("thread", tweet.tweet_id)
        self.replies: list[Post] = []
        named = [handle for handle in audience.handles if handle in tweet.text]
        self.brand = crowd.brands[self.rng.pick(named or audience.handles)]

    def _add(self, parent: Post, author: Author, minutes: float, words: str) -> Post:
        time = later(parent.created_at, minutes, self.rng)
        reply = Post(
            tweet_id=snowflake(time, self.rng),
            author=author,
            created_at=time,
            text=f"@{parent.author.handle} {html.escape(words, quote=False)}",
            lang="en",
            in_reply_to_handle=parent.author.handle,
            in_reply_to_tweet_id=parent.tweet_id,
        )
        self.replies.append(reply)
        return reply

    def _say(self, patterns: Sequence[str]) -> str:
        given = {"link": link(self.rng)}
        for shop in shared().slots["shop"]:
            if self.brand.handle.startswith(shop):
                given["shop"] = shop
        return Speaker(shared().slots, self.rng, given).say(self.rng.pick(patterns))

    def brand_answers(self, to: Post) -> Post:
        return self._add(to, self.brand, _BRAND_MINUTES, self._say(reply_patterns().brand))

    def author_insists(self, to: Post) -> Post:
        words = roughened(self._say(reply_patterns().followup), self.audience, self.rng)
        return self._add(to, self.tweet.author, _AUTHOR_MINUTES, words)

    def stranger_joins(self) -> Post:
        is_answer_to_reply = bool(self.replies) and self.rng.chance(0.25)
        to = self.rng.pick(self.replies) if is_answer_to_reply else self.tweet
        kin = self.crowd.authors[self.audience.name]
        author = returning(kin if self.rng.chance(0.4) else self.crowd.bystanders, self.rng)
        kind = _KINDS[self.rng.weighted(_KIND_WEIGHTS)]
        words = self._say(getattr(reply_patterns(), kind))
        if kind == "disagree" or (kind != "chatter" and self.rng.chance(0.4)):
            words = f"{words} {self._say(self.rng.pick(self.audience.stories).details)}"
        return self._add(to, author, _STRANGER_MINUTES, roughened(words, self.audience, self.rng))

    def grow(self, count: int) -> list[Post]:
        """Add replies until there are `count`."""
        brand_is_awake = self.rng.chance(self.audience.style.brand_reply)
        while len(self.replies) < count:
            last = self.replies[-1] if self.replies else self.tweet
            if last.author is self.brand and self.rng.chance(0.55):
                self.author_insists(last)
            elif brand_is_awake and last.author is self.tweet.author and self.rng.chance(0.7):
                self.brand_answers(last)
            else:
                self.stranger_joins()
        return self.replies


def conversation(
    tweets: Sequence[tuple[Post, PlantedAudience, bool]], crowd: Crowd, total: int = N_REPLIES
) -> list[Post]:
    """Write the replies to all tweets.

    Parameters
    ----------
    tweets
        Each with its audience, and whether it is an original; copies and short tweets get few
        replies.
    crowd
        Who may reply.
    total
        Total number of replies.
    """
    weights = [
        (1.0 if is_original else 0.2)
        * audience.style.reply_weight
        * PortableRandom("interest", tweet.tweet_id).lognormal(1.0, 1.2)
        for tweet, audience, is_original in tweets
    ]
    return [
        reply
        for (tweet, audience, _), count in zip(tweets, shares(weights, total), strict=True)
        for reply in _Thread(tweet, audience, crowd).grow(count)
    ]
