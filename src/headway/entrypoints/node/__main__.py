"""``python -m headway.entrypoints.node``."""

import sys

from headway.entrypoints.node.program import main

sys.exit(main())
