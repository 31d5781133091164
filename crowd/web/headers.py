"""Security headers of every response, and caching of pages: no other site can run code here, frame a page, or
cache it.
"""

from flask import Flask, Response, current_app

from crowd.web.templating import csp_nonce

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
}
YEAR = 365 * 24 * 3600


def protect(response: Response) -> Response:
    """Add the headers; an answer that set one itself (a download, a public feed) keeps its own."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-cache, private")
        response.vary.update(("Cookie", "Accept-Language"))
    if current_app.config["CROWD"].https:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
    return response


def register(app: Flask) -> None:
    """Protect every answer of the application."""
    app.after_request(protect)
