"""MusicConnect: accounts, providers, search, migrations, exports and trends, behind Lambda functions."""

__version__ = "0.1.0"
