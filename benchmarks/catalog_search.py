"""Search among 100,000 variants: exact, two characters, mistyped in three languages, former names, nothing found.

    python -m benchmarks catalog_search [--variants 100000] [--rounds 9]

Server time is that of whole requests through every middleware, as an EC manager, warm; the median counts. The catalogue
is made by the service that imports use, with words enough for a shop (see "different words"), always the same.
"""

import argparse
import random
import time
from collections.abc import Iterator

from django.db import connection, transaction
from django.test import Client

from benchmarks.order_list import page_cost, statements
from benchmarks.people import manager
from benchmarks.report import Figure, publish
from benchmarks.server import owner
from catalog.models import Product, Variant
from catalog.services import NewProduct, NewVariant, create_products, refresh_search_text
from core.models import SearchWord
from core.similar import similar_to

PRODUCTS = "/admin/catalog/product/"
VARIANTS = "/admin/catalog/variant/"
MS = 150
QUERIES = 12
SIZES = 4  # variants of a product
AT_ONCE = 5000

ENGLISH = ("Linen Cotton Woollen Denim Velvet Striped Floral Oversized Cropped Pleated Quilted Ribbed".split(), (
    "Hoodie Cardigan Shirt Dress Skirt Trousers Jacket Sweater Pyjamas Backpack Sneakers Scarf Beanie Sandals".split()
))  # fmt: skip
KOREAN = ("린넨 면 울 데님 벨벳 스트라이프 꽃무늬 오버핏 크롭 플리츠 누빔 골지".split(), (
    "후드티 가디건 셔츠 원피스 스커트 바지 재킷 맨투맨 잠옷 백팩 스니커즈 목도리 비니 샌들".split()
))  # fmt: skip
JAPANESE = (
    "リネン コットン ウール デニム ベルベット ストライプ 花柄 オーバーサイズ クロップド プリーツ キルト リブ".split(),
    (
        "パーカー カーディガン シャツ ワンピース スカート パンツ ジャケット セーター パジャマ リュック スニーカー"
        " マフラー ビーニー サンダル"
    ).split(),
)
LATIN = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]
HANGUL = [
    chr(0xAC00 + (lead * 21 + vowel) * 28) for lead in (0, 2, 3, 5, 6, 7, 9, 12, 18) for vowel in (0, 4, 8, 13, 20)
]
KANA = list("カキケコサシスセソタチテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ")

SEARCHES = {
    "exact: hoodie": "hoodie",
    "exact: 원피스": "원피스",
    "exact: ワンピース": "ワンピース",
    "exact, other kana: わんぴーす": "わんぴーす",
    "exact: two words": "linen hoodie",
    "two characters: 바지": "바지",
    "two characters: リブ": "リブ",
    "two characters, other kana: りぶ": "りぶ",
    "mistyped: hoddie": "hoddie",
    "mistyped: 원피쓰": "원피쓰",
    "mistyped: 멘투멘": "멘투멘",
    "mistyped: ワンピス": "ワンピス",
    "mistyped: わんぴす": "わんぴす",
    "mistyped: two words": "linen hoddie",
    "mistyped: four words, three languages": "linen hoddie 후두티 パカー",
    "former name": "discontinuedname",
    "former name, mistyped": "discontinuedmane",
    "nothing: refrigerator": "refrigerator",
    "nothing: 냉장고": "냉장고",
    "nothing: れいぞうこ": "れいぞうこ",
    "nothing: two characters 뷁뷁": "뷁뷁",
    "nothing: 8 words": "qqqqq wwwww eeeee rrrrr ttttt yyyyy uuuuu iiiii",
}


