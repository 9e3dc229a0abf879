"""The providers: clients, account linking, tokens, quota and playlist snapshots."""
