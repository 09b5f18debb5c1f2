"""Fails when a dependency has a licence that a static MIT binary can't carry.

Reads `cargo metadata --format-version 1` from standard input.
"""

import json
import re
import sys

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    # Data: Mozilla's root certificates.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}


def allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met. Python's `and` and `or` bind as SPDX's do."""
    tokens = re.findall(r"[()]|[^\s()]+(?: WITH \S+)?", expression.replace("/", " OR "))
    words = {"AND": "and", "OR": "or", "(": "(", ")": ")"}
    return eval(" ".join(words.get(token, str(token in ALLOWED)) for token in tokens))


packages = json.load(sys.stdin)["packages"]
bad = [
    f"{package['name']} {package['version']}: {package['license']}"
    for package in packages
    if not allowed(package["license"] or "none")
]
print(f"{len(packages)} packages, {len(bad)} with a licence that is not allowed")
print("\n".join(bad))
sys.exit(1 if bad or not packages else 0)
