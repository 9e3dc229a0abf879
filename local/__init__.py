"""The local stack: template.yaml run on one machine, without Docker or a network."""
