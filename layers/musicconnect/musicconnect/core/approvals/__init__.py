"""Approvals."""

from musicconnect.core.approvals.redeeming import Redeemed, redeem

__all__ = ["Redeemed", "redeem"]
