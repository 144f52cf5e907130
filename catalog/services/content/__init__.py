"""What is said about products: texts, attributes, what law asks for, wishes."""
