"""Finds a Python that has the modules of a test: the one that runs, or the system's, for which Debian packages them."""

import importlib.util
import os
import sys

SYSTEM_PYTHON = "/usr/bin/python3"


def require(packages):
    """Goes on in the system's Python if a module is missing here; ends with what to install if it is missing there."""
    missing = [module for module in packages if importlib.util.find_spec(module) is None]
    if not missing:
        return
    tried = "PEAKPROOF_TEST_SYSTEM_PYTHON"
    if tried not in os.environ and os.access(SYSTEM_PYTHON, os.X_OK):
        os.environ[tried] = "1"
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON] + sys.argv)
    names = " ".join(packages[module] for module in missing)
    sys.exit(f"Python modules missing: {', '.join(missing)}; install them with: apt-get install {names}")
