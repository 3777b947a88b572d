"""Ends with 0 when an address answers."""

import sys
from urllib.request import urlopen

urlopen(sys.argv[1], timeout=5).read()
