"""Verification: what somebody has to prove by what they were sent by mail."""
