#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""validate.py SCHEMA FILE...: says which of the JSON documents do not follow the schema, and where; of documents that hold
an image also what the schema cannot say: every path and anchor leads to a component, every key has its words."""
import json
import pathlib
import sys

import jsonschema


def components(node):
    yield node
    for child in node.get("children", []):
        yield from components(child)


def trees(image):
    """The trees of an image by name, as anchors name them."""
    out = {"layout": image["layout"]}
    if "uefi_tree" in image:
        out["uefi"] = image["uefi_tree"]
    seen = {}
    for engine in image["engines"]:
        number = seen[engine["engine"]] = seen.get(engine["engine"], 0) + 1
        out[engine["engine"] if number == 1 else f"{engine['engine']}-{number}"] = engine["tree"]
    return out


def anchors(image):
    return {f"{name}/{node['path']}" for name, tree in trees(image).items() for node in components(tree)}


def image_faults(image):
    """What is wrong with the names in an image."""
    layout = [node["path"] for node in components(image["layout"])]
    spaces = [one.get("path") for one in image["space"]]
    if len(set(layout + spaces)) != len(layout + spaces) or None in spaces:
        yield "the paths of the layout and of unused space are not unique"
    for part in [image, *image["engines"]]:
        paths = {node["path"] for node in components(part["tree" if "tree" in part else "layout"])}
        for one in part["findings"] + part["checks"]:
            if "path" in one and one["path"] not in paths:
                yield f"{one.get('id', one.get('subject'))}: no component {one['path']!r}"
    for action in (action for engine in image["engines"] for action in engine["actions"]):
        costs, effects = action.get("costs", []), action.get("effects", [])
        if any(not effect.endswith(cost) for cost, effect in zip(reversed(costs), reversed(effects))):
            yield f"{action['id']}: its effects do not end with its costs"
        if ("risk" in action) != (action["state"] in ("available", "refused")):
            yield f"{action['id']}: is {action['state']} and says {action.get('risk')} of its risk"


def report_faults(document, schema):
    """What is wrong with the names in what `report` prints."""
    labels = document["labels"]
    definitions = schema["definitions"]
    wanted = {"checks": definitions["question"]["enum"], "severities": definitions["finding"]["properties"]["severity"]["enum"],
              "risks": definitions["action"]["properties"]["risk"]["enum"],
              "answers": definitions["answers"]["items"]["properties"]["question"]["enum"],
              "states": definitions["check_result"]["properties"]["state"]["enum"]
              + definitions["action"]["properties"]["state"]["enum"]}
    for image in document.get("images", []):
        nodes = [node for tree in trees(image).values() for node in components(tree)]
        facts = [key for engine in image["engines"] for key in engine["facts"]]
        wanted["kinds"] = [node["kind"] for node in nodes if node["kind"]] + [one["kind"] for one in image["space"]]
        wanted["attributes"] = [key for node in nodes for key in node.get("attributes", {})] + facts
    for kind, keys in wanted.items():
        for key in set(keys) - set(labels[kind]):
            yield f"labels: no words for {key!r} of {kind}"
    for key in set(document.get("units", {})) - set(labels.get("attributes", {})):
        yield f"labels: no words for {key!r}, which has a unit"
    if "diff" in document:
        before, after = anchors(document["before"]), anchors(document["images"][0])
        for part in document["diff"]["parts"] + document["diff"]["structure"]:
            if part["path"] and not ("anchor" in part or "anchor_after" in part):
                yield f"diff: {part['path']} has no anchor"
            if part.get("anchor", None) not in before | {None} or part.get("anchor_after", None) not in after | {None}:
                yield f"diff: {part['path']}: its anchors lead nowhere"


def faults(document, schema):
    for image in document.get("images", []):
        if document.get("command") in ("inspect", "report") and "layout" in image:
            yield from image_faults(image)
    if document.get("command") == "report":
        yield from report_faults(document, schema)
    if document.get("command") == "clean" and "edits" in document:
        if any("anchor" not in edit for edit in document["edits"]):
            yield "an edit names no component"
        if any(cost not in document["notices"] for cost in document["costs"]):
            yield "a cost is no notice"


def main(schema_path, *paths):
    schema = json.loads(pathlib.Path(schema_path).read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failed = 0
    for path in paths:
        try:
            document = json.loads(pathlib.Path(path).read_text())
        except ValueError as error:
            print(f"{path}: not JSON: {error}")
            failed += 1
            continue
        error = next(validator.iter_errors(document), None)
        if error is not None:
            print(f"{path}: {error.json_path}: {error.message[:400]}")
            failed += 1
            continue
        wrong = next(faults(document, schema), None) if "error" not in document else None
        if wrong is not None:
            print(f"{path}: {wrong}")
            failed += 1
    print(f"{len(paths)} documents, {failed} against the schema")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
