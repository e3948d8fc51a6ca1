"""Says in a sentence when this Python is too old. Runs on any Python 3."""

import sys

if sys.version_info < (3, 11):
    sys.exit("Jikimi needs Python 3.11 or newer, and this is %d.%d. Name another one: make PYTHON=python3.12 run" % sys.version_info[:2])
