"""A small NAS service as people write it with FastAPI: accounts in memory, bearer tokens (JWT), models that are checked on
the way in and out, an audit line for each change. No database: what it knows is gone when it ends.

    uvicorn fastapi_peer:app        PEER_SECRET, PEER_AUDIT (a file)
"""
import datetime
import json
import os
from typing import List, Optional

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, constr

SECRET = os.environ["PEER_SECRET"]


class User(BaseModel):
    id: int
    username: str
    full_name: Optional[str]
    role: str
    enabled: bool
    shell: bool
    totp: bool
    groups: List[str]
    created: datetime.datetime


class Wish(BaseModel):
    username: constr(regex=r"^[a-z_][a-z0-9_-]{0,30}$")  # noqa: F722
    role: str = "user"
    full_name: Optional[str]


def make(number, name, **more):
    return User(id=20000 + number, username=name, enabled=True, shell=False, totp=False, groups=[],
                created=datetime.datetime.now(datetime.timezone.utc), **{"role": "user", **more})


users = {f"user{number}": make(number, f"user{number}") for number in range(8)}
audit = open(os.environ["PEER_AUDIT"], "a", buffering=1, encoding="utf-8")
bearer = HTTPBearer()
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://nas.example"], allow_methods=["*"], allow_headers=["*"])


def who(proof: HTTPAuthorizationCredentials = Depends(bearer)):
    try:
        said = jwt.decode(proof.credentials, SECRET, algorithms=["HS256"])
    except jwt.PyJWTError as error:
        raise HTTPException(401, "Sign in first.") from error
    return said["sub"]


async def admin(name: str = Depends(who)):
    if name != "admin":
        raise HTTPException(403, "This needs the role admin.")
    return name


@app.get("/api/users/{username}", response_model=User)
async def get_user(username: str, _: str = Depends(admin)):
    if username not in users:
        raise HTTPException(404, "There is no such account.")
    return users[username]


@app.post("/api/users", response_model=User)
async def create_user(wish: Wish, name: str = Depends(admin)):
    if wish.username in users:
        raise HTTPException(409, "There is such an account already.")
    user = make(len(users), wish.username, role=wish.role, full_name=wish.full_name)
    users[wish.username] = user
    audit.write(json.dumps({"at": user.created.isoformat(), "who": name, "what": "create", "user": user.username}) + "\n")
    return user
