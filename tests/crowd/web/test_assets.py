"""Static files: fingerprinted, compressed, immutable; pages: protected and compressed."""

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crowd.config import ROOT, Settings
from crowd.web import assets, compression, headers


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application of one long page and our static files."""
    app = Flask("assets", static_folder=None)
    app.config["CROWD"] = Settings(data_dir=tmp_path, base_url="https://crowd.example")
    for part in (compression, headers, assets):
        part.register(app)
    app.add_url_rule("/long", "long", lambda: "<p>long</p>" * 1000)
    app.add_url_rule("/short", "short", lambda: "<p>short</p>")
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def address(app: Flask, name: str) -> str:
    with app.app_context():
        return assets.asset(name)


def test_a_static_file_is_small_and_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    answer = client.get(address(app, "bootstrap.css"), headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 35_000
    assert b"sourceMappingURL" not in gzip.decompress(answer.data)


def test_the_whole_frame_leaves_room_for_the_page(app: Flask, client: FlaskClient) -> None:
    sizes = [
        len(client.get(address(app, name), headers={"Accept-Encoding": "gzip"}).data)
        for name in ("bootstrap.css", "crowd.css", "crowd.js", "icons.svg", "favicon.svg")
    ]
    assert sum(sizes) < 60_000


def test_a_changed_file_is_another_address() -> None:
    assert assets.fingerprint("crowd.css", b"a") != assets.fingerprint("crowd.css", b"b")


def test_building_twice_makes_one_folder(tmp_path: Path) -> None:
    first, _names = assets.build(tmp_path)
    second, _names = assets.build(tmp_path)
    assert first == second
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_an_unknown_static_file_is_not_found(client: FlaskClient) -> None:
    assert client.get("/static/../config.py").status_code == 404
    assert client.get("/static/none.css").status_code == 404


def test_every_icon_of_a_template_is_drawn() -> None:
    drawn = (ROOT / "crowd/static/icons.svg").read_text()
    for template in (ROOT / "templates").rglob("*.html"):
        for piece in template.read_text().split("icon('")[1:]:
            assert f'id="{piece.split(chr(39))[0]}"' in drawn, template


def test_pages_are_protected(client: FlaskClient) -> None:
    answer = client.get("/short")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert client.get("/short").headers["Content-Security-Policy"] != policy  # a nonce is used once


def test_long_pages_are_compressed_and_their_length_is_blurred(client: FlaskClient) -> None:
    answers = [client.get("/long", headers={"Accept-Encoding": "gzip"}) for _ in range(20)]
    assert all(gzip.decompress(answer.data) == b"<p>long</p>" * 1000 for answer in answers)
    assert all(answer.content_length == len(answer.data) < 500 for answer in answers)
    assert len({len(answer.data) for answer in answers}) > 1


def test_nobody_gets_what_he_did_not_ask_for(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/long", headers={"Accept-Encoding": "identity"}).headers
    assert "Content-Encoding" not in client.get("/short", headers={"Accept-Encoding": "gzip"}).headers
