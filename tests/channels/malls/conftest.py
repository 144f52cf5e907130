"""Every mall of these tests is reached on the loopback."""

from collections.abc import Iterator

import pytest

from tests.channels.malls.serving import Street, Town, serving


@pytest.fixture
def street(town: Town) -> Iterator[Street]:
    """Where the module's ``town`` is reached."""
    with serving(town) as street:
        yield street
