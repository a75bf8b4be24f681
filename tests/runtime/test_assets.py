"""The folder that the server serves: addresses, compressed forms, the sweep, and the memory of the compressor."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
from pathlib import Path

import brotli
import pytest

from runtime.assets import Assets, digest_all
from runtime.compression import STALE_SECONDS, Compressor

TEXT = b"body { margin: 0 }\n" * 50


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    return Assets(Compressor(tmp_path / "cache"))


def test_an_address_names_the_content(assets: Assets) -> None:
    assert assets.add("main.css", TEXT) == f"/-/main.{hashlib.sha256(TEXT).hexdigest()[:16]}.css"
    assert assets.add("main.css", TEXT + b" ") != assets.add("main.css", TEXT)


def test_a_folders_address_changes_with_any_file_in_it(assets: Assets) -> None:
    one = assets.add_folder("lib", {"a.js": b"1", "b.js": b"2"})
    assert one == assets.add_folder("lib", {"b.js": b"2", "a.js": b"1"})
    assert one != assets.add_folder("lib", {"a.js": b"2", "b.js": b"1"})
    assert assets.content(one + "a.js") == b"1"


def test_names_and_contents_do_not_run_into_each_other() -> None:
    assert digest_all({"ab": b"c"}) != digest_all({"a": b"bc"})


def test_every_form_on_the_disk_is_the_content(assets: Assets, tmp_path: Path) -> None:
    address = assets.add("main.css", TEXT)
    manifest = assets.write(tmp_path / "dist", build="b", app="a")
    (entry,) = manifest["files"]
    plain = tmp_path / "dist" / address[1:]
    assert plain.read_bytes() == TEXT
    assert brotli.decompress(plain.with_name(plain.name + ".br").read_bytes()) == TEXT
    assert gzip.decompress(plain.with_name(plain.name + ".gz").read_bytes()) == TEXT
    assert entry["sha256"] == hashlib.sha256(TEXT).hexdigest()
    assert entry["encodings"].keys() == {"br", "gzip"}
    assert json.loads((tmp_path / "dist" / "manifest.json").read_text()) == manifest


def test_what_compression_does_not_make_smaller_is_left_plain(assets: Assets, tmp_path: Path) -> None:
    assets.add("a.css", b"a{}")
    (entry,) = assets.write(tmp_path / "dist", build="b", app="a")["files"]
    assert entry["encodings"] == {}


def test_a_new_build_sweeps_the_old_one_away(assets: Assets, tmp_path: Path) -> None:
    old = assets.add_folder("lib", {"a.css": TEXT})
    assets.write(tmp_path / "dist", build="1", app="a")
    newer = Assets(assets.compressor)
    kept = newer.add("b.css", TEXT)
    newer.write(tmp_path / "dist", build="2", app="a")
    assert not (tmp_path / "dist" / old[1:]).exists()
    assert sorted(path.name for path in (tmp_path / "dist" / "-").iterdir()) == [
        kept[3:],
        kept[3:] + ".br",
        kept[3:] + ".gz",
    ]


def test_the_same_content_is_compressed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Compressor(tmp_path).encodings("a.css", TEXT, quality=5)

    def never(*_: object, **__: object) -> bytes:
        raise AssertionError("compressed again")

    monkeypatch.setattr(brotli, "compress", never)
    assert Compressor(tmp_path).encodings("renamed.css", TEXT, quality=5) == first


def test_what_no_build_asked_for_is_forgotten(tmp_path: Path) -> None:
    compressor = Compressor(tmp_path)
    compressor.encodings("a.css", TEXT, quality=5)
    long_ago = time.time() - STALE_SECONDS - 60
    stale, fresh = sorted(tmp_path.iterdir())
    os.utime(stale, (long_ago, long_ago))
    compressor.forget_stale()
    assert list(tmp_path.iterdir()) == [fresh]
