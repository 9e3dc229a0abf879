"""Say what a message of a queue is. Light, so that who only sends imports no worker."""

from pydantic import BaseModel, ConfigDict, Field


class BaseMessage(BaseModel):
    """What to work on; subclasses say it. Never how: that stands in a row."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    correlation_id: str = ""
    """By which the logs of one cause are found together; without one, the work at hand's is sent."""


class Message(BaseMessage):
    """Whose row to work on; subclasses add which."""

    user_id: int = Field(ge=1, lt=2**63)
