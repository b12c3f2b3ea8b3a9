"""``python -m headway.entrypoints.cli``."""

from headway.entrypoints.cli.program import main

main()