def goods(count: int) -> Iterator[NewProduct]:
    """Yield products with titles in three languages and a series name that few others have."""
    chance = random.Random(4)
    for number in range(count // SIZES):
        adjective, noun = chance.randrange(len(ENGLISH[0])), chance.randrange(len(ENGLISH[1]))
        latin, hangul, kana = (
            "".join(chance.choice(parts) for _ in range(chance.randint(2, 4))) for parts in (LATIN, HANGUL, KANA)
        )
        yield NewProduct(
            code=f"BS-{number:06}",
            name=f"{ENGLISH[0][adjective]} {ENGLISH[1][noun]} {latin.title()}",
            brand=f"{chance.choice(LATIN)}{chance.choice(LATIN[:5])}".title(),
            texts={
                "ko": (f"{hangul} {KOREAN[0][adjective]} {KOREAN[1][noun]}", ""),
                "ja": (f"{kana} {JAPANESE[0][adjective]}{JAPANESE[1][noun]}", ""),
            },
            variants=[NewVariant(sku=f"BS-{number:06}-{size}", name=f"블랙 / {size}") for size in range(SIZES)],
        )


def prepare(count: int) -> list[Figure]:
    """Make the catalogue unless it is there; return what that took."""
    there = Variant.objects.count()
    if there == count:
        return []
    if there:
        raise SystemExit(f"{there:,} variants are there already: delete var/bench/catalog_search first.")
    print(f"making {count:,} variants (a minute) ...", flush=True)
    began = time.perf_counter()
    some: list[NewProduct] = []
    for product in goods(count):
        some.append(product)
        if len(some) == AT_ONCE:
            create_products(products=some, is_active=True)
            some = []
    create_products(products=some, is_active=True)
    made = time.perf_counter() - began
    pks = list(Product.objects.order_by("pk").values_list("pk", flat=True)[:1000])
    with transaction.atomic():
        Product.objects.filter(pk__in=pks).update(name="Discontinuedname")
        refresh_search_text(product_ids=pks)
        Product.objects.filter(pk__in=pks).update(name="Successor")
        refresh_search_text(product_ids=pks)
    with owner() as database, database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return [Figure("making the catalogue", made, "s", note=f"{count / made:,.0f} variants a second")]


def search_figures(client: Client, rounds: int) -> list[Figure]:
    """Return server time of each search in both lists, and the most statements of a page."""
    figures, most = [], 0
    for title, address in (("products", PRODUCTS), ("variants", VARIANTS)):
        for name, words in SEARCHES.items():
            url = f"{address}?q={words}"
            cost, attempts = page_cost(client, url, rounds)
            number = statements(client, url)
            most = max(most, number)
            processor = cost.python + cost.database
            note = f"{processor:.0f} ({cost.python:.0f} + {cost.database:.0f}), {number} statements"
            note = note if attempts == 1 else f"{note}, try {attempts}"
            figures.append(Figure(f"{title}, {name}", cost.clock, "ms", MS, note, processor))
    for name in ("hoodie", "hoddie", "원피쓰", "refrigerator"):
        cost, _attempts = page_cost(client, f"/admin/search/?s={name}", rounds)
        figures.append(Figure(f"search box, {name}", cost.clock, "ms", MS, "", cost.python + cost.database))
    return [*figures, Figure("most statements of a list", most, "", QUERIES)]


def word_figures(rounds: int) -> list[Figure]:
    """Return how many words there are and what comparing with them takes."""
    figures = [Figure("different words", SearchWord.objects.filter(subject="catalog").count(), "")]
    for query in ("hoddie", "원피쓰", "ワンピス", "refrigerator"):
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            similar_to(query, subject="catalog")
            times.append((time.perf_counter() - began) * 1000)
        figures.append(Figure(f"  similar to {query}", sorted(times)[rounds // 2], "ms"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('core_searchword') / 1e6")
        figures.append(Figure("  size of their table", float(cursor.fetchone()[0]), "MB"))
    return figures


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks catalog_search")
    parser.add_argument("--variants", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    made = prepare(options.variants)
    _user, client = manager()
    figures = made + search_figures(client, options.rounds) + word_figures(options.rounds)
    about = (
        f"{options.variants:,} variants of {options.variants // SIZES:,} products, medians of {options.rounds}, warm"
    )
    return publish("catalog_search", figures, about, "processor ms (Python + PostgreSQL), statements")
