"""Who is meant: trees counted against hand-picked customers, snapshots that stay, exports with a reason."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from core.models import EventRecord, Job
from core.tasks import run_job
from crm.conditions import MOST_LEAVES, customers_in, segment_kinds, tree_sentence
from crm.models import Segment, SegmentSnapshot
from crm.services.merging import merge_customers
from crm.services.noting import tag_customer
from crm.services.patterns import refresh_patterns
from crm.services.segmenting import export_segment, save_segment, take_snapshot, tell_of_due_segments
from customers.models import Customer
from staff.models import Notification
from tests.admin.pressing import press
from tests.crm.making import bought
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db
RIGHTS = [f"crm.{what}_segment" for what in ("view", "add", "change", "use", "export")]
JAPAN = {"is": "country", "value": {"country": "JP"}}
VIP = {"is": "tag", "value": {"tag": "VIP"}}
TWICE = {"is": "ordered", "value": {"times": 2, "days": 365}}


@pytest.fixture
def boss():
    return make_user(permissions=[*RIGHTS, "core.export_data", "core.view_job"])


@pytest.fixture
def people():
    """Four customers: from Japan and tagged, from Japan, tagged, and one who ordered twice."""
    found = [make_customer(name=f"Buyer {place}", country="JP" if place < 2 else "KR") for place in range(4)]
    for place in (0, 2):
        tag_customer(customer_id=found[place].pk, names=["vip"], actor=None)
    today = timezone.localdate()
    for back in (3, 40):
        bought(found[3], today - timedelta(days=back))
    bought(found[0], today - timedelta(days=3))
    return found


def numbers(people, *parts, join="all"):
    found = customers_in({"join": join, "parts": list(parts)}).values_list("pk", flat=True)
    return [place for place, person in enumerate(people) if person.pk in set(found)]


def test_trees_mean_what_they_say(people):
    assert numbers(people, JAPAN) == [0, 1]
    assert numbers(people, JAPAN, VIP) == [0]
    assert numbers(people, JAPAN, VIP, join="any") == [0, 1, 2]
    assert numbers(people, JAPAN, VIP, join="none") == [3]
    assert numbers(people, {"join": "none", "parts": [JAPAN]}, {"join": "any", "parts": [VIP, TWICE]}) == [2, 3]
    assert numbers(people, {"is": "ordered", "value": {"times": 1, "days": 365}}) == [0, 3]


def test_a_merged_customer_is_not_counted_twice(people):
    merge_customers(survivor_id=people[0].pk, absorbed_id=people[1].pk, actor=None)
    assert numbers(people, JAPAN) == [0]


def test_every_kind_answers_and_is_said_in_words(people):
    refresh_patterns(day=timezone.localdate() + timedelta(days=1))
    values = {
        "group": {"group": "champion"}, "ordered": {"times": 1, "days": 30},
        "bought_category": {"category": "1", "days": 30}, "bought_product": {"product": "P-1", "days": 30},
        "purchases": {"times": 2}, "spent": {"amount": 2000, "currency": "KRW"}, "lapsed": {}, "expected": {"days": 30},
        "returned": {"times": 2, "days": 30}, "wrote": {"times": 1, "days": 30}, "country": {"country": "JP"},
        "language": {"language": "ko"}, "tag": {"tag": "vip"},
    }  # fmt: skip
    assert {kind.code for kind in segment_kinds()} >= set(values)
    found = {code: numbers(people, {"is": code, "value": value}) for code, value in values.items()}
    assert {code: who for code, who in found.items() if who and code not in {"country", "language"}} == {
        "ordered": [0, 3], "purchases": [3], "spent": [3], "tag": [0, 2],
    }  # fmt: skip
    assert all(tree_sentence({"is": code, "value": value}) for code, value in values.items())
    tree = {"join": "all", "parts": [{"join": "any", "parts": [JAPAN, VIP]}, TWICE]}
    assert tree_sentence(tree) == "(country: Japan or tag: VIP) and ordered 2 times or more within 365 days"


@pytest.mark.parametrize(
    "tree",
    [
        {"join": "all", "parts": []},
        {"join": "some", "parts": [JAPAN]},
        {"is": "shoe size", "value": {}},
        {"is": "ordered", "value": {"times": 0, "days": 30}},
        {"is": "ordered", "value": {"times": True, "days": 30}},
        {"is": "group", "value": {"group": "'; DROP"}},
        {"join": "all", "parts": [JAPAN] * (MOST_LEAVES + 1)},
        {"join": "all", "parts": [{"join": "all", "parts": [{"join": "all", "parts": [
            {"join": "all", "parts": [JAPAN]}]}]}]},
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused(tree, boss):
    with pytest.raises(InvalidInput):
        save_segment(name="X", purpose="X", owner=boss, review_on=date(2027, 1, 1), tree=tree, actor=boss)
    assert not Segment.objects.exists()
    assert not EventRecord.objects.filter(name="crm.segment_changed").exists()


def segment(boss, **over):
    values = {"name": "Japan", "purpose": "Autumn letter", "owner": boss, "review_on": date(2027, 1, 1)}
    return save_segment(**{**values, "tree": {"join": "all", "parts": [JAPAN]}, **over}, actor=boss)


def test_a_snapshot_stays_as_it_was(people, boss):
    japan = segment(boss)
    taken = take_snapshot(segment_id=japan.pk, used_for="Letter", actor=boss)
    Customer.objects.filter(pk=people[0].pk).update(country="KR")
    segment(boss, segment_id=japan.pk, tree={"join": "all", "parts": [VIP]})
    taken.refresh_from_db()
    assert (taken.customer_count, taken.tree["parts"]) == (2, [JAPAN])
    assert set(taken.members.values_list("customer", flat=True)) == {people[0].pk, people[1].pk}


def test_an_export_has_a_reason_a_right_and_a_record(people, boss, monkeypatch):
    japan = segment(boss)
    Customer.objects.filter(pk=people[0].pk).update(name="=1+1")
    with pytest.raises(InvalidInput):
        export_segment(segment_id=japan.pk, reason=" ", actor=boss)
    with pytest.raises(NotAllowed):
        export_segment(segment_id=japan.pk, reason="Letter", actor=make_user(permissions=RIGHTS))
    assert not SegmentSnapshot.objects.exists()
    assert not Job.objects.exists()
    with pytest.raises(NotAllowed, match="names in full"):
        export_segment(segment_id=japan.pk, reason="Letter", in_full=True, actor=boss)
    assert not SegmentSnapshot.objects.exists()
    job = export_segment(segment_id=japan.pk, reason="Letter shop", actor=boss)
    told = EventRecord.objects.get(name="crm.segment_exported")
    assert (told.actor_id, told.data["reason"], told.data["count"]) == (boss.pk, "Letter shop", 2)
    run_job(job.pk)
    job.refresh_from_db()
    with job.file.open("rb") as file:
        rows = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))
    assert rows[0] == ["customer", "name", "country", "language"]
    assert [row[0] for row in rows[1:]] == [str(people[0].pk), str(people[1].pk)]
    assert "Buyer 1" not in str(rows)  # masked: nobody asked for names
    assert not EventRecord.objects.filter(name="core.file_taken").exists()


def test_names_in_full_stand_in_the_download_register(people, client):
    boss = make_user(permissions=[*RIGHTS, "core.export_data", "core.view_job", "core.see_personal_columns"])
    client.force_login(boss)
    japan = segment(boss)
    press(client, japan, "export_people", reason="Letter shop", in_full="on")
    told = EventRecord.objects.get(name="core.file_taken")
    assert (told.actor, told.data["rows"], told.data["columns"], told.data["reason"], told.data["address"]) == (
        boss, 2, ["name"], "Letter shop", "127.0.0.1",
    )  # fmt: skip
    assert told.data["whose"] == [people[0].pk, people[1].pk]
    job = Job.objects.get()
    run_job(job.pk)
    job.refresh_from_db()
    with job.file.open("rb") as file:
        assert "Buyer 1" in file.read().decode("utf-8-sig")


def test_who_lost_the_right_meanwhile_gets_masked_names(people):
    boss = make_user(permissions=[*RIGHTS, "core.export_data", "core.view_job", "core.see_personal_columns"])
    job = export_segment(segment_id=segment(boss).pk, reason="Letter shop", in_full=True, actor=boss)
    boss.user_permissions.clear()
    run_job(job.pk)
    job.refresh_from_db()
    with job.file.open("rb") as file:
        assert "Buyer 1" not in file.read().decode("utf-8-sig")


def test_the_form_builds_a_tree_and_counts(people, boss, client):
    client.force_login(boss)
    japan = segment(boss, tree={})
    address = reverse("admin:crm_segment_tree", args=[japan.pk])
    assert client.get(address).status_code == 200
    asked = {"join": "all", "b0-join": "any", "b0-l0-is": "country", "b0-l0-was": "country", "b0-l0-country": "JP"}
    page = client.post(address, asked)
    assert page.context["count"] == 2
    entered = client.post(address, {**asked, "b0-l1-is": "tag", "b0-l1-was": "tag", "b0-l1-tag": "vip"})
    # Enter presses the first button, which has no name: nothing may go
    assert [leaf.code for leaf in entered.context["tree"].branches[0].leaves] == ["country", "tag"]
    markup = entered.content.decode()
    first = markup.index("<button", markup.index('id="tree"'))
    assert 'name="do"' not in markup[first : markup.index(">", first)]
    added = client.post(address, {**asked, "do": "add:0"})
    assert len(added.context["tree"].branches[0].leaves) == 2
    japan.refresh_from_db()
    assert japan.tree == {}
    tag = {"b0-l1-is": "tag", "b0-l1-was": "tag", "b0-l1-tag": "vip"}
    assert client.post(address, {**asked, **tag}).context["count"] == 3
    assert client.post(address, {**asked, **tag, "do": "drop:0:0"}).context["count"] == 2
    empty = client.post(address, {**asked, "do": "drop:0:0"})
    assert (empty.status_code, empty.context["count"]) == (200, None)
    assert client.post(address, {**asked, **tag, "do": "save"}).status_code == 302
    japan.refresh_from_db()
    assert japan.tree["parts"][0] == {"join": "any", "parts": [JAPAN, {"is": "tag", "value": {"tag": "vip"}}]}


def test_a_segment_is_written_on_its_page(boss, client):
    client.force_login(boss)
    values = {"name": "All", "purpose": "Look", "review_on": "2027-01-01"}
    answer = client.post(reverse("admin:crm_segment_add"), values)
    assert answer.status_code == 302
    made = Segment.objects.get()
    assert (made.name, made.purpose, made.owner, made.tree) == ("All", "Look", boss, {})
    other = make_user(permissions=RIGHTS)
    press(client, made, "hand_over", owner=other.pk)
    made.refresh_from_db()
    assert made.owner == other


def test_the_owner_is_told_once_when_the_review_day_has_come(boss):
    due = segment(boss, review_on=date(2026, 11, 1))
    segment(boss, name="Later", review_on=date(2026, 11, 3))
    assert tell_of_due_segments(today=date(2026, 11, 2)) == 1
    assert tell_of_due_segments(today=date(2026, 11, 2)) == 0
    told = Notification.objects.get()
    assert (told.user, told.data["about"], told.data["number"]) == (boss, f"crm.segment:{due.pk}", "Japan")
    segment(boss, segment_id=due.pk, review_on=date(2026, 12, 1))
    assert tell_of_due_segments(today=date(2026, 12, 2)) == 2
