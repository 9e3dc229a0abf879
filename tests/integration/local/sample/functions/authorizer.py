"""Allows the token ``good``, refuses others, fails on ``crash``; counts its calls in its log."""


def handler(event, context):
    token = event["identitySource"][0].removeprefix("Bearer ")
    print(f"asked about {token}")
    if token == "crash":
        raise RuntimeError("the authorizer failed")
    return {"isAuthorized": token.startswith("good"), "context": {"user_id": "12", "token": token}}
