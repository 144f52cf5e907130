"""From orders that may leave to parcels at the door: carriers, waves, packing checks, files of carriers."""
