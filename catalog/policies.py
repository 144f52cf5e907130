"""Who may change the catalogue."""

from catalog.models import PRODUCT_TRANSITIONS, Product, ProductStatus
from staff.models import User


def can_add_products(user: User) -> bool:
    """Tell whether the user may register products."""
    return user.has_perm("catalog.add_product")


def can_change_products(user: User) -> bool:
    """Tell whether the user may put products on and off sale and change what describes them."""
    return user.has_perm("catalog.change_product")


def can_add_variants(user: User) -> bool:
    """Tell whether the user may add variants to products."""
    return user.has_perm("catalog.add_variant")


def can_change_codes(user: User) -> bool:
    """Tell whether the user may say what channels, makers and suppliers call variants."""
    return user.has_perm("catalog.change_variantcode")


def can_add_pictures(user: User) -> bool:
    """Tell whether the user may add pictures of products."""
    return user.has_perm("catalog.add_productimage")


def can_change_pictures(user: User) -> bool:
    """Tell whether the user may order, assign and describe pictures of products."""
    return user.has_perm("catalog.change_productimage")


def can_remove_pictures(user: User) -> bool:
    """Tell whether the user may take pictures off products."""
    return user.has_perm("catalog.change_product")


def can_set_prices(user: User) -> bool:
    """Tell whether the user may set prices."""
    return user.has_perm("catalog.change_price")


def is_activatable(product: Product) -> bool:
    """Tell whether the product can go on sale: approved, or sold before."""
    return PRODUCT_TRANSITIONS.permits(ProductStatus(product.status), ProductStatus.ACTIVE)


def is_endable(product: Product) -> bool:
    """Tell whether the product can be taken off sale, or given up before it was sold."""
    return PRODUCT_TRANSITIONS.permits(ProductStatus(product.status), ProductStatus.ENDED)


def can_review_products(user: User) -> bool:
    """Tell whether the user may approve products that others registered."""
    return user.has_perm("catalog.review_product")


def is_submittable(product: Product) -> bool:
    """Tell whether the product can be handed in for review."""
    return PRODUCT_TRANSITIONS.permits(ProductStatus(product.status), ProductStatus.IN_REVIEW)


def is_withdrawable(product: Product) -> bool:
    """Tell whether the product can be taken back from review."""
    return product.status == ProductStatus.IN_REVIEW


def can_change_collections(user: User) -> bool:
    """Tell whether the user may make collections and change their rules."""
    return user.has_perm("catalog.change_collection")
