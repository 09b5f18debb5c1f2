#!/usr/bin/env bash
# Shows a run's report files to readers that we did not write: one line a reader, exit 1 if any of
# them rejects a file, exit 2 if one can't be asked.
#
#   tests/report/readers.sh DIRECTORY
#
# DIRECTORY holds latest.md, ci-results.json and junit-results.xml, and perhaps gl-code-quality.json and
# semtest.sarif.
#
# Needed on PATH: xmllint, cmark-gfm, junit2html, check-jsonschema, and from npm: xunit-viewer, allure, tsc.
# PYTHON        a Python that has junitparser (default: python3).
# JUNIT_XSD     Jenkins' junit-10.xsd; the source archive of pytest has it.
# NODE_MODULES  where npm has put codeclimate-types, @microsoft/jest-sarif (for its schema) and
#               @microsoft/sarif-multitool-linux.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: $0 DIRECTORY" >&2
  exit 2
fi
reports=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
schema=$here/../../docs/ci-results.schema.json
modules=${NODE_MODULES:-}
sarif_schema=$modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json
multitool=$modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
python=${PYTHON:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

missing=0
for tool in xmllint cmark-gfm junit2html check-jsonschema xunit-viewer allure tsc; do
  command -v "$tool" >/dev/null || { echo "missing tool: $tool" >&2; missing=1; }
done
"$python" -c 'import junitparser' 2>/dev/null || { echo "missing Python package: junitparser" >&2; missing=1; }
[ -f "${JUNIT_XSD:-}" ] || { echo "missing file: junit-10.xsd, named by JUNIT_XSD" >&2; missing=1; }
for file in "$sarif_schema" "$multitool" "$modules/codeclimate-types/package.json"; do
  [ -f "$file" ] || { echo "missing file: $file, below NODE_MODULES" >&2; missing=1; }
done
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
# A failure that does not block is a skip to every reader of JUnit.
words = collections.Counter("skip" if test.get("blocking") is False else test["status"] for test in tests)
told = (len(tests), words["fail"], words["error"], words["skip"] + words["invalid"])
assert told == count(everything), ("ci-results.json tells another story", told, count(everything))

# Every failing vote is told: as the failure itself, or beside it as Surefire and Jenkins know it.
def reruns(case):
    return [child.tag for child in case._elem if child.tag in ("flakyFailure", "rerunFailure")]

by_status = collections.Counter()
for case, test in zip(everything, tests):
    assert case.name and len(reruns(case)) <= test.get("votes", {}).get("fail", 0), case.name
    by_status.update((test["status"], tag) for tag in reruns(case))
wrong = [pair for pair in by_status if (pair[0] == "pass") != (pair[1] == "flakyFailure")]
assert not wrong, by_status
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

# Allure reads whatever is XML and ends with 0, so its numbers must be those of the suites: what it
# calls broken is an error.
allure_counts() {
  mkdir -p "$scratch/results"
  cp "$reports/junit-results.xml" "$scratch/results"
  rm -rf "$scratch/allure"
  (cd "$scratch/results" && allure generate . --output "$scratch/allure")
  "$python" - "$reports/ci-results.json" "$scratch/allure/widgets/statistic.json" <<'PYTHON'
import collections, json, sys

tests = json.load(open(sys.argv[1], encoding="utf-8"))["tests"]
words = collections.Counter("skip" if test.get("blocking") is False else test["status"] for test in tests)
ours = {
    "total": len(tests),
    "passed": words["pass"],
    "failed": words["fail"],
    "broken": words["error"],
    "skipped": words["skip"] + words["invalid"],
}
theirs = json.load(open(sys.argv[2], encoding="utf-8"))
ours = {name: count for name, count in ours.items() if count}
theirs = {name: count for name, count in theirs.items() if count}
assert ours == theirs, (ours, theirs)
PYTHON
}

# As Code Climate's own types have it, of whose format GitLab's is a part. JSON is TypeScript, too.
typed() {
  {
    printf 'import type { Issue } from "%s/codeclimate-types";\nexport const report: Issue[] = ' "$modules"
    cat "$reports/gl-code-quality.json"
  } >"$scratch/code-quality.ts"
  tsc --noEmit --strict --skipLibCheck "$scratch/code-quality.ts"
}

# The schema has a pattern that only Python's expressions allow.
sarif_valid() {
  check-jsonschema --regex-variant python --schemafile "$sarif_schema" "$reports/semtest.sarif"
}

# Microsoft's validator, with its rules about what GitHub's code scanning takes. It ends with 0
# whatever it found.
sarif_rules() {
  chmod +x "$multitool"
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$multitool" validate "$reports/semtest.sarif" \
    --rule-kind "Sarif;Ghas" --level "Error;Warning" >"$scratch/sarif.txt"
  cat "$scratch/sarif.txt"
  grep -q '^Done. 1 files scanned' "$scratch/sarif.txt" && grep -q 'completed successfully' "$scratch/sarif.txt" \
    && ! grep -Eq ': (error|warning) ' "$scratch/sarif.txt"
}

# Nothing that failed is missing.
complete() {
  "$python" - "$reports" <<'PYTHON'
import collections, json, sys

def read(name):
    return json.load(open(f"{sys.argv[1]}/{name}", encoding="utf-8"))

tests = read("ci-results.json")["tests"]
words = collections.Counter(test["status"] for test in tests)
excused = sum(test["status"] == "fail" and test.get("blocking") is False for test in tests)
severities = collections.Counter(entry["severity"] for entry in read("gl-code-quality.json"))
expected = +collections.Counter(major=words["fail"] - excused, minor=excused, info=words["error"])
assert severities == expected, severities
(run,) = read("semtest.sarif")["runs"]
assert sum(result["level"] == "note" for result in run["results"]) == excused
assert len(run["results"]) == words["fail"], len(run["results"])
notifications = run["invocations"][0].get("toolExecutionNotifications", [])
assert len(notifications) == words["error"], notifications
PYTHON
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
ask "allure" junit-results.xml allure_counts
ask "check-jsonschema" ci-results.json check-jsonschema --schemafile "$schema" "$reports/ci-results.json"
ask "cmark-gfm" latest.md markdown
if [ -f "$reports/gl-code-quality.json" ] || [ -f "$reports/semtest.sarif" ]; then
  ask "check-jsonschema" gl-code-quality.json \
    check-jsonschema --schemafile "$here/gl-code-quality.schema.json" "$reports/gl-code-quality.json"
  ask "codeclimate-types" gl-code-quality.json typed
  ask "check-jsonschema" semtest.sarif sarif_valid
  ask "sarif-multitool" semtest.sarif sarif_rules
  ask "json" "gl-code-quality.json, semtest.sarif" complete
fi
exit "$rejected"
