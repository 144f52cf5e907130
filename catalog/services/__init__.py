"""Everything that writes the catalogue."""

from catalog.services.content.attributing import set_attributes
from catalog.services.content.wishing import move_wish, remove_wish, save_wish
from catalog.services.listings.judging import judge_all_listings, judge_listings
from catalog.services.listings.listing import (
    ListingBatch,
    end_listings,
    list_product,
    list_products,
    pause_listings,
    resume_listings,
)
from catalog.services.listings.selling import activate_product, end_product, replace_product
from catalog.services.listings.switching import switch_listings
from catalog.services.pictures.picturing import (
    add_image,
    assign_image,
    describe_image,
    move_image,
    remove_image,
    replace_image,
)
from catalog.services.pictures.proving import check_shown_prices
from catalog.services.pictures.receiving import receive_creatives, retire_creatives, show_creatives
from catalog.services.pictures.storing import drop_unused_media
from catalog.services.prices.approving import approve_prices
from catalog.services.prices.many import PriceOutcome, PriceRow, PriceSet, PriceState, set_prices
from catalog.services.prices.proposing import refuse_prices, withdraw_price
from catalog.services.prices.setting import cancel_price, change_planned_price, end_price, set_price
from catalog.services.prices.undoing import undo_prices
from catalog.services.products.copying import ALL_PARTS, CopyPart, copy_product
from catalog.services.products.creating import LaterPrice, NewProduct, NewVariant, create_product, create_products
from catalog.services.products.registering import draft_for_task, register_skus
from catalog.services.products.searching import refresh_search_text
from catalog.services.review.reviewing import (
    approve_product,
    content_changed,
    request_changes,
    resolve_comment,
    submit_product,
    submit_products,
    withdraw_product,
)
from catalog.services.variants.bundling import put_component, remove_component
from catalog.services.variants.coding import add_code, remember_code, remove_code
from catalog.services.variants.options import OptionsChange, save_options

__all__ = [
    "ALL_PARTS",
    "CopyPart",
    "LaterPrice",
    "ListingBatch",
    "NewProduct",
    "NewVariant",
    "OptionsChange",
    "PriceOutcome",
    "PriceRow",
    "PriceSet",
    "PriceState",
    "activate_product",
    "add_code",
    "add_image",
    "approve_prices",
    "approve_product",
    "assign_image",
    "cancel_price",
    "change_planned_price",
    "check_shown_prices",
    "content_changed",
    "copy_product",
    "create_product",
    "create_products",
    "describe_image",
    "draft_for_task",
    "drop_unused_media",
    "end_listings",
    "end_price",
    "end_product",
    "judge_all_listings",
    "judge_listings",
    "list_product",
    "list_products",
    "move_image",
    "move_wish",
    "pause_listings",
    "put_component",
    "receive_creatives",
    "refresh_search_text",
    "refuse_prices",
    "register_skus",
    "remember_code",
    "remove_code",
    "remove_component",
    "remove_image",
    "remove_wish",
    "replace_image",
    "replace_product",
    "request_changes",
    "resolve_comment",
    "resume_listings",
    "retire_creatives",
    "save_options",
    "save_wish",
    "set_attributes",
    "set_price",
    "set_prices",
    "show_creatives",
    "submit_product",
    "submit_products",
    "switch_listings",
    "undo_prices",
    "withdraw_price",
    "withdraw_product",
]
