"""docs/OPERATIONS.md names what there is: every alarm, metric, log group and flag, and none that there is not."""
import re
import unittest

from template import ROOT, load, of_type

TEMPLATE = load()
PAGE = (ROOT / "docs/OPERATIONS.md").read_text()
ALARMS = of_type(TEMPLATE, "AWS::CloudWatch::Alarm")


class Operations(unittest.TestCase):
    def test_every_alarm_has_its_row_and_every_row_its_alarm(self):
        rows = re.findall(r"(?m)^\| `(quarterdeck-[^`]+)` \|", PAGE)
        self.assertEqual(sorted(rows), sorted(a["AlarmName"]["Fn::Sub"] for a in ALARMS.values()))

    def test_where_an_alarm_points_to_is_on_the_page(self):
        for name, alarm in ALARMS.items():
            (place,) = re.findall(r'docs/OPERATIONS\.md, ("[a-z-]+")', alarm["AlarmDescription"])
            self.assertTrue(place in PAGE, f"{name}: {place}")

    def test_every_metric_is_named(self):
        source = (ROOT / "shared/src/metrics.rs").read_text()
        names = re.findall(r"(?m)^    ([A-Z]\w+),$", source.split("pub enum Metric {")[1].split("\n}")[0])
        self.assertGreater(len(names), 15)
        counted = {t["MetricName"] for f in of_type(TEMPLATE, "AWS::Logs::MetricFilter").values() for t in f["MetricTransformations"]}
        for name in [*names, *counted]:
            self.assertTrue(f"`{name}`" in PAGE, name)

    def test_every_log_group_is_named(self):
        for group in of_type(TEMPLATE, "AWS::Logs::LogGroup").values():
            name = group["LogGroupName"]["Fn::Sub"].rsplit("/", 1)[1]
            self.assertTrue(re.search(rf"[`/]{name}`", PAGE), name)

    def test_the_fields_of_log_lines_are_those_of_a_records_span(self):
        span = (ROOT / "shared/src/handler/mod.rs").read_text().split("tracing::info_span!(")[1].split(");")[0]
        for field in ("stage", "attempt", "key", "run", "document", "part", "rid"):
            self.assertRegex(span, rf"\b{field}\b")
            self.assertTrue(f"`{field}`" in PAGE, field)

    def test_the_command_has_every_flag_and_stage_that_the_page_uses(self):
        source = (ROOT / "cli/src/args.rs").read_text()
        decide = (ROOT / "cli/src/args/decide.rs").read_text()
        structs = dict(re.findall(r"pub struct (\w+)Args \{(.*?)\n\}", source + decide, re.S))
        mail = (ROOT / "cli/src/args/mail.rs").read_text()
        of_mail = dict(re.findall(r"pub struct (\w+) \{(.*?)\n\}", mail, re.S))
        own = {"status": "StatusArgs", "resume": "ResumeArgs", "suppress": "ListArgs", "unsuppress": "ListArgs", "reply": "ReplyArgs"}
        for subcommand, name in own.items():
            structs[f"Mail {subcommand}"] = of_mail[name] + of_mail["Site"]
        for command, line in re.findall(r"(?m)^quarterdeck (mail \w+|\w+) (.*)$", PAGE):
            fields = structs[command.capitalize()]
            names = re.findall(r"pub (\w+):", fields) + re.findall(r'long = "([\w-]+)"', fields)
            known = {f"--{name.replace('_', '-')}" for name in names}
            used = set(re.findall(r"--[a-z-]+", line.split("#")[0]))
            self.assertLessEqual(used, known, command)
        (sentence,) = re.findall(r"The stage is (.*?), and", PAGE)
        stages = re.findall(r"(?m)^    (\w+),$", source.split("pub enum FromStage {")[1].split("\n}")[0])
        self.assertEqual(re.findall(r"`(\w+)`", sentence), [stage.lower() for stage in stages])

    def test_the_variables_of_the_command_are_those_that_it_reads(self):
        source = (ROOT / "cli/src/args.rs").read_text()
        (line,) = re.findall(r"(?m)^export (.*)$", PAGE)
        for name in re.findall(r"\bQUARTERDECK_\w+", line):
            self.assertIn(f'env = "{name}"', source)

    def test_outputs_that_the_page_asks_for_are_there(self):
        self.assertLessEqual(set(re.findall(r"<output (\w+)>", PAGE)), set(TEMPLATE["Outputs"]))


if __name__ == "__main__":
    unittest.main()
