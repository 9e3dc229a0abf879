"""Something that the functions import from the layer."""

NAME = "sample layer"
