"""Countries: two letters in the tables, names in the reader's language on the screen."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from core.countries import country_choices, country_name
from core.models import EventRecord
from orders.models import Order
from tests.factories import make_channel, make_customer, make_order, make_user, make_variant

SEE = ("orders.view_order", "customers.see_contact_data")


@pytest.mark.parametrize(("language", "name"), [("en", "South Korea"), ("ko", "대한민국"), ("ja", "韓国")])
def test_a_name_in_the_readers_language(language, name):
    with override(language):
        assert country_name("KR") == name
        assert dict(country_choices())["KR"] == name


def test_what_is_no_country_stays_as_it_is():
    assert [country_name(code) for code in ("", "??", "ZZ", "EU")] == ["", "??", "ZZ", "EU"]


def test_choices_are_countries_in_the_order_of_their_names():
    with override("en"):
        names = [name for _code, name in country_choices()]
    assert names[:3] == ["Afghanistan", "Åland Islands", "Albania"]
    assert names[-1] == "Zimbabwe"
    assert len(names) == 250


@pytest.mark.django_db
class TestOrderPage:
    @pytest.fixture
    def order(self):
        return make_order((make_variant(), 1), country="KR", city="서울")

    def open(self, client, order, *, permissions, language="en"):
        client.force_login(make_user(permissions=permissions, language=language))
        return client.get(reverse("admin:orders_order_change", args=[order.pk]))

    def send(self, client, page, **over):
        form = page.context["adminform"].form
        shown = {name: form[name].value() or "" for name in form.fields}
        return client.post(page.request["PATH_INFO"], {**shown, "_opened": page.context["opened_token"], **over})

    def test_the_country_is_chosen_by_name(self, client, order):
        page = self.open(client, order, permissions=[*SEE, "orders.change_order"], language="ja")
        assert '<option value="KR" selected>韓国</option>' in page.content.decode()
        assert self.send(client, page, country="JP").status_code == 302
        order.refresh_from_db()
        assert (order.country, order.city) == ("JP", "서울")

    def test_who_may_only_look_reads_the_name(self, client, order):
        text = self.open(client, order, permissions=SEE, language="ko").content.decode()
        assert "대한민국" in text
        assert 'name="country"' not in text

    def test_an_unknown_code_is_kept_and_a_new_one_refused(self, client, order):
        Order.objects.filter(pk=order.pk).update(country="QQ")
        page = self.open(client, order, permissions=[*SEE, "orders.change_order"])
        refused = self.send(client, page, country="XX", city="부산")
        assert list(refused.context["adminform"].form.errors) == ["country"]
        assert Order.objects.values_list("country", "city").get(pk=order.pk) == ("QQ", "서울")
        assert not EventRecord.objects.filter(name="orders.order_edited").exists()
        assert self.send(client, page, city="부산").status_code == 302
        assert Order.objects.values_list("country", "city").get(pk=order.pk) == ("QQ", "부산")


@pytest.mark.django_db
def test_lists_and_their_filters_show_names(client):
    make_customer(name="김민준", country="KR")
    make_customer(name="山田", country="JP")
    make_channel(country="KR")
    client.force_login(make_user(is_superuser=True, language="ko"))
    page = client.get(reverse("admin:customers_customer_changelist") + "?country=JP")
    assert [customer.name for customer in page.context["cl"].result_list] == ["山田"]
    [cell] = [line for line in page.context["table"].body().split("<td") if "국가" in line]
    assert cell.endswith(">일본")
    [spec] = [spec for spec in page.context["cl"].filter_specs if spec.field_path == "country"]
    shown = [choice["display"] for choice in spec.choices(page.context["cl"])]
    assert shown[1:] == ["일본", "대한민국"]
    assert "대한민국" in client.get(reverse("admin:catalog_saleschannel_changelist")).content.decode()
