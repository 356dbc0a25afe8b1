"""Entry point of the installed program; child processes of a frozen program start here too."""

import sys
from multiprocessing import freeze_support

if __name__ == "__main__":
    freeze_support()
    from spineviewer.cli import main

    sys.exit(main())
