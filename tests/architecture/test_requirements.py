"""What gets installed is exactly what was locked, wherever it is downloaded from."""

import re

import pytest

from tests.architecture.house import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_requirement_has_a_hash(path):
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "-c", "-r"))]
    assert lines
    assert [line.split()[0] for line in lines if "--hash=sha256:" not in line or "==" not in line] == []


@pytest.mark.parametrize("path", [*LOCKS, *sorted((ROOT / "requirements").glob("*.in"))], ids=lambda path: path.name)
def test_no_registry_is_named(path):
    text = path.read_text(encoding="utf-8")
    assert (
        re.findall(
            r"https?://\S+|--(?:extra-)?index-url|--find-links",
            "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")),
        )
        == []
    )


def test_locks_belong_to_the_declared_requirements():
    for name in ("runtime", "dev"):
        declared = {
            re.split(r"[\[=~<>]", line.strip())[0].lower()
            for line in (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
            if line.strip() and not line.startswith(("-", "#"))
        }
        locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / f"{name}.txt").read_text("utf-8"), re.M))
        assert declared <= {item.lower() for item in locked}, f"{name}.in was changed without a new lock"
