"""Facts about what we sell."""

from catalog.events.goods import (
    CertificateAdded,
    CertificateRemoved,
    GoodsEdited,
    PictureRemoved,
    ProductContentChanged,
    ProductCopied,
    ProductCreated,
    VariantsAdded,
)
from catalog.events.prices import PriceChanged, PriceProposalDecided, PriceProposed, PriceTakenBack
from catalog.events.selling import (
    CollectionRulesChanged,
    ListingMoved,
    ProductActivated,
    ProductApproved,
    ProductChangesRequested,
    ProductEnded,
    ProductSubmitted,
    ProductWithdrawn,
)

__all__ = [
    "CertificateAdded",
    "CertificateRemoved",
    "CollectionRulesChanged",
    "GoodsEdited",
    "ListingMoved",
    "PictureRemoved",
    "PriceChanged",
    "PriceProposalDecided",
    "PriceProposed",
    "PriceTakenBack",
    "ProductActivated",
    "ProductApproved",
    "ProductChangesRequested",
    "ProductContentChanged",
    "ProductCopied",
    "ProductCreated",
    "ProductEnded",
    "ProductSubmitted",
    "ProductWithdrawn",
    "VariantsAdded",
]
