"""Requests to answers: the routes of the dialect, synchronous, knowing nothing of sockets or clocks."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from server_mock.directus.permissions import Grants
from server_mock.directus.schema import PRIMARY_KEY
from server_mock.directus_standin.collection import Collection
from server_mock.directus_standin.definitions import collection_from_body, with_field, with_unique
from server_mock.directus_standin.errors import (
    DialectError,
    forbidden,
    invalid_credentials,
    invalid_payload,
    no_such_collection,
    route_not_found,
)
from server_mock.directus_standin.params import parse_params
from server_mock.directus_standin.query import DEFAULT_LIMIT, Query, parse_query
from server_mock.directus_standin.store import Store

#: Directus' MAX_PAYLOAD_SIZE unless it is set, bytes.
MAX_BODY = 1024 * 1024

#: What a request for items is, by its method.
ACTIONS = {"GET": "read", "HEAD": "read", "SEARCH": "read", "POST": "create", "PATCH": "update", "DELETE": "delete"}

#: Rows that are asked for by key all come, unless the query says otherwise.
_UNLIMITED = {"limit": -1}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came; ``token`` is None when there was none, ``body`` b"" when it was not JSON.

    ``segments`` are the decoded parts of the path: an encoded slash is part of one, as in Express.
    """

    method: str
    segments: tuple[str, ...]
    query_string: bytes
    token: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and a JSON value or None for an empty body."""

    status: int
    body: Any = None


class Dialect:
    """Answers the requests of one ``Store``; ``answer`` may be called from any thread."""

    def __init__(
        self,
        store: Store,
        token: str,
        max_body: int = MAX_BODY,
        query_limit: int = -1,
        grants: Mapping[str, Grants] = MappingProxyType({}),
    ) -> None:
        self._grants = grants
        self._query_limit = query_limit
        self._store = store
        self._token = token
        self.max_body = max_body

    def answer(self, request: Request) -> Answer:
        """Return the answer to ``request``, errors among them: never raises ``DialectError``."""
        try:
            return self._answer(request)
        except DialectError as error:
            return Answer(error.status, error.body)

    def _answer(self, request: Request) -> Answer:
        body = _parsed_body(request.body, self.max_body)
        known = (self._token, *self._grants)
        if request.token is not None and not any(_same(request.token, each) for each in known):
            raise invalid_credentials()
        match (request.method, *request.segments):
            case ("GET" | "HEAD" | "SEARCH" | "POST" | "PATCH" | "DELETE", "items", name) if name:
                self._admit(request)
                return self._items(request, self._store.collection(name), body)
            case ("GET" | "HEAD" | "PATCH" | "DELETE", "items", name, row_id) if name and row_id:
                self._admit(request)
                return self._item(request, self._store.collection(name), row_id, body)
            case ("GET", "server", "info"):
                self._admit(request)
                return Answer(200, {"data": {"queryLimit": {"default": DEFAULT_LIMIT, "max": self._query_limit}}})
            case ("POST", "collections"):
                self._admit(request)
                return self._create_collection(body)
            case ("POST", "fields", name) if name:
                self._admit(request)
                return self._create_field(self._store.collection(name), body)
            case ("GET" | "PATCH", "fields", name, field) if name:
                self._admit(request)
                return self._field(request.method, self._store.collection(name), field, body)
            case ("GET" | "DELETE", "collections", name) if name:
                self._admit(request)
                return self._collection(request.method, name)
        raise route_not_found("/" + "/".join(request.segments))

    def _admit(self, request: Request) -> None:
        """Refuse who has no token, and who has one that may not do this."""
        if request.token is None:
            raise forbidden()
        if _same(request.token, self._token):
            return
        match request.segments:
            case ("items", name, *_):
                if ACTIONS[request.method] not in self._grants.get(request.token, {}).get(name, ()):
                    raise no_such_collection(name)
            case ("collections" | "fields", *_):
                raise forbidden()

    def _admit_rows(self, request: Request, collection: Collection, keys: Sequence[str]) -> None:
        """Refuse who is no administrator and names a row that is not there, as Directus does: it tells nobody which."""
        if request.token is None or _same(request.token, self._token):
            return
        query = parse_query(collection, _UNLIMITED | {"fields": [PRIMARY_KEY]})
        if len(self._store.read_ids(collection, keys, query)) != len(set(keys)):
            raise forbidden()

    def _items(self, request: Request, collection: Collection, body: Any) -> Answer:
        params = parse_params(request.query_string)
        match request.method:
            case "POST":
                return self._create(collection, params, body)
            case "PATCH":
                return self._update_many(request, collection, params, body)
            case "DELETE":
                named = self._keys(collection, body)
                self._admit_rows(request, collection, named)
                self._store.delete(collection, named)
                return Answer(204)
            case "SEARCH":
                keys, params = _search_body(body, params)
            case _:
                keys = None
        if keys is not None:
            query = parse_query(collection, _UNLIMITED | params)
            return Answer(200, {"data": self._store.read_ids(collection, keys, query)})
        rows, meta = self._store.read(collection, self._limited(parse_query(collection, params)))
        return Answer(200, {"data": rows} if meta is None else {"meta": meta, "data": rows})

    def _item(self, request: Request, collection: Collection, row_id: str, body: Any) -> Answer:
        params = parse_params(request.query_string)
        if request.method in ("DELETE", "PATCH"):
            self._admit_rows(request, collection, [row_id])
        if request.method == "DELETE":
            self._store.delete(collection, [row_id])
            return Answer(204)
        if request.method == "PATCH":
            query = _query_after_write(collection, params)
            self._store.update(collection, [row_id], body)
            rows = self._store.read_ids(collection, [row_id], query) if query else []
            return Answer(200, {"data": rows[0]}) if rows else Answer(204)
        rows = self._store.read_ids(collection, [row_id], parse_query(collection, params))
        if not rows:
            raise forbidden()
        return Answer(200, {"data": rows[0]})

    def _create(self, collection: Collection, params: dict[str, Any], body: Any) -> Answer:
        query = _query_after_write(collection, params)
        ids = self._store.insert(collection, body if isinstance(body, list) else [body])
        if query is None:
            return Answer(204)
        rows = self._store.read_ids(collection, ids, query)
        if isinstance(body, list):
            return Answer(200, {"data": rows})
        return Answer(200, {"data": rows[0]}) if rows else Answer(204)

    def _update_many(self, request: Request, collection: Collection, params: dict[str, Any], body: Any) -> Answer:
        query = _query_after_write(collection, params)
        if isinstance(body, list):
            if not all(isinstance(row, dict) and isinstance(row.get(PRIMARY_KEY), str) for row in body):
                raise invalid_payload("Item in update misses primary key")
            keys = [row[PRIMARY_KEY] for row in body]
            self._admit_rows(request, collection, keys)
            self._store.update_each(collection, [([row[PRIMARY_KEY]], row) for row in body])
        else:
            keys = self._keys(collection, body, but="data")
            if not isinstance(body.get("data"), dict):
                raise invalid_payload('"data" is required')
            self._store.update(collection, keys, body["data"])
        return Answer(200, {"data": self._store.read_ids(collection, keys, query)}) if query else Answer(204)

    def _keys(self, collection: Collection, body: Any, but: str | None = None) -> list[str]:
        """Return the ids that a body means: a list of them, its ``keys``, or what its ``query`` finds."""
        if isinstance(body, list):
            return _ids(body)
        _only(body, {"keys", "query", *([but] if but else [])})
        if ("keys" in body) == ("query" in body):
            peers = "a conflict between exclusive peers" if "keys" in body else "neither of the peers"
            raise invalid_payload(f'"value" contains {peers} [query, keys]')
        if "keys" in body:
            return _ids(body["keys"])
        return self._store.ids(collection, self._body_query(collection, body))

    def _body_query(self, collection: Collection, body: Mapping[str, Any]) -> Query:
        if not isinstance(body["query"], dict):
            raise invalid_payload('"query" must be of type object')
        return self._limited(parse_query(collection, body["query"]))

    def _limited(self, query: Query) -> Query:
        """Return a query that finds no more rows than the limit allows, without a word, as Directus does."""
        most = self._query_limit
        return replace(query, limit=most) if most >= 0 and not 0 <= query.limit <= most else query

    def _create_collection(self, body: Any) -> Answer:
        collection = collection_from_body(body)
        if self._store.has_collection(collection.name):
            raise invalid_payload(f'Collection "{collection.name}" already exists')
        self._store.create_collection(collection)
        return self._collection("GET", collection.name)

    def _create_field(self, collection: Collection, body: Any) -> Answer:
        wider, name = with_field(collection, body)
        self._store.add_field(wider, name)
        return Answer(200, {"data": _told_field(wider, name)})

    def _field(self, method: str, collection: Collection, name: str, body: Any) -> Answer:
        if name not in collection.fields:
            raise forbidden()
        if method == "PATCH":
            collection = with_unique(collection, name, body)
            self._store.make_unique(collection, name)
        return Answer(200, {"data": _told_field(collection, name)})

    def _collection(self, method: str, name: str) -> Answer:
        if method == "DELETE":
            self._store.drop_collection(name)
            return Answer(204)
        if not self._store.has_collection(name):
            raise forbidden()
        data = {"collection": name, "meta": {"collection": name}, "schema": {"name": name}}
        return Answer(200, {"data": data})


def _told_field(collection: Collection, name: str) -> dict[str, Any]:
    field = collection.fields[name]
    return {
        "collection": collection.name,
        "field": name,
        "type": field.type.value,
        "schema": {
            "name": name,
            "is_nullable": field.nullable,
            # A primary key is unique by itself.
            "is_unique": field.unique or name == PRIMARY_KEY,
            "is_primary_key": name == PRIMARY_KEY,
        },
        "meta": {"field": name},
    }


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), token.encode())


def _parsed_body(body: bytes, max_body: int) -> Any:
    if len(body) > max_body:
        raise invalid_payload("request entity too large")
    if not body:
        return {}
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise invalid_payload(f"The body is not valid JSON ({error})") from None
    if not isinstance(value, dict | list):
        raise invalid_payload("The body is neither an object nor an array")
    return value


def _refuse_constant(name: str) -> Any:
    """Python reads NaN and Infinity, which are not JSON."""
    raise ValueError(f"unexpected {name}")


def _search_body(body: Any, params: dict[str, Any]) -> tuple[list[str] | None, dict[str, Any]]:
    """Return the ``keys`` of a SEARCH, if any, and the query: the body's, or else the URL's."""
    _only(body, {"keys", "query"})
    query = body.get("query", params)
    if not isinstance(query, dict):
        raise invalid_payload('"query" must be of type object')
    return (_ids(body["keys"]) if "keys" in body else None), query


def _only(body: Any, allowed: set[str]) -> None:
    if not isinstance(body, dict):
        raise invalid_payload('"value" must be of type object')
    for name in body:
        if name not in allowed:
            raise invalid_payload(f'"{name}" is not allowed')


def _ids(keys: Any) -> list[str]:
    if not isinstance(keys, list) or not all(isinstance(key, str | int) for key in keys):
        raise invalid_payload('"keys" must be an array of strings or numbers')
    return [str(key) for key in keys]


def _query_after_write(collection: Collection, params: dict[str, Any]) -> Query | None:
    """Return how a write's rows are to be shown, or None when they may not be: it is done, and answers 204.

    A query that makes no sense is an error all the same, and nothing is written.
    """
    try:
        return parse_query(collection, _UNLIMITED | params)
    except DialectError as error:
        if error.status == 403:
            return None
        raise
