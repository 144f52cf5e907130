"""Pages of prices: what they show, what they ask, what they refuse."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.admin import price_pages
from catalog.models import Price, PriceProposal, PriceRun
from catalog.selectors import pricing_grid
from catalog.services import set_price
from compliance.models import PriceClaimRule
from core.jobs import run
from tests.admin.pressing import press, press_many, said
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

SEES = ["catalog.view_product", "catalog.view_variant", "catalog.view_price", "catalog.view_priceproposal"]
DAY = timedelta(days=1)


@pytest.fixture
def channel():
    return make_channel(name="Seoul shop")


@pytest.fixture
def variant():
    return make_variant(sku="S")


@pytest.fixture(autouse=True)
def merchandiser(client):
    user = make_user(permissions=[*SEES, "catalog.change_price"])
    client.force_login(user)
    return user


def priced(variant, channel, amount, start=-10, end=None, **over):
    now = timezone.now()
    ends_at = None if end is None else now + end * DAY
    return set_price(
        variant_id=variant.pk,
        sales_channel_id=channel.pk,
        amount=amount,
        starts_at=now + start * DAY,
        ends_at=ends_at,
        **over,
    )


def local(days):
    return timezone.localtime(timezone.now() + days * DAY).strftime("%Y-%m-%dT%H:%M")


def test_a_campaign_is_set_in_the_dialog(client, variant, channel):
    priced(variant, channel, 1000)
    answer = press(
        client,
        variant,
        "set_price",
        sales_channel=channel.pk,
        amount="800",
        compare_at="1000",
        starts_at=local(2),
        ends_at=local(4),
    )
    assert said(answer)[0].startswith("₩800 on Seoul shop from ")
    assert list(Price.objects.order_by("starts_at").values_list("amount", "compare_at")) == [
        (1000, None),
        (800, 1000),
        (1000, None),
    ]


def test_the_panels_show_price_cost_and_margin(client, variant, channel):
    priced(variant, channel, 1000, cost=600)
    priced(variant, channel, 1200, 3)
    channel.margin_floor = 50
    channel.save()
    for page in (variant, variant.product):
        url = reverse(f"admin:catalog_{page._meta.model_name}_change", args=[page.pk])
        content = client.get(url).content.decode()
        for words in ("₩1,000", "₩600", "Margin 40 %", "lowest 50 %", "₩1,200"):
            assert words in content, (page, words)


def test_the_story_of_a_price(client, variant, channel, merchandiser):
    priced(variant, channel, 1000, actor=merchandiser)
    priced(variant, channel, 800, 3, 5)
    page = client.get(reverse("admin:catalog_price_history", args=[variant.pk, channel.pk]))
    content = page.content.decode()
    assert "recorded later" in content
    assert str(merchandiser) in content
    assert page.context["story"][0].state == "planned"
    assert page.context["chart"].data["stepped"] is True


def test_a_price_of_today_is_a_line_and_no_lonely_point(client, variant, channel):
    priced(variant, channel, 1000, 0)
    page = client.get(reverse("admin:catalog_price_history", args=[variant.pk, channel.pk]))
    assert len(page.context["chart"].data["labels"]) == 2


def test_the_proof_can_be_asked_and_printed(client, variant, channel):
    PriceClaimRule.objects.all().delete()
    PriceClaimRule.objects.create(code="x", jurisdiction="KR", method="lowest_in_window", window_days=20)
    price = priced(variant, channel, 1000)
    Price.objects.filter(pk=price.pk).update(recorded_at=price.starts_at)
    priced(variant, channel, 800, 0, compare_at=1200)
    url = reverse("admin:catalog_price_proof", args=[variant.pk, channel.pk])
    assert "The price before cannot be proved." in client.get(url).content.decode()
    assert "The price before can be proved." in client.get(url, {"reference": "1000"}).content.decode()


@pytest.mark.parametrize("query", ["?days=7", "?channel=x", "?days=30&channel=99999"])
def test_periods_that_are_none_are_refused(client, query):
    assert client.get(reverse("admin:catalog_scheduled_prices") + query).status_code == 400


def test_what_begins_and_ends_soon(client, variant, channel):
    priced(variant, channel, 1000)
    priced(variant, channel, 800, 3, 5)
    page = client.get(reverse("admin:catalog_scheduled_prices"))
    changes = [change for _on, rows in page.context["days"] for change in rows]
    assert [(change.before.amount, change.price.amount) for change in changes] == [(1000, 800), (800, 1000)]
    plan = Price.objects.get(amount=800)
    press(client, plan, "take_back")
    assert list(Price.objects.values_list("amount", flat=True)) == [1000]


def test_the_next_changes_are_shown_when_there_are_too_many(client, variant, channel, monkeypatch):
    monkeypatch.setattr(pricing_grid, "MOST_CHANGES", 1)
    monkeypatch.setattr(price_pages, "MOST_CHANGES", 1)
    priced(variant, channel, 1000)
    priced(variant, channel, 900, 7)
    others = [make_variant(product=variant.product) for _ in range(3)]
    for place, other in enumerate(others):  # they hold already, and end later than the other one begins
        priced(other, channel, 500, -10, 20 + place)
    page = client.get(reverse("admin:catalog_scheduled_prices"))
    assert [change.price.amount for _on, rows in page.context["days"] for change in rows] == [900]
    assert "These are the next 1 changes." in page.content.decode()


def test_the_list_says_what_can_be_proved(client, variant, channel):
    PriceClaimRule.objects.all().delete()
    PriceClaimRule.objects.create(code="x", jurisdiction="KR", method="lowest_in_window", window_days=20)
    price = priced(variant, channel, 1000)
    Price.objects.filter(pk=price.pk).update(recorded_at=price.starts_at)
    priced(variant, channel, 800, 0, compare_at=1200)
    content = client.get(reverse("admin:catalog_price_changelist") + "?tab=before").content.decode()
    assert "Not provable" in content
    Price.objects.filter(amount=800).update(compare_at=1000)
    content = client.get(reverse("admin:catalog_price_changelist") + "?tab=before").content.decode()
    assert "Provable" in content


def test_a_price_below_the_lowest_margin_waits_and_is_approved_by_another_person(client, channel, merchandiser):
    channel.margin_floor = 30
    channel.save()
    variants = [make_variant(sku=f"W{number}") for number in range(2)]
    for variant in variants:
        priced(variant, channel, 1000, cost=600)
    answer = press(client, variants[0], "set_price", sales_channel=channel.pk, amount="700", reason="last pieces")
    assert said(answer) == ["₩700 on Seoul shop leaves a margin of 14 %: it waits for a second person."]
    press(client, variants[1], "set_price", sales_channel=channel.pk, amount="650")
    ids = list(PriceProposal.objects.values_list("pk", flat=True))
    assert Price.objects.count() == 2
    assert press_many(client, PriceProposal, "approve_selected", ids).status_code == 403

    client.force_login(make_user(permissions=[*SEES, "catalog.approve_price"]))
    page = client.get(reverse("admin:catalog_priceproposal_changelist")).content.decode()
    assert "₩700" in page
    assert "last pieces" in page
    assert said(press_many(client, PriceProposal, "approve_selected", ids, note="")) == ["2 done"]
    assert sorted(Price.objects.filter(ends_at=None).values_list("amount", flat=True)) == [650, 700]


def rule_data(variant, channel, **over):
    return {
        "command": "preview",
        "choice": "products",
        "products": str(variant.product_id),
        "channels": [channel.pk],
        "kind": "percent",
        "value": "-10",
        "rounding": "to_100",
        **over,
    }


def test_a_rule_is_seen_applied_and_taken_back(client, variant, channel):
    priced(variant, channel, 1980, cost=500)
    other = make_variant(sku="T", product=variant.product)
    answer = client.post(reverse("admin:catalog_price_rule"), rule_data(variant, channel, show_before="on"))
    draft = PriceRun.objects.get()
    assert answer.url == reverse("admin:catalog_price_run", args=[draft.pk])
    page = client.get(answer.url)
    (ruled,) = page.context["prices"]
    assert (ruled.before, ruled.amount, ruled.compare_at, ruled.margin) == (1980, 1800, 1980, 72)
    assert Price.objects.count() == 1

    client.post(answer.url, {"command": "apply"})
    client.post(answer.url, {"command": "apply"})
    draft.refresh_from_db()
    assert draft.state == "queued"
    run(draft.job_id)
    draft.refresh_from_db()
    assert (draft.state, draft.job.outcome) == ("done", {"set": 1})
    assert list(Price.objects.order_by("pk").values_list("amount", "compare_at")) == [(1980, None), (1800, 1980)]
    assert "₩1,800" in client.get(answer.url).content.decode()

    client.post(answer.url, {"command": "take_back"})
    draft.refresh_from_db()
    run(draft.job_id)
    draft.refresh_from_db()
    assert draft.state == "taken_back"
    assert Price.objects.get(ends_at=None).amount == 1980
    assert not other.prices.exists()


def test_what_somebody_changed_since_stays(client, variant, channel):
    priced(variant, channel, 1980)
    client.post(reverse("admin:catalog_price_rule"), rule_data(variant, channel))
    draft = PriceRun.objects.get()
    url = reverse("admin:catalog_price_run", args=[draft.pk])
    client.post(url, {"command": "apply"})
    draft.refresh_from_db()
    run(draft.job_id)
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1500)
    client.post(url, {"command": "take_back"})
    draft.refresh_from_db()
    run(draft.job_id)
    page = client.get(url)
    assert "Another price was set since: look at it yourself." in page.content.decode()
    assert Price.objects.get(ends_at=None).amount == 1500


def test_what_waits_is_withdrawn_with_the_change(client, variant, channel):
    priced(variant, channel, 1000, cost=600)
    channel.margin_floor = 35
    channel.save()
    client.post(reverse("admin:catalog_price_rule"), rule_data(variant, channel))
    draft = PriceRun.objects.get()
    url = reverse("admin:catalog_price_run", args=[draft.pk])
    for command, state, outcome in (("apply", "done", {"waiting": 1}), ("take_back", "taken_back", {"taken_back": 1})):
        client.post(url, {"command": command})
        draft.refresh_from_db()
        run(draft.job_id)
        draft.refresh_from_db()
        assert (draft.state, draft.job.outcome) == (state, outcome)
    assert PriceProposal.objects.get().state == "withdrawn"
    assert Price.objects.get().amount == 1000


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"value": "a lot"}, "value"),
        ({"products": ""}, "choice"),
        ({"choice": "brand"}, "brand"),
        ({"kind": "copy", "value": "0.5"}, "source"),
        ({"kind": "margin", "value": "100"}, "value"),
        ({"channels": []}, "channels"),
        ({"ends_at": "2020-01-01T00:00"}, "ends_at"),
        ({"value": "-100"}, "value"),
    ],
)
def test_rules_that_cannot_be_are_refused_beside_their_input(client, variant, channel, over, field):
    priced(variant, channel, 1980)
    page = client.post(reverse("admin:catalog_price_rule"), rule_data(variant, channel, **over))
    assert list(page.context["form"].errors) == [field]
    assert not PriceRun.objects.exists()


def test_chosen_products_are_led_to_the_rule(client, variant, channel):
    answer = press_many(client, type(variant), "change_prices_of_variants", [variant.pk])
    draft = PriceRun.objects.get()
    assert answer.url == reverse("admin:catalog_price_run", args=[draft.pk])
    assert draft.wish["chosen"] == [variant.product_id]


@pytest.mark.parametrize(
    "name",
    ["catalog_price_rule", "catalog_scheduled_prices", "catalog_price_changelist", "catalog_priceproposal_changelist"],
)
def test_without_the_right_nothing_is_shown(client, name):
    client.force_login(make_user(permissions=["catalog.view_product"]))
    assert client.get(reverse(f"admin:{name}")).status_code == 403
