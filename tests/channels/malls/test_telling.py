"""One parcel after the other: what silence, denial and time do to the rest."""

import pytest

from channels.adapters import asking
from channels.adapters.asking import tell_each
from core.asking import RefusedError, UnansweredError
from tests.channels.malls.making import parcel

DENIED, SILENT = RefusedError("denied", 403), UnansweredError("ReadTimeout")


def parcels(count):
    return [parcel(number, "1", []) for number in range(1, count + 1)]


def telling(*says):
    """Return what a mall says to the parcels one by one, and whom it was told of."""
    heard = []

    def tell(parcel):
        heard.append(parcel.notice_id)
        said = says[parcel.notice_id - 1]
        if isinstance(said, Exception):
            raise said
        return said

    return tell, heard


def test_a_mall_that_falls_silent_is_left_alone_before_the_lease_ends():
    tell, heard = telling("", SILENT, SILENT, SILENT, "")

    assert tell_each(parcels(5), tell) == {1: ""}
    assert heard == [1, 2, 3, 4]


def test_silence_now_and_then_keeps_nothing_back():
    tell, _heard = telling(SILENT, "", SILENT, SILENT, "no")

    assert tell_each(parcels(5), tell) == {2: "", 5: "no"}


def test_a_telling_that_takes_long_ends_with_what_it_has(monkeypatch):
    monkeypatch.setattr(asking, "LONGEST", -1.0)
    tell, heard = telling("", "")

    assert tell_each(parcels(2), tell) == {1: ""}
    assert heard == [1]


def test_one_denied_parcel_is_refused_when_the_mall_takes_the_next():
    tell, _heard = telling(DENIED, "", "")

    assert tell_each(parcels(3), tell) == {1: "denied", 2: "", 3: ""}


def test_keys_that_end_in_the_middle_lose_no_answer_and_refuse_no_parcel():
    tell, heard = telling("", DENIED, DENIED, DENIED, DENIED)

    assert tell_each(parcels(5), tell) == {1: ""}
    assert heard == [1, 2, 3, 4]


def test_wrong_keys_and_a_silent_mall_are_said():
    with pytest.raises(RefusedError, match="denied"):
        tell_each(parcels(2), telling(DENIED, DENIED)[0])
    with pytest.raises(UnansweredError):
        tell_each(parcels(1), telling(SILENT)[0])
    assert tell_each([], telling()[0]) == {}


def test_what_cannot_be_read_is_said_of_its_parcel():
    tell, _heard = telling(AttributeError("x"), KeyError("x"), "")

    words = "The order’s number or the mall’s answer cannot be read."
    assert tell_each(parcels(3), tell) == {1: words, 2: words, 3: ""}
