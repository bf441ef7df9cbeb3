"""Signatures of webhooks: HMAC-SHA256 over id, time and body, so that a receiver knows who sent it, and when.

Source: Standard Webhooks 1.0.0 (standardwebhooks.com), symmetric signatures.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64


def secret_bytes(text: str) -> bytes:
    """The key of a secret: base64 behind `whsec_`, which may be left out; raises ValueError, which does not show it."""
    try:
        key = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64") from None
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"has {len(key)} bytes where {LEAST_BYTES} to {MOST_BYTES} are needed")
    return key


def signed_headers(key: bytes, message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """The headers webhook-id, webhook-timestamp (seconds since 1970) and webhook-signature (`v1,<base64>`)."""
    seconds = str(int(sent_at.timestamp()))
    digest = hmac.new(key, b".".join((message_id.encode(), seconds.encode(), body)), hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": signature}
