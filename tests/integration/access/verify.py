"""Reads an identity as docs/identity.md tells components to. Arguments: the documentation, a token, the issuer, the audience.

Prints the claims, or the name of what is wrong.
"""

import json
import re
import sys

documentation, token, issuer, audience = sys.argv[1:]
with open(documentation, encoding="utf-8") as file:
    code = re.search(r"```python\n(.*?)```", file.read(), re.DOTALL).group(1)
for name, value in (("ISSUER", issuer), ("AUDIENCE", audience)):
    code, changed = re.subn(rf'^{name} = ".*"$', f"{name} = {value!r}", code, flags=re.MULTILINE)
    assert changed == 1, name
component = {}
exec(code, component)
try:
    print(json.dumps(component["visitor"]({"X-DevSanctum-Identity": token})))
except component["jwt"].PyJWTError as error:
    print(json.dumps({"error": type(error).__name__}))
