"""Fields that several bodies and queries share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, status
from pydantic import Field

from headway.kernel.paging import MAX_LIMIT

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[str, Field(max_length=256)]
Code = Annotated[str, Field(max_length=64)]
Created = status.HTTP_201_CREATED
