"""What speed and size cost, measured on this machine against a bare baseline or a peer in the same run.

`make bench` runs all; `make bench BENCH="startup publish"` some. Machines differ and are shared, so read the ratios.
"""
