"""Access tokens made by PyJWT, as an attacker would, and two as they should be. Arguments: a token, the key in hexadecimal.

Prints pairs of a name and a token; the names of those that must open begin with `good`.
"""

import base64
import json
import sys

import jwt
from jwt.utils import base64url_encode

token, key = sys.argv[1], bytes.fromhex(sys.argv[2])
head = jwt.get_unverified_header(token)
claims = jwt.decode(token, key, algorithms=["HS256"], options={"verify_aud": False, "verify_exp": False})
extra = {"kid": head["kid"], "typ": head["typ"]}


def made(claims, key=key, algorithm="HS256", headers=extra):
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def raw(header, claims, signature=b""):
    parts = [json.dumps(header).encode(), json.dumps(claims).encode()]
    return b".".join([base64url_encode(part) for part in parts] + [base64url_encode(signature)]).decode()


def signed(header, claims):
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    message = raw(header, claims).rsplit(".", 1)[0]
    signature = base64url_encode(algorithm.sign(message.encode(), key)).decode()
    return f"{message}.{signature}"


PUBLIC = b"""-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----
"""

without = lambda name: {k: v for k, v in claims.items() if k != name}
own = {"kty": "oct", "kid": head["kid"], "k": base64url_encode(b"x" * 32).decode()}
tokens = [
    ("good: the same again", made(claims)),
    ("good: signed by hand", signed(head, claims)),
    ("alg none", raw({**head, "alg": "none"}, claims)),
    ("alg None", raw({**head, "alg": "None"}, claims)),
    ("alg none with the old signature", raw({**head, "alg": "none"}, claims, base64.urlsafe_b64decode(token.split(".")[2] + "=="))),
    ("HS384", made(claims, algorithm="HS384")),
    ("HS512", made(claims, algorithm="HS512")),
    ("says RS256", signed({**head, "alg": "RS256"}, claims)),
    ("says ES256", signed({**head, "alg": "ES256"}, claims)),
    ("signed with a public key", raw(head, claims, b"") + base64url_encode(PUBLIC).decode()),
    ("another key", made(claims, key=b"x" * 32)),
    ("an empty key", made(claims, key=b"")),
    ("another kid", made(claims, headers={**extra, "kid": "0" * 16})),
    ("kid is a path", made(claims, key=b"", headers={**extra, "kid": "../../../../dev/null"})),
    ("kid is SQL", made(claims, headers={**extra, "kid": "' UNION SELECT 'x' --"})),
    ("no kid", signed({"alg": "HS256", "typ": head["typ"]}, claims)),
    ("jwk in the header", made(claims, key=b"x" * 32, headers={**extra, "jwk": own})),
    ("jku in the header", made(claims, key=b"x" * 32, headers={**extra, "jku": "https://evil.example/jwks.json"})),
    ("x5u in the header", made(claims, key=b"x" * 32, headers={**extra, "x5u": "https://evil.example/cert.pem"})),
    ("exp is text", signed(head, {**claims, "exp": "99999999999"})),
    ("exp is null", signed(head, {**claims, "exp": None})),
    ("exp is a list", signed(head, {**claims, "exp": [claims["exp"]]})),
    ("no exp", signed(head, without("exp"))),
    ("expired", signed(head, {**claims, "exp": claims["iat"] - 1})),
    ("no aud", signed(head, without("aud"))),
    ("another aud", signed(head, {**claims, "aud": "devsanctum-other"})),
    ("no iss", signed(head, without("iss"))),
    ("another iss", signed(head, {**claims, "iss": "urn:uuid:00000000-0000-0000-0000-000000000001"})),
    ("no sub", signed(head, without("sub"))),
    ("another sub", signed(head, {**claims, "sub": "00000000-0000-0000-0000-000000000001"})),
    ("another typ", signed({**head, "typ": "JWT"}, claims)),
    ("typ of an ID token", signed({**head, "typ": "id+jwt"}, claims)),
    ("the second half twice", token + "." + token.split(".")[2]),
]
print(json.dumps(tokens))
