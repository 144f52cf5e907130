"""What is sold of a product: options and the variants they make, their codes, bundles of them."""
