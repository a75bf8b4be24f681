"""A user of a real Directus whose token may do what the documented policy says, made with an administrator's token."""

from __future__ import annotations

from uuid import uuid4

import httpx

from server_mock.directus.permissions import Grants


class LimitedUser:
    """As a context: the user with its policy is there inside, and gone afterwards."""

    def __init__(self, url: str, admin_token: str, grants: Grants, prefix: str = "") -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {admin_token}"}, timeout=30)
        self._grants = grants
        self._prefix = prefix
        self.token = uuid4().hex
        self._made: list[str] = []

    def __enter__(self) -> str:
        """Make both; the token."""
        policy = self._make("/policies", {"name": f"hearth-test-{self.token[:8]}", "app_access": False})
        permissions = [
            {"policy": policy, "collection": f"{self._prefix}{name}", "action": action, "fields": ["*"]}
            for name, actions in self._grants.items()
            for action in sorted(actions)
        ]
        answer = self._http.post("/permissions", json=permissions)
        assert answer.status_code == 200, answer.text
        email = f"{self.token}@example.com"
        self._make("/users", {"email": email, "token": self.token, "policies": [{"policy": policy}]})
        return self.token

    def __exit__(self, *_error: object) -> None:
        for path in reversed(self._made):
            self._http.delete(path)
        self._http.close()

    def _make(self, path: str, body: dict[str, object]) -> str:
        answer = self._http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        row_id = str(answer.json()["data"]["id"])
        self._made.append(f"{path}/{row_id}")
        return row_id
