"""What we sell, where, for how much."""

from catalog.models.attribute import (
    CHOOSING,
    Attribute,
    AttributeChoice,
    AttributeKind,
    AttributeValue,
    ProductType,
    TypeAttribute,
)
from catalog.models.category import Category, CategoryMapping
from catalog.models.channel import ChannelKind, SalesChannel
from catalog.models.collection import Collection, CollectionMember, CollectionRule, Match
from catalog.models.grid import GridLayout
from catalog.models.legal import Certificate, NoticeAnswer, ProductNotice
from catalog.models.listing import LISTING_TRANSITIONS, Listing, ListingState, Review, ReviewComment, Verdict
from catalog.models.media import MediaFile, ProductImage, image_path
from catalog.models.naming import FormerName, ProductNames
from catalog.models.option import BundleComponent, CustomOption, OptionAxis, OptionValue, VariantOption, WishKind
from catalog.models.price import Price, PriceProposal, ProposalState
from catalog.models.price_run import PriceRun, PriceRunRow, RunRowState, RunState
from catalog.models.product import PRODUCT_TRANSITIONS, ExpiryKind, Product, ProductStatus
from catalog.models.text import ProductText
from catalog.models.variant import CodeKind, Variant, VariantCode
from catalog.models.wanted import WantedPicture, WantedState

__all__ = [
    "CHOOSING",
    "LISTING_TRANSITIONS",
    "PRODUCT_TRANSITIONS",
    "Attribute",
    "AttributeChoice",
    "AttributeKind",
    "AttributeValue",
    "BundleComponent",
    "Category",
    "CategoryMapping",
    "Certificate",
    "ChannelKind",
    "CodeKind",
    "Collection",
    "CollectionMember",
    "CollectionRule",
    "CustomOption",
    "ExpiryKind",
    "FormerName",
    "GridLayout",
    "Listing",
    "ListingState",
    "Match",
    "MediaFile",
    "NoticeAnswer",
    "OptionAxis",
    "OptionValue",
    "Price",
    "PriceProposal",
    "PriceRun",
    "PriceRunRow",
    "Product",
    "ProductImage",
    "ProductNames",
    "ProductNotice",
    "ProductStatus",
    "ProductText",
    "ProductType",
    "ProposalState",
    "Review",
    "ReviewComment",
    "RunRowState",
    "RunState",
    "SalesChannel",
    "TypeAttribute",
    "Variant",
    "VariantCode",
    "VariantOption",
    "Verdict",
    "WantedPicture",
    "WantedState",
    "WishKind",
    "image_path",
]
