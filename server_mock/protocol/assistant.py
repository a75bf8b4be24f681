"""The routes of the assistant: whether there is one, and an answer as it comes.

What is asked and answered is the one plaintext that passes through this server. It is neither stored nor logged here.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from server_mock.assistant.port import Turn
from server_mock.protocol.api import open_session_of
from server_mock.protocol.http_util import (
    LINES,
    NO_STORE,
    ApiError,
    answering,
    read_json,
    refuse_unnamed_origin,
    text_of,
)
from server_mock.protocol.services import Services
from server_mock.wait_text import wait_text

MAX_QUESTION_BYTES = 512 * 1024
MAX_TURNS = 100
MAX_ID_CHARS = 64
ROLES = ("user", "assistant")
FAULTY_WAIT_S = 30
"""What a refusal that a test asks for says of the time to wait."""

NOBODY = "This server has no assistant."
ELSEWHERE = "The assistant is at another place by now. Agree to that first."
BUSY = "The assistant is answering in too many places at once. Stop one of them, or wait for it."
BAD_TURNS = f'The field "messages" must be a list of 1 to {MAX_TURNS} messages, the last one of the role "user".'


class AssistantApi:
    """The handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._answers = services.answers

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/api/assistant", answering(self.offer), methods=["GET"]),
            Route("/api/assistant", answering(self.answer), methods=["POST"]),
        ]

    async def offer(self, request: Request) -> Response:
        """Where the text would go; nothing (204) where nobody answers."""
        open_session_of(request, self._services, of=request.query_params.get("account"))
        if self._answers.assistant is None:
            return Response(status_code=204, headers=NO_STORE)
        return JSONResponse({"host": self._answers.assistant.host}, headers=NO_STORE)

    async def answer(self, request: Request) -> Response:
        """Answer a chat, in lines: pieces of text, and at the end that it is one, or what went wrong."""
        refuse_unnamed_origin(request)
        body = await read_json(request, MAX_QUESTION_BYTES)
        session = open_session_of(request, self._services, of=text_of(body, "account", MAX_ID_CHARS))
        answers, account = self._answers, session.user_id
        if answers.assistant is None:
            raise ApiError(404, "no-assistant", NOBODY)
        if body.get("host") != answers.assistant.host:
            raise ApiError(409, "another-host", ELSEWHERE)
        turns = _turns_of(body)
        if answers.is_busy(account):
            raise ApiError(429, "busy", BUSY, {"Retry-After": "5"})
        faults, wait_s = self._services.faults, answers.wait_s(account)
        if wait_s or faults.refuses_question():
            raise _too_many(wait_s or FAULTY_WAIT_S)
        lines = faults.answer(answers.begin(answers.assistant, account, turns))
        return StreamingResponse(lines, media_type=LINES, headers=NO_STORE)


def _turns_of(body: dict[str, Any]) -> list[Turn]:
    """The messages of a question. Raises `ApiError`."""
    listed = body.get("messages")
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_TURNS:
        raise ApiError(400, "bad-field", BAD_TURNS)
    turns = []
    for each in listed:
        role, content = (each.get("role"), each.get("content")) if isinstance(each, dict) else (None, None)
        if role not in ROLES or not isinstance(content, str) or not content:
            raise ApiError(400, "bad-field", BAD_TURNS)
        turns.append(Turn(role, content))
    if turns[-1].role != "user":
        raise ApiError(400, "bad-field", BAD_TURNS)
    return turns


def _too_many(wait_s: int) -> ApiError:
    sentence = f"You have asked the assistant very often in the last hour. Try again in {wait_text(wait_s)}."
    return ApiError(429, "too-many-questions", sentence, {"Retry-After": str(wait_s)})
