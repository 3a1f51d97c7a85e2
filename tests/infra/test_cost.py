"""What a night and an idle month cost, and that docs/OPERATIONS.md says so."""
import re
import sys
import unittest

import cost
from template import ROOT, load, of_type, without_replies

WHOLE = load()
TEMPLATE = without_replies(WHOLE)
PAGE = (ROOT / "docs/OPERATIONS.md").read_text()


FUNCTIONS = of_type(TEMPLATE, "AWS::Serverless::Function")
# Whose mapping is enabled only while there is work: as many as the sweeper is told of.
ASLEEP = len(FUNCTIONS["SweeperFunction"]["Environment"]["Variables"]["QUARTERDECK_MAPPINGS"]["Fn::Sub"].split(","))


def idle(measured=None, template=TEMPLATE):
    functions = of_type(template, "AWS::Serverless::Function")
    return cost.idle(polled=sum("Events" in f for f in functions.values()) - ASLEEP, asleep=ASLEEP,
                     alarms=len(of_type(template, "AWS::CloudWatch::Alarm")),
                     dashboards=len(of_type(template, "AWS::CloudWatch::Dashboard")),
                     secrets=len(of_type(template, "AWS::SecretsManager::Secret")), measured=measured)


class Page(unittest.TestCase):
    def says(self, sentence):
        """Without printing the page where it does not."""
        self.assertTrue(sentence in PAGE, f"docs/OPERATIONS.md has to say: {sentence}")


class Prices(unittest.TestCase):
    def test_every_price_names_its_page_and_where_it_was_read(self):
        for name, item in cost.PRICES["items"].items():
            self.assertGreater(item["price"], 0, name)
            self.assertTrue(item["page"].startswith("https://aws.amazon.com/"), name)
            self.assertTrue(item["source"], name)
        self.assertRegex(cost.PRICES["read"], r"^\d{4}-\d\d-\d\d$")

    def test_an_action_without_a_price_is_no_free_action(self):
        with self.assertRaises(KeyError):
            cost.request("dynamodb", "TransactWriteItems", 1, {"ledger_largest_row": 1, "ledger_bytes": 1})


class Idle(Page):
    """The parts of a cent or more, as the page lists them, and that it is below a dollar."""

    def test_the_page_lists_every_part_and_both_totals_to_the_cent(self):
        parts = idle()
        rows = dict(re.findall(r"(?m)^\| ([^|]+?) \| [^|]+ \| \$(\d+\.\d\d) \| \$\d+\.\d\d \|$", PAGE))
        alone = dict(re.findall(r"(?m)^\| ([^|]+?) \| [^|]+ \| \$\d+\.\d\d \| \$(\d+\.\d\d) \|$", PAGE))
        for part in parts:
            if cost.list_price([part]) >= 0.005:
                self.assertEqual(rows.pop(part[0], "missing"), f"{cost.list_price([part]):.2f}", part[0])
                self.assertEqual(alone.pop(part[0], "missing"), f"{cost.alone([part]):.2f}", part[0])
        self.assertEqual(rows.pop("**idle month**"), f"{cost.list_price(parts):.2f}")
        self.assertEqual(alone.pop("**idle month**"), f"{cost.alone(parts):.2f}")
        self.assertEqual(rows, {}, "the page lists what is no part")

    def test_the_page_says_what_answers_add(self):
        more = cost.list_price(idle(template=WHOLE)) - cost.list_price(idle())
        self.says(f"With answers by mail idle is ${more:.2f} a month more at list price")

    def test_the_page_does_not_call_it_less_than_it_is(self):
        self.says(f"Idle is ${cost.alone(idle()):.2f} a month")
        self.assertLess(cost.alone(idle()), 1.00, cost.table(idle()))

    def test_the_allowances_are_taken_off_once(self):
        self.assertEqual(cost.alone([("a", "alarm_metric_month", 10), ("b", "alarm_metric_month", 10)]), 10 * 0.10)

    def test_the_page_says_what_the_nights_that_are_kept_add(self):
        measured = cost.measurements()
        if measured is None:
            self.skipTest("not measured yet")
        kept = cost.list_price(idle(measured)) - cost.list_price(idle())
        self.says(f"${kept:.2f} a month for each year of nights")


class Night(Page):
    def test_the_sum_is_what_a_reader_would_compute(self):
        """A made-up night with round numbers, for the arithmetic."""
        function = {"invocations": 10, "milliseconds": 1000, "memory_mb": 1024, "log_bytes": 0}
        measured = {
            "functions": {"mailer": function, "mail-events": function}, "mails": 10, "metric_series": 73,
            "requests": {"s3": {"PutObject": 100}, "dynamodb": {"UpdateItem": 100, "GetItem": 100}, "ses": {"SendEmail": 10}},
            "sizes": {"mail_bytes": 0, "archive_bytes": 0, "ledger_largest_row": 1500, "ledger_largest_other": 500,
                      "ledger_bytes": 9000, "source_bytes": 0}}
        by_hand = (2 * 1769 / 1024 * 0.0000166667 + 20 * 2e-7 + 40 * 4e-7 + 1e-6 + 10 * 1e-4 + 0.1 * 0.30
                   + 100 * 5e-6 + 100 * (2 + 2) * 6.25e-7 + 100 * 1.25e-7 + (30 * (1 + 3) + 10) * 1.25e-7)
        self.assertAlmostEqual(cost.list_price(cost.night(measured, asleep=0)), by_hand, 9)

    def test_a_harbor_night_is_below_a_cent_alone_and_the_page_says_what_it_is_at_list_price(self):
        measured = cost.measurements()
        if measured is None:
            print("\ncost of a harbor night: not measured yet (tests/cloud/run.sh --record tests/infra/measurements.json)", file=sys.stderr)
            self.skipTest("not measured yet")
        parts = cost.night(measured, ASLEEP)
        month = [(what, item, quantity * cost.NIGHTS) for what, item, quantity in parts]
        # The idle month has used up its part of the allowances first.
        alone, listed = (cost.alone(idle() + month) - cost.alone(idle())) / cost.NIGHTS, cost.list_price(parts)
        print(f"\nharbor night: {alone:.4f} dollars alone, {listed:.4f} at list price\n{cost.table(parts)}", file=sys.stderr)
        self.assertLess(alone, 0.01, cost.table(parts))
        self.says(f"A harbor night is ${alone:.3f} alone and ${listed:.3f} at list price")


if __name__ == "__main__":
    unittest.main()
