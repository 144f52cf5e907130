"""What carriers bring back: numbers of parcels, scans, and parcels in trouble."""
