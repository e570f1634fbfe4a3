from __future__ import annotations

import pytest

from ri_assets.config import load_profile
from ri_assets.errors import CorpusError
from ri_assets.sources.languages import languages_of, require_read, script_of

EMBED = load_profile("report").embed
ENGLISH = (
    "my order is late again and nobody answers the phone",
    "best noodles in town, I will come back next week",
    "why does the app log me out every single morning",
)
HINGLISH = (
    "yaar mera order abhi tak nahi aaya kya karu",
    "bhai delivery wala bahut late hai aaj phir se",
    "kya yaar refund kab milega itna wait karna padta hai",
)
OTHERS = {
    "Spanish": (
        "mi pedido no ha llegado todavia y nadie responde",
        "que buena atencion la de ayer en la tienda del centro",
        "no puedo creer lo caro que esta todo este mes",
    ),
    "German": (
        "mein paket ist immer noch nicht da und niemand antwortet",
        "heute morgen war der zug mal wieder viel zu voll",
        "das essen war wirklich sehr lecker und gar nicht teuer",
    ),
    "Indonesian": (
        "pesanan saya belum sampai juga sampai sekarang, tolong dibantu",
        "kenapa aplikasinya selalu tidak bisa dibuka sejak tadi pagi",
        "makanannya enak sekali dan harganya sangat murah di sini",
    ),
    "Japanese": ("昨日頼んだ荷物がまだ届かない", "この店の味噌汁は本当に美味しい"),
    "Hindi": ("मेरा ऑर्डर अभी तक नहीं आया है", "खाना बहुत स्वादिष्ट था और सस्ता भी"),
    "Arabic": ("الطلب تأخر كثيرا ولا أحد يرد على الهاتف",),
    "Russian": ("мой заказ до сих пор не пришёл, и никто не отвечает",),
    "Thai": ("อาหารอร่อยมากและส่งเร็วด้วย ขอบคุณมาก",),
}


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_is_refused_by_name(language: str) -> None:
    with pytest.raises(CorpusError, match=r"embed\.model") as refused:
        require_read(languages_of(OTHERS[language] * 10), EMBED)
    assert language in refused.value.found


@pytest.mark.parametrize("texts", [ENGLISH, HINGLISH, ENGLISH + HINGLISH])
def test_english_and_hinglish_are_read(texts: tuple[str, ...]) -> None:
    found = languages_of(texts)
    assert found.n_unread == 0
    require_read(found, EMBED)


@pytest.mark.parametrize("language", OTHERS)
def test_a_minority_is_welcome(language: str) -> None:
    texts = [*ENGLISH, *HINGLISH] * 10 + [*OTHERS[language]] * 10
    found = languages_of(texts)
    assert 0 < found.unread_share < 0.5
    require_read(found, EMBED)


def test_emoji_handles_links_and_numbers_do_not_count() -> None:
    noise = "@кто_то https://пример.рф/путь 😀😀😀 １２３ ご"
    assert script_of(noise) is None
    assert script_of(f"{noise} plain words") == "Latin"
    found = languages_of([f"{noise} {text}" for text in ENGLISH])
    assert dict(found.scripts) == {"Latin": 3}
    assert dict(found.languages) == {"English": 3}


def test_texts_without_letters_are_not_judged() -> None:
    found = languages_of(["😀", "123", "@someone", ""])
    assert (found.n, found.unread_share) == (0, 0)
    require_read(found, EMBED)


def test_short_texts_are_undetermined() -> None:
    assert dict(languages_of(["gracias amigo", "merci beaucoup"]).languages) == {"undetermined": 2}


def test_another_model_is_the_users_choice() -> None:
    own = EMBED.model_copy(update={"model": "models/multilingual", "sha256": None})
    require_read(languages_of(OTHERS["Japanese"] * 10), own)
    copied = EMBED.model_copy(update={"model": "models/all-MiniLM-L6-v2/"})
    with pytest.raises(CorpusError):
        require_read(languages_of(OTHERS["Japanese"] * 10), copied)


def test_of_many_texts_a_sample_is_judged() -> None:
    assert languages_of([*ENGLISH, *HINGLISH] * 1_000).n == 2_000
