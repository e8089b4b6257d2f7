"""A mail server for one test. Prints its port, then each mail it gets as a line of JSON, read by Python's own parser.

Arguments, in any order: `login` asks for ada's password, `refuse` knows nobody, `tls=FILE` offers STARTTLS with the
certificate and key in that file.
"""

import asyncio
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Inbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if "refuse" in sys.argv:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = [[part.get_content_type(), part.get_content()] for part in mail.iter_parts()]
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in mail.items()],
            "parts": parts,
            "encrypted": session.ssl is not None,
            "login": session.authenticated,
        }
        print(json.dumps(told), flush=True)
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"ada", b"p@ss:word"))


async def main():
    options = {}
    for argument in sys.argv[1:]:
        if argument == "login":
            options.update(authenticator=login, auth_required=True, auth_require_tls=False)
        if argument.startswith("tls="):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(argument[4:])
            options.update(tls_context=context)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Inbox(), **options), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
