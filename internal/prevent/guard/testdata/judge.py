# Judges templates by rules with CloudFormation Guard itself. Reads a JSON list of {"rules", "template"} from standard
# input and writes the list of what Guard says of each: rule name to PASS, FAIL or SKIP.
import json
import sys

import guardpycfn

answers = []
for case in json.load(sys.stdin):
    said = guardpycfn.validate_with_guard(json.dumps(case["template"]), case["rules"])
    if not said.get("success"):
        sys.exit(f"guard: {said}")
    result = said["result"]
    verdicts = {name: "PASS" for name in result["compliant"]}
    verdicts.update({name: "SKIP" for name in result["not_applicable"]})
    messages = json.dumps(result["not_compliant"])
    verdicts.update({item["Rule"]["name"]: "FAIL" for item in result["not_compliant"]})
    answers.append({"verdicts": verdicts, "messages": messages})
json.dump(answers, sys.stdout)
