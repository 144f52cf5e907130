"""How papers come about: numbered, printed and kept in one transaction."""
