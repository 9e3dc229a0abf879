"""How well and how fast recordings are told apart: ``python -m benchmarks.matching --data ../shared/data``.

Reads whichever of the labelled sets are in the folder and leaves out the rest. The same figures are measured
for the matcher and, in the same run, for the rules of others that it is compared with.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "layers" / "musicconnect"))
