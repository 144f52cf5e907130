"""What the README promises about speed, measured against its limit: `make bench`, or `python -m benchmarks order_list`."""
