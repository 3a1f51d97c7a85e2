#!/usr/bin/env python3
"""Holds the collector's table of calls to AWS's own models, as botocore has them: protocol's target and version, signing name, operation,
path and the names of all parameters, and of the fields that every answer is to have. Prints how many calls agree; ends with 1 and a line a difference if one does not."""
import re
import sys
import tomllib
from pathlib import Path

import botocore.session

CALLS = Path(__file__).resolve().parents[2] / "services" / "collector" / "src" / "sources" / "inventory" / "account" / "calls"
MODELS = {"tagging": "resourcegroupstaggingapi", "ses": "sesv2"}  # where botocore's name is another


def blank(path):
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def differences(service, model):
    found = model.metadata
    signing = found.get("signingName") or found["endpointPrefix"]
    facts = [("target", service.get("target"), found.get("targetPrefix") if "target" in service else None),
             ("version", service.get("version"), found["apiVersion"] if "version" in service else None),
             ("signing name", service.get("signing", service["service"]), signing)]
    yield from (f"{what} {ours}, and the model has {theirs}" for what, ours, theirs in facts if ours != theirs)
    tables = service.get("table", [])
    for call in service.get("call", []) + [t["list"]["call"] for t in tables] + [d["call"] for t in tables for d in t.get("detail", [])]:
        name = call["operation"]
        if name not in model.operation_names:
            yield f"{name} is no operation"
            continue
        operation = model.operation_model(name)
        members = operation.input_shape.members if operation.input_shape else {}
        known = set(members) | {m.serialization.get("name") for m in members.values()}
        for parameter in [*call.get("parameters", {}), *call.get("query", {}), *call.get("headers", {}), *call.get("page", {})]:
            if parameter not in known:
                yield f"{name} has no parameter {parameter}"
        output = operation.output_shape.members if operation.output_shape else {}
        payload = operation.output_shape and operation.output_shape.serialization.get("payload")
        if payload in output:
            output = getattr(output[payload], "members", {})
        answered = set(output) | {m.serialization.get("name") for m in output.values()}
        for field in call.get("always", []) if output else []:
            if field not in answered:
                yield f"{name} answers no {field}"
        ours, theirs = service["host"].startswith("{account}."), (operation.endpoint or {}).get("hostPrefix", "")
        if theirs != ("{AccountId}." if ours else ""):
            yield f"{name} is sent to {theirs or 'no'} prefix of the host, and the file has {service['host']}"
        if "request" in call:
            method, path = call["request"].split(" ", 1)
            theirs = operation.http["method"], blank(operation.http["requestUri"])
            if (method, blank(path)) != theirs:
                yield f"{name} is {' '.join(theirs)}, not {call['request']}"
        yield None


def main():
    session, agreed, wrong = botocore.session.get_session(), 0, []
    for path in sorted(CALLS.glob("*.toml")):
        service = tomllib.loads(path.read_text())
        for difference in differences(service, session.get_service_model(MODELS.get(service["service"], service["service"]))):
            agreed += difference is None
            wrong += [f"{path.name}: {difference}"] if difference else []
    print(f"calls: {agreed} agree with AWS's models in names and paths")
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
