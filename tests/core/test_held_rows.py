"""Rows of a file in memory: held once, given out as they are."""

from core.resources.held import HeldRows, one_object_each


def test_equal_cells_are_one_object(monkeypatch):
    monkeypatch.setattr("core.resources.held.REMEMBERED", 2)
    shared = one_object_each()
    linen = "linens"[:-1]  # another object
    first, second = shared(["linen", "1"]), shared([linen, "2"])
    assert (first, second) == (("linen", "1"), ("linen", "2"))
    assert second[0] is first[0]
    # more different cells than are remembered: the same texts all the same
    assert shared([linen, "1"]) == ("linen", "1")


def test_the_library_reads_them_as_its_own():
    rows = [("a", "1"), ("b", "2")]
    dataset = HeldRows(rows, headers=["sku", "pieces"])
    assert (len(dataset), dataset.width, dataset["sku"]) == (2, 2, ["a", "b"])
    assert dataset.dict == [{"sku": "a", "pieces": "1"}, {"sku": "b", "pieces": "2"}]
    assert dataset.export("csv").splitlines() == ["sku,pieces", "a,1", "b,2"]
    assert all(given is held for given, held in zip(dataset[:], rows, strict=True))
    assert all(given is held for given, held in zip(dataset, rows, strict=True))
