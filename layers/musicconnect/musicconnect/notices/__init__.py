"""Notices: what people are told, in their list, by mail, in a daily digest and by webhooks."""
