"""Which pieces exactly: lots with their expiry, serial numbers, and the shelf they lie on."""
