"""E-mail over SMTP: a mail an alert, or one mail for many at once."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from energy_lib.config import AlertsConfig, EmailConfig
from energy_lib.errors import BadConfig
from energy_lib.security.secrets import secret
from energy_lib.streaming.delivery import advice_text
from energy_lib.streaming.delivery.alerts import Row, hashed, message_id
from energy_lib.streaming.delivery.channels import Answer, trust
from energy_lib.streaming.delivery.mail_text import Meters, body, digest_body, digest_subject, subject
from energy_lib.streaming.delivery.queue import Item

# Answers of a mail server from here on say that it will not take this mail, whenever it is tried.
PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Email:
    """The mail server. `meters`: rows of silver.meters by the column and the ids asked for."""

    receiver: EmailConfig
    password: str | None
    trusted: ssl.SSLContext
    timeout_seconds: float
    meters: Callable[[str, set[str]], Meters]

    @classmethod
    def open(cls, receiver: EmailConfig, alerts: AlertsConfig, meters: Callable[[str, set[str]], Meters]) -> Email:
        """Raises BadConfig if a username has no password."""
        password = None
        if receiver.username is not None:
            password = secret("alerts.email", receiver.password_env, receiver.password_file)
            if not (password.isascii() and receiver.username.isascii()):
                raise BadConfig("The username and the password of alerts.email are to be ASCII: give it such ones.")
        return cls(receiver, password, trust(alerts), alerts.timeout_seconds, meters)

    @property
    def name(self) -> str:
        return "email"

    def groups(self, heads: Sequence[Item], due: Sequence[Item]) -> list[list[Item]]:
        return [list(due)] if len(due) > self.receiver.digest_above else [[item] for item in heads]

    def send(self, rows: Sequence[Row]) -> Answer:
        """Delivered is what the server takes for one recipient at least; who is refused is the answer's remark."""
        mail = self._mail(rows)
        try:
            server = self._server()
            try:
                refused = server.send_message(mail, self.receiver.sender, list(self.receiver.recipients))
            finally:
                # The mail is taken, or not, before this.
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
                server.close()
        except smtplib.SMTPAuthenticationError as error:
            # What the server says of a login may repeat it.
            return Answer(False, f"the login was refused ({error.smtp_code})")
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            return Answer(False, f"all recipients were refused ({codes[0]})", final=min(codes) >= PERMANENT)
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code >= PERMANENT and isinstance(error, smtplib.SMTPDataError)
            return Answer(False, f"{type(error).__name__}: {error.smtp_code}", final=final)
        except (smtplib.SMTPException, OSError) as error:
            return Answer(False, f"{type(error).__name__}: {error}"[:200])
        return Answer(True, f"refused for {', '.join(sorted(refused))}" if refused else None)

    def close(self) -> None:
        """A connection lasts for a mail."""

    def _server(self) -> smtplib.SMTP:
        host, port = self.receiver.host, self.receiver.port
        if self.receiver.security == "TLS":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self.timeout_seconds, context=self.trusted)
        else:
            server = smtplib.SMTP(host, port, timeout=self.timeout_seconds)
        try:
            if self.receiver.security == "STARTTLS":
                server.starttls(context=self.trusted)
            if self.receiver.username is not None and self.password is not None:
                server.login(self.receiver.username, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _mail(self, rows: Sequence[Row]) -> EmailMessage:
        ids = [message_id(row) for row in rows]
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"] = self.receiver.sender, ", ".join(self.receiver.recipients)
        mail["Date"] = format_datetime(datetime.now(UTC))
        # The same at each attempt: most mail programs show two of one id once.
        its_id = ids[0] if len(ids) == 1 else hashed("|".join(ids))
        mail["Message-ID"] = f"<{its_id}@{self.receiver.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Subject"], text = self._words(rows)
        mail.set_content(text)
        return mail

    def _words(self, rows: Sequence[Row]) -> tuple[str, str]:
        """Subject and text; rows are all of alerts, or all of advice."""
        if "advice_id" in rows[0]:
            places = self.meters("site_id", {row["site_id"] for row in rows})
            if len(rows) > 1:
                return advice_text.digest_subject(rows), advice_text.digest_body(rows, places)
            return advice_text.subject(rows[0]), advice_text.body(rows[0], places.get(rows[0]["site_id"], {}))
        meters = self.meters("meter_id", {row["meter_id"] for row in rows})
        if len(rows) > 1:
            return digest_subject(rows), digest_body(rows, meters)
        return subject(rows[0]), body(rows[0], meters)
