"""Goods of purchase orders come in, are judged, and go back where a receipt was a mistake. Read ``arriving`` first."""
