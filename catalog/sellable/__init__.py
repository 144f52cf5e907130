"""The checks that stand between a product and its customers, part by part; loaded when the apps are ready."""

from catalog.sellable import content, prices, state, variants  # noqa: F401 registering
