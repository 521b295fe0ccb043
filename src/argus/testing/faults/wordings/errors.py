"""Errors that were passed on as if they were values."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["ERROR_PAYLOADS", "EXCEPTION_TEXTS", "HTML_PAGES", "HTTP_BODIES", "STACK_TRACES"]

ERROR_PAYLOADS: Final[tuple[dict[str, Any], ...]] = (
    {"error": "rate_limit_exceeded", "message": "Too many requests, retry after 20s"},
    {"status": "error", "code": 500, "detail": "Internal server error"},
    {"error": {"type": "invalid_request_error", "message": "Incorrect API key provided", "code": "invalid_api_key"}},
    {"success": False, "error": "connection refused"},
    {"errors": [{"message": "Cannot query field 'name'", "path": ["user"]}], "data": None},
    {"detail": "Not authenticated"},
    {"type": "about:blank", "title": "Service Unavailable", "status": 503},
    {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 12"},
    {"fault": {"faultstring": "Execution of ServiceCallout failed", "detail": {"errorcode": "steps.timeout"}}},
    {"exception": "ReadTimeout", "result": None},
)
"""Structured errors as services send them."""

HTTP_BODIES: Final = (
    "429 Too Many Requests",
    '{"error": {"message": "Rate limit reached for requests", "type": "requests", "code": "rate_limit_exceeded"}}',
    "HTTP 503 Service Unavailable",
    "502 Bad Gateway\nnginx",
    '{"status":401,"error":"Unauthorized","message":"Full authentication is required to access this resource"}',
    "upstream connect error or disconnect/reset before headers. reset reason: connection timeout",
    "Error 504: gateway time-out",
    '{"message":"Forbidden"}',
    "Internal Server Error",
    "404 page not found",
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    "no healthy upstream",
)
"""Bodies of HTTP errors."""

EXCEPTION_TEXTS: Final = (
    "Error: Connection timed out after 30000 ms",
    "KeyError: 'results'",
    "HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded with url: /v1/items",
    "ValueError: could not convert string to float: 'n/a'",
    "An error occurred while processing your request. Please try again later.",
    "sqlite3.OperationalError: database is locked",
    "Error code: 400 - {'error': {'message': \"This model's maximum context length is 8192 tokens\"}}",
    "Fehler: Verbindung zum Server fehlgeschlagen",
    "FileNotFoundError: [Errno 2] No such file or directory: '/data/prices.csv'",
    "Une erreur est survenue lors du traitement de la demande.",
    "Exception: list index out of range",
    "Error: ENOTFOUND api.internal",
    "tool execution failed: timeout",
    "エラーが発生しました。しばらくしてからもう一度お試しください。",
)
"""What ``str(error)`` and its like leave behind."""

HTML_PAGES: Final = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action='/login'><input name='user'></form>"
    "</body></html>",
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>",
    "<!doctype html>\n<html lang=\"en\"><body><div id='root'></div><script src='/app.js'></script></body></html>",
    "<html><body><h1>Attention Required!</h1><p>Please enable cookies and complete the captcha.</p></body></html>",
    "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    "<div class='error'><p>Sorry, this page isn't available.</p><a href='/'>Home</a></div>",
)
"""Pages where an answer of an interface was expected."""

STACK_TRACES: Final = (
    'Traceback (most recent call last):\n  File "/app/pipeline.py", line 48, in fetch\n    return rows[0]["value"]\n'
    "IndexError: list index out of range",
    "java.lang.NullPointerException\n\tat com.acme.orders.Service.load(Service.java:112)\n\tat "
    "com.acme.orders.Api.get(Api.java:41)",
    "TypeError: Cannot read properties of undefined (reading 'items')\n    at render (/srv/app/render.js:20:15)\n"
    "    at async handle (/srv/app/server.js:88:5)",
    'Traceback (most recent call last):\n  File "client.py", line 9, in call\n    response.raise_for_status()\n'
    "requests.exceptions.HTTPError: 500 Server Error: Internal Server Error for url: https://api.example.com/v2",
    "panic: runtime error: invalid memory address or nil pointer dereference\n\ngoroutine 1 [running]:\nmain.main()\n"
    "\t/app/main.go:14 +0x1d",
    "System.InvalidOperationException: Sequence contains no elements\n   at System.Linq.Enumerable.First[T]"
    "(IEnumerable`1 source)\n   at Shop.Cart.Total() in C:\\src\\Cart.cs:line 31",
)
"""Tracebacks of several languages."""
