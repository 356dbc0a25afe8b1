"""`python -m spineviewer`."""

import sys

from spineviewer.cli import main

if __name__ == "__main__":
    sys.exit(main())
