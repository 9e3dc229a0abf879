"""Tools for the project: checks, deployment, locked requirements, costs, alarms, OpenAPI."""
