"""What the README promises about speed, each against its limit: `make bench`, or `python -m benchmarks order_list`."""
