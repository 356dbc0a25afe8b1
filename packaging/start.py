"""Entry point of the installed program; child processes of a frozen program start here too."""

import os
import sys
from multiprocessing import freeze_support

if __name__ == "__main__":
    freeze_support()
    for name in ("stdout", "stderr"):  # a Windows program without a console has none
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    from spineviewer.cli import main

    sys.exit(main())
