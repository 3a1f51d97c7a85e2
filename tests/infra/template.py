"""The template as plain dictionaries: `!Ref X` is {"Ref": "X"}, `!GetAtt X.Y` {"Fn::GetAtt": "X.Y"}, and so on."""
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "infra" / "template.yaml"


class Loader(yaml.SafeLoader):
    """Safe YAML and CloudFormation's short forms. Dates and `OFF` stay text where the template quotes them."""


def short_form(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {tag if tag == "Ref" else f"Fn::{tag}": value}


Loader.add_multi_constructor("!", short_form)


def load():
    return yaml.load(PATH.read_text(), Loader)


def of_type(template, kind):
    """Logical id -> properties of all resources of a type."""
    return {name: r["Properties"] for name, r in template["Resources"].items() if r["Type"] == kind}


def without_replies(template):
    """As it is deployed by default: without what only ReplyDomain brings."""
    resources = {name: r for name, r in template["Resources"].items() if r.get("Condition") != "TakesReplies"}
    return template | {"Resources": resources}


def short(value):
    """A reference in one line, as the tables in the tests write it: `Ledger.Arn`, `Archive.Arn/runs/*`, `SourceTables`."""
    if isinstance(value, str):
        return value
    ((kind, target),) = value.items()
    if kind == "Fn::Sub":
        for name in ("Partition", "Region", "AccountId"):
            target = target.replace(f"${{AWS::{name}}}", name.lower())
        return target.replace("${", "").replace("}", "")
    return target
