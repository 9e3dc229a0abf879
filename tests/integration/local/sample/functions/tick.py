"""Answers with the event of its schedule."""


def handler(event, context):
    return event
