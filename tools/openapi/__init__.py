"""One OpenAPI description for all functions, from the routes they register.

``make openapi`` writes it to ``docs/openapi.json``; WebFunction serves that file.
"""

from tools.openapi.document import describe
from tools.openapi.routes import Operation, operation_of, registered_routes, template_functions
from tools.openapi.schemas import without_titles
from tools.openapi.write import OUTPUT, text

__all__ = [
    "OUTPUT", "Operation", "describe", "operation_of", "registered_routes", "template_functions", "text",
    "without_titles",
]  # fmt: skip
