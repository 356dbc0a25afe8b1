"""What the installed program starts with: a frozen program's children come through here too."""

import sys
from multiprocessing import freeze_support

if __name__ == "__main__":
    freeze_support()
    from spineviewer.cli import main

    sys.exit(main())
