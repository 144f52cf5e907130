"""Tables of addresses."""

from addresses.models.postcode import Place, PlaceName, Postcode, PostcodeSource
from addresses.models.remote import RemoteRange, RemoteSurcharge, RemoteZone

__all__ = [
    "Place",
    "PlaceName",
    "Postcode",
    "PostcodeSource",
    "RemoteRange",
    "RemoteSurcharge",
    "RemoteZone",
]
