"""What an operator asks for."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from musicconnect.api.binding import printable

type Action = Literal["find", "show", "suspend", "restore", "end-sessions", "requeue"]

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(printable)
]


class Order(BaseModel):
    """One act. All but ``requeue`` are about the account of an address or an id."""

    model_config = ConfigDict(extra="forbid", strict=True)

    action: Action
    operator: Text
    """Who does it: a name or an address, as it is to stand in the record."""
    address: Text | None = None
    user_id: int | None = Field(None, ge=1, lt=2**63)
    reason: str = Field("", max_length=500)
    """Why. Of a suspension, the person is told it."""

    @model_validator(mode="after")
    def _names_one(self) -> "Order":
        named = (self.address is not None) + (self.user_id is not None)
        if named != (self.action != "requeue"):
            raise ValueError("name one account, by address or by user_id; none to requeue")
        if self.action == "suspend" and not self.reason.strip():
            raise ValueError("say why the account is suspended: its person is told")
        return self
