"""``python -m jinzhou``."""

import sys

from jinzhou.cli import main

if __name__ == "__main__":
    sys.exit(main())
