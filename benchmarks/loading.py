"""A million believable orders in one statement: six channels, eight states, names in three languages; always the same.

Orders are numbered by time over 18 months. The newest three of a hundred are mostly open, of the others one in two
thousand still is. Search texts are those of ``orders.services``, folded as ``core.search`` folds (checked on a sample).
"""

# ruff: noqa: E501  statements read better whole
from datetime import UTC, datetime
from typing import Any

from core.search import fold

CHANNELS = [  # code, name, kind, currency, country, orders of a hundred
    ("bench-naver", "네이버 스마트스토어", "naver", "KRW", "KR", 38),
    ("bench-rakuten", "楽天市場", "rakuten", "JPY", "JP", 24),
    ("bench-coupang", "쿠팡", "coupang", "KRW", "KR", 17),
    ("bench-amazon", "Amazon.co.jp", "amazon", "JPY", "JP", 11),
    ("bench-own", "Own shop", "own", "KRW", "KR", 7),
    ("bench-yahoo", "Yahoo!ショッピング", "yahoo_jp", "JPY", "JP", 3),
]
# the more common a name, the earlier it stands: places are drawn as the square of a random number
KO_FAMILY = "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍"
KO_GIVEN = """
민준 서연 서준 지우 도윤 서윤 예준 하은 시우 하윤 주원 민서 하준 지유 지호 윤서 준서 채원 준우 수아 현우 지아 도현 지민 건우
다은 우진 은서 선우 예은 서진 지안 연우 소율 유준 예린 정우 수빈 승우 유나 승현 소윤 준혁 하린 지훈 나은 영수 미경 성호 은정
"""
JA_FAMILY = """
佐藤/さとう 鈴木/すずき 高橋/たかはし 田中/たなか 伊藤/いとう 渡辺/わたなべ 山本/やまもと
中村/なかむら 小林/こばやし 加藤/かとう 吉田/よしだ 山田/やまだ 佐々木/ささき 山口/やまぐち
松本/まつもと 井上/いのうえ 木村/きむら 林/はやし 斎藤/さいとう 清水/しみず
"""
JA_GIVEN = """
陽菜/ひな 蓮/れん 結衣/ゆい 湊/みなと 葵/あおい 悠真/ゆうま 凛/りん 大翔/ひろと
花子/はなこ 太郎/たろう 美咲/みさき 翔太/しょうた さくら/さくら 健一/けんいち 七海/ななみ 拓也/たくや
愛/あい 大輔/だいすけ 彩/あや 直樹/なおき 由美子/ゆみこ 誠/まこと 恵/めぐみ 隆/たかし
"""
EN_GIVEN = """
Emma Liam Olivia Noah Ava James Sophia Lucas Mia Henry Amelia Jack Grace Leo Hannah Oscar Alice Hugo Ruth Ivan
"""
EN_FAMILY = """
Smith Miller Brown Taylor Wilson Moore Clark Hall Young King Wright Scott Green Baker Adams Nelson Carter Hill Ford Wells
"""
MONTHS = 18

