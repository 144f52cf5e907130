"""Searches that people keep: tabs with counts, own or shared, never with words that the list does not declare."""

import pytest
from django.test import Client

from core.models import SavedView
from tests.factories import make_order, make_user, make_variant

pytestmark = pytest.mark.django_db
LIST, PAGE = "/admin/orders/order/", "/admin/views/"


def client_of(*permissions: str) -> Client:
    client = Client()
    user = make_user(permissions=["orders.view_order", *permissions])
    client.force_login(user)
    client.user = user
    return client


def save(client: Client, query: str, name: str = "Mine", **over: object) -> int:
    data = {"command": "save", "new-name": name, "new-rank": "5", **over}
    return client.post(f"{PAGE}?list=orders.order&query={query}", data).status_code


def tabs(client: Client, query: str = "tab=all") -> list[tuple[str, str, bool]]:
    items = client.get(f"{LIST}?{query}").context["tab_items"]
    return [(str(item["label"]), item["count"], item["active"]) for item in items][12:]


def test_a_saved_search_becomes_a_tab_with_a_count():
    variant = make_variant()
    one = make_order((variant, 1))
    make_order((variant, 1), status="to_ship")
    client = client_of()
    query = f"tab%3Dto_confirm%26sales_channel__id__exact%3D{one.sales_channel_id}%26p%3D2"

    assert "Save view" in client.get(f"{LIST}?tab=all&q=T-").content.decode()
    assert save(client, query) == 302

    view = SavedView.objects.get()
    assert view.query == f"sales_channel__id__exact={one.sales_channel_id}&tab=to_confirm"
    assert tabs(client) == [("Mine", "1", False)]
    assert tabs(client, view.query) == [("Mine", "1", True)]
    assert tabs(client_of()) == []  # it is mine


def test_shared_views_are_everybodys_and_show_only_what_one_may_see():
    make_order((make_variant(), 1))
    lead, other = client_of("core.share_savedview"), client_of()
    assert save(lead, "tab%3Dto_confirm", **{"new-is_shared": "on"}) == 302
    assert tabs(other) == [("Mine", "1", False)]
    view = SavedView.objects.get()

    other.post(f"{PAGE}?list=orders.order", {"command": "drop", "view": view.pk})
    assert SavedView.objects.count() == 1
    assert save(other, "tab%3Dto_ship", **{"new-is_shared": "on"}) == 302
    assert SavedView.objects.count() == 1  # refused: sharing is a right
    lead.post(f"{PAGE}?list=orders.order", {"command": "change", "view": view.pk, "name": "Ours", "rank": "1"})
    view.refresh_from_db()
    assert (view.name, view.rank, view.is_shared) == ("Ours", 1, False)
    lead.post(f"{PAGE}?list=orders.order", {"command": "drop", "view": view.pk})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("query", ["buyer_phone__startswith%3D010", "tab%3Dnonsense", ""])
def test_a_query_that_the_list_does_not_declare_is_not_kept(query):
    assert save(client_of(), query) in {200, 302}
    assert not SavedView.objects.exists()


def test_a_view_whose_words_are_gone_breaks_no_list():
    client = client_of()
    SavedView.objects.create(owner=client.user, model="orders.order", name="Old", query="tab=gone")
    assert tabs(client) == [("Old", "?", False)]


def test_a_list_that_one_may_not_see_has_no_views():
    assert client_of().get(f"{PAGE}?list=staff.user").status_code == 403
    assert client_of().get(f"{PAGE}?list=nonsense").status_code == 404
