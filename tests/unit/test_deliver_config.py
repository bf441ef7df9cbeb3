"""Receivers that cannot be, and deliveries that cannot begin: one sentence, without a secret."""

from __future__ import annotations

from typing import Any

import pytest
from alert_deliveries import Deliver, mail_to
from alert_receivers import MailServer, WebServer, alert, tell

from energy_lib.errors import BadConfig, InputMissing, TryAgain
from energy_lib.lake.table_lock import only_process
from energy_lib.streaming.pipeline.deliver import JOB


@pytest.mark.parametrize(
    ("hook", "sentence"),
    [
        ({"url": "ftp://example.org"}, "The url of the webhook ops is none that is spoken to"),
        ({"url": "file:///etc/passwd"}, "The url of the webhook ops is none that is spoken to"),
        ({"url": "https://"}, "The url of the webhook ops is none that is spoken to"),
        ({"url": "http://a\nb/"}, "The url of the webhook ops is none that is spoken to"),
        ({"url": "https://me:hush@example.org/"}, "holds a user or a password"),
        ({"secret_env": "NO_SUCH"}, "set the environment variable NO_SUCH"),
        ({"secret_env": "SHORT"}, "has 4 bytes where 24 to 64 are needed"),
        ({"secret_env": "NO_BASE64"}, "is not base64"),
        ({"secret_env": None, "secret_file": "/no/such/file"}, "cannot be read from /no/such/file"),
        ({"secret_file": "/no/such/file"}, "give secret_env or secret_file"),
        ({"name": "email"}, "email is the name of the e-mail"),
        ({"name": "Ops Team"}, "string should match pattern"),
        ({"min_severity": "grave"}, "'low', 'medium' or 'high'"),
    ],
)
def test_a_receiver_that_cannot_be_is_one_sentence_without_a_secret(
    root: str, deliver: Deliver, monkeypatch: pytest.MonkeyPatch, hook: dict[str, Any], sentence: str
) -> None:
    monkeypatch.setenv("SHORT", "aHVzaA==")
    monkeypatch.setenv("NO_BASE64", "hush!" * 9)
    tell(root, alert(1))
    with pytest.raises(BadConfig) as error:
        deliver({"name": "ops", "url": "http://localhost:1/"} | hook)
    assert sentence in str(error.value)
    assert "hush" not in str(error.value)
    assert "aHVzaA==" not in str(error.value)


def test_a_password_is_never_sent_in_clear_by_config(root: str, deliver: Deliver) -> None:
    with pytest.raises(BadConfig, match="not sent in clear"):
        deliver(email=mail_to(MailServer(port=1), security="PLAIN"))
    with pytest.raises(BadConfig, match="username goes with"):
        deliver(email=mail_to(MailServer(port=1), password_env=None))


def test_no_receiver_no_table_and_two_processes_are_sentences(root: str, web: WebServer, deliver: Deliver) -> None:
    with pytest.raises(BadConfig, match="Nobody is to be told"):
        deliver()
    with pytest.raises(InputMissing, match="There is no gold"):
        deliver({"name": "ops", "url": web.url})
    tell(root, alert(1))
    with only_process(root, JOB), pytest.raises(TryAgain, match="Another process"):
        deliver({"name": "ops", "url": web.url})
