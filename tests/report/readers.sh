#!/usr/bin/env bash
# Shows a run's report files to readers that we did not write: one line a reader, exit 1 if any of
# them rejects a file, exit 2 if one can't be asked.
#
#   tests/report/readers.sh DIRECTORY
#
# DIRECTORY holds latest.md, ci-results.json and junit-results.xml.
#
# Needed on PATH: xmllint, cmark-gfm, junit2html, check-jsonschema, xunit-viewer (npm).
# PYTHON     a Python that has junitparser (default: python3).
# JUNIT_XSD  Jenkins' junit-10.xsd; the source archive of pytest has it.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: $0 DIRECTORY" >&2
  exit 2
fi
reports=$(cd "$1" && pwd)
schema=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../docs" && pwd)/ci-results.schema.json
python=${PYTHON:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

missing=0
for tool in xmllint cmark-gfm junit2html check-jsonschema xunit-viewer; do
  command -v "$tool" >/dev/null || { echo "missing tool: $tool" >&2; missing=1; }
done
"$python" -c 'import junitparser' 2>/dev/null || { echo "missing Python package: junitparser" >&2; missing=1; }
[ -f "${JUNIT_XSD:-}" ] || { echo "missing file: junit-10.xsd, named by JUNIT_XSD" >&2; missing=1; }
for file in latest.md ci-results.json junit-results.xml; do
  [ -f "$reports/$file" ] || { echo "missing file: $reports/$file" >&2; missing=1; }
done
[ "$missing" -eq 0 ] || exit 2

rejected=0
ask() {
  local reader=$1 file=$2
  shift 2
  if "$@" >"$scratch/log" 2>&1; then
    echo "ok        $reader: $file"
  else
    echo "REJECTED  $reader: $file"
    # Foreign text may stand in it, and a CI system may read this log.
    sed -e 's/##/# #/g' -e 's/^/  | /' "$scratch/log" | head -n 40
    rejected=1
  fi
}

# The schema does not know `skipped` and `timestamp` on testsuites, nor `file` and `line` on testcase,
# which newer readers (GitLab, publishers on GitHub) want: it is asked about everything else.
xsd() {
  sed -E -e '/<testsuites /s/ (skipped|timestamp)="[^"]*"//g' -e '/<testcase /s/ file="[^"]*" line="[0-9]+"//' \
    "$reports/junit-results.xml" >"$scratch/plain.xml"
  xmllint --noout --nonet --schema "$JUNIT_XSD" "$scratch/plain.xml"
}

# Totals equal the cases, names are unique, and both machine-readable files tell the same.
parse() {
  "$python" - "$reports" <<'PYTHON'
import collections, json, sys
from junitparser import JUnitXml, Error, Failure, Skipped

directory = sys.argv[1]
xml = JUnitXml.fromfile(f"{directory}/junit-results.xml")
tests = json.load(open(f"{directory}/ci-results.json", encoding="utf-8"))["tests"]

def count(cases):
    kinds = collections.Counter(type(result) for case in cases for result in case.result)
    return (len(cases), kinds[Failure], kinds[Error], kinds[Skipped])

def stated(element):
    return (element.tests, element.failures, element.errors, element.skipped)

everything = [case for suite in xml for case in suite]
assert stated(xml) == count(everything), ("root", stated(xml), count(everything))
for suite in xml:
    assert stated(suite) == count(list(suite)), (suite.name, stated(suite), count(list(suite)))
    assert abs(suite.time - sum(case.time for case in suite)) < 0.0005, (suite.name, suite.time)
assert abs(xml.time - sum(suite.time for suite in xml)) < 0.0005, xml.time
names = {(case.classname, case.name) for case in everything}
assert len(names) == len(everything), "names are not unique"
words = collections.Counter(test["status"] for test in tests)
told = (len(tests), words["fail"], words["error"], words["skip"] + words["invalid"])
assert told == count(everything), ("ci-results.json tells another story", told, count(everything))
PYTHON
}

# xunit-viewer ends with 0 whatever it read, so the counts in its last lines must add up to the cases.
view() {
  local cases shown
  cases=$(grep -c '<testcase ' "$reports/junit-results.xml" || true)
  xunit-viewer -r "$reports/junit-results.xml" -o "$scratch/view.html" -c -n -C=false >"$scratch/view.txt"
  shown=$(tail -n 3 "$scratch/view.txt" | grep -E '^[0-9]+ (passed|failure|error|skipped)' | grep -Eo "[0-9]+" | awk "{ sum += \$1 } END { print sum }")
  [ "${shown:-0}" -eq "$cases" ] || { echo "it shows ${shown:-0} of $cases cases"; return 1; }
}

# Everything that could act on a page is foreign: ours has no link, image or HTML.
markdown() {
  cmark-gfm --unsafe -e table -e strikethrough -e autolink -e tasklist --to xml "$reports/latest.md" >"$scratch/page.xml"
  grep -q '<table' "$scratch/page.xml" || { echo "the summary is no table"; return 1; }
  if grep -E '<(link|image|html_inline|html_block|taskitem)' "$scratch/page.xml"; then
    echo "foreign text acts on the page"
    return 1
  fi
}

ask "xmllint, junit-10.xsd" junit-results.xml xsd
ask "junitparser" junit-results.xml parse
ask "junit2html" junit-results.xml junit2html "$reports/junit-results.xml" "$scratch/junit.html"
ask "xunit-viewer" junit-results.xml view
ask "check-jsonschema" ci-results.json check-jsonschema --schemafile "$schema" "$reports/ci-results.json"
ask "cmark-gfm" latest.md markdown
exit "$rejected"
