"""Write docs/openapi.json: ``python -m tools.openapi``."""

from tools.openapi.write import main

main()
