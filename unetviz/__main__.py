"""``python -m unetviz``."""

from .cli import main

raise SystemExit(main())