_CHANCE = """
CREATE OR REPLACE FUNCTION pg_temp.chance(n bigint, draw int) RETURNS float LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (hashint8extended(n, draw) & 2147483647)::float / 2147483648
$$
"""
_PICK = """
CREATE OR REPLACE FUNCTION pg_temp.pick(words text[], chance float) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT words[1 + floor(cardinality(words) * chance * chance)::int]
$$
"""
_ORDERS = """
WITH shop AS (
    SELECT id, currency, country, upto, lag(upto, 1, 0) OVER (ORDER BY upto) AS above
    FROM unnest(%(codes)s::text[], %(upto)s::int[]) AS share(code, upto) JOIN catalog_saleschannel USING (code)
), drawn AS (
    SELECT n, pg_temp.chance(n, 1) * 100 AS shop_at, pg_temp.chance(n, 2) AS fate, pg_temp.chance(n, 3) AS family,
           pg_temp.chance(n, 4) AS given, pg_temp.chance(n, 5) AS latin, pg_temp.chance(n, 6) AS price,
           %(until)s::timestamptz - make_interval(secs => (%(count)s - n + pg_temp.chance(n, 7)) * %(step)s) AS placed_at,
           n > %(count)s * 0.97 AS is_recent
    FROM generate_series(1, %(count)s::bigint) AS n
), named AS (
    SELECT drawn.*, shop.id AS channel_id, currency, country, CASE
               WHEN latin < 0.06 THEN pg_temp.pick(%(en_given)s, given) || ' ' || pg_temp.pick(%(en_family)s, family)
               WHEN country = 'KR' THEN pg_temp.pick(%(ko_family)s, family) || pg_temp.pick(%(ko_given)s, given)
               ELSE pg_temp.pick(%(ja_family)s, family) || ' ' || pg_temp.pick(%(ja_given)s, given) END AS both_forms
    FROM drawn JOIN shop ON shop_at >= above AND shop_at < upto
), told AS (
    SELECT named.*, CASE
               WHEN fate < 0.04 THEN 'cancelled'
               WHEN NOT is_recent THEN CASE WHEN fate < 0.0405 THEN 'to_ship' ELSE 'shipped' END
               WHEN fate < 0.42 THEN 'to_ship' WHEN fate < 0.57 THEN 'to_confirm' WHEN fate < 0.67 THEN 'awaiting_payment'
               WHEN fate < 0.72 THEN 'new' WHEN fate < 0.77 THEN 'awaiting_stock' WHEN fate < 0.80 THEN 'partly_shipped'
               ELSE 'shipped' END AS status,
           regexp_replace(both_forms, '/[^ ]*', '', 'g') AS name,
           CASE WHEN both_forms LIKE '%%/%%' THEN regexp_replace(both_forms, '[^ ]*/', '', 'g') ELSE '' END AS kana,
           'O-' || to_char(n, 'FM0000000') AS number,
           to_char(placed_at, 'YYYYMMDD') || to_char((n * 7919) %% 10000000, 'FM0000000') AS external_number,
           'buyer' || (n * 31) %% 400000 || '@example.com' AS email,
           (ceil(8000 * power(10, price * price * 1.6)) * CASE WHEN currency = 'JPY' THEN 0.11 ELSE 1 END)::bigint AS goods
    FROM named
)
INSERT INTO orders_order (number, sales_channel_id, external_number, status, to_check, placed_at, ship_by, currency,
    goods_total, extras_total, total, paid_total, line_count, payment_method, is_prepaid, buyer_name, buyer_email,
    buyer_phone, recipient_name, recipient_kana, recipient_phone, postcode, region, city, address_1, address_2, country,
    customer_note, staff_note, search_text, channel_values, confirmed_at, shipped_at, cancelled_at, cancel_reason, updated_at)
SELECT number, channel_id, external_number, status, CASE status WHEN 'new' THEN 'unknown_product' ELSE '' END, placed_at,
    placed_at + interval '2 days', currency, goods, 0, goods, CASE WHEN status = 'awaiting_payment' THEN 0 ELSE goods END,
    1 + (n %% 3), 'card', true, name, email, '', name, kana, '', '', '', '', '', '', country, '', '',
    lower(concat_ws(' ', number, external_number, name, nullif(kana, ''), email)), '{}',
    CASE WHEN status IN ('to_ship', 'shipped', 'awaiting_stock', 'partly_shipped') THEN placed_at + interval '1 hour' END,
    CASE WHEN status = 'shipped' THEN placed_at + interval '1 day' END,
    CASE WHEN status = 'cancelled' THEN placed_at + interval '1 hour' END, '', placed_at
FROM told ORDER BY n
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = 'orders_order'::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


def load_orders(cursor: Any, *, count: int, until: datetime | None = None) -> None:
    """Insert ``count`` orders, the newest placed at ``until`` (default: now), and analyse; needs no right of an owner."""
    _insert_channels(cursor)
    cursor.execute(_CHANCE)
    cursor.execute(_PICK)
    bounds = [sum(channel[5] for channel in CHANNELS[: place + 1]) for place in range(len(CHANNELS))]
    parameters = {
        "codes": [channel[0] for channel in CHANNELS],
        "upto": bounds,
        "count": count,
        "until": until or datetime.now(UTC),
        "step": MONTHS * 30.4 * 86400 / count,
        "ko_family": KO_FAMILY.split(),
        "ko_given": KO_GIVEN.split(),
        "ja_family": JA_FAMILY.split(),
        "ja_given": JA_GIVEN.split(),
        "en_given": EN_GIVEN.split(),
        "en_family": EN_FAMILY.split(),
    }
    cursor.execute(_ORDERS, parameters)
    _check_folding(cursor)
    cursor.execute("ANALYZE orders_order")


def load_quickly(cursor: Any, *, count: int) -> None:
    """Replace all orders by ``count`` new ones: indexes last, then VACUUM. For the superuser, outside a transaction."""
    cursor.execute("SET maintenance_work_mem = '1GB'")
    cursor.execute("SET session_replication_role = replica")  # what was decided about orders is a ledger
    cursor.execute("TRUNCATE orders_order CASCADE")
    cursor.execute("RESET session_replication_role")
    indexes = cursor.execute(_INDEXES).fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    load_orders(cursor, count=count)
    for _name, definition in indexes:
        cursor.execute(definition)
    cursor.execute("VACUUM ANALYZE orders_order")


def _insert_channels(cursor: Any) -> None:
    for code, name, kind, currency, country, _share in CHANNELS:
        cursor.execute(
            "INSERT INTO catalog_saleschannel (code, name, kind, currency, country, time_zone, ship_within_days, is_active)"
            " VALUES (%s, %s, %s, %s, %s, 'Asia/Seoul', 2, true) ON CONFLICT (code) DO NOTHING",
            [code, name, kind, currency, country],
        )


def _check_folding(cursor: Any) -> None:
    cursor.execute("SELECT search_text FROM orders_order ORDER BY id DESC LIMIT 2000")
    odd = [text for (text,) in cursor.fetchall() if fold(text) != text]
    if odd:
        raise ValueError(f"not folded: {odd[0]}")
