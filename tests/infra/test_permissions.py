"""Who may do what: every statement of every role is a line of a table here, and nothing else is granted.

A grant mirrors a port. To give a function a new one, add the line here first, and say in the port's documentation why.
"""
import tomllib
import unittest

from template import ROOT, load, of_type, short

TEMPLATE = load()
CONSUME = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
SEND, GET, PUT, UPDATE, QUERY = (
    ["sqs:SendMessage"], "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query")
READ, WRITE = ["s3:GetObject"], ["s3:PutObject"]
WAKE = (["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"],
        [f"arn:partition:lambda:region:accountid:event-source-mapping:{function}Queue" for function in ("AnalyzerFunction", "RendererFunction")])
LOG = ["logs:CreateLogStream", "logs:PutLogEvents"]
IDENTITY = "arn:partition:ses:region:accountid:"
# What the account has and how it is set up; nothing of what is stored in it.
INVENTORY = [
    "acm:DescribeCertificate", "acm:ListCertificates", "apigateway:GET", "ce:GetCostAndUsage", "ce:GetCostForecast",
    "cloudformation:DescribeStacks", "cloudformation:ListStacks", "cloudfront:GetDistributionConfig", "cloudfront:ListDistributions",
    "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive", "dynamodb:ListTables", "ec2:DescribeRegions", "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport", "lambda:GetFunctionConcurrency",
    "lambda:GetFunctionEventInvokeConfig", "lambda:GetPolicy", "lambda:ListAliases", "lambda:ListEventSourceMappings",
    "lambda:ListFunctionUrlConfigs", "lambda:ListFunctions", "logs:DescribeLogGroups", "route53:ListHostedZones",
    "route53:ListQueryLoggingConfigs", "route53:ListResourceRecordSets", "route53domains:ListDomains", "s3:GetAccountPublicAccessBlock",
    "s3:GetBucketLocation", "s3:GetBucketLogging", "s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:ListAllMyBuckets", "scheduler:GetSchedule",
    "scheduler:ListSchedules", "secretsmanager:ListSecrets", "ses:GetAccount", "ses:GetEmailIdentity", "ses:ListEmailIdentities",
    "ses:ListSuppressedDestinations", "sns:GetTopicAttributes", "sns:ListTopics", "sqs:GetQueueAttributes", "sqs:ListQueues",
    "sts:GetCallerIdentity", "tag:GetResources", "wafv2:GetLoggingConfiguration", "wafv2:GetWebACL", "wafv2:ListWebACLs",
]
CALLS = ROOT / "services" / "collector" / "src" / "sources" / "inventory" / "account" / "calls"

GRANTS = {
    "CollectorRole": [
        (CONSUME, ["CollectQueue.Arn"]),
        (["sqs:ChangeMessageVisibility"], ["CollectQueue.Arn"]),
        (SEND, ["CollectQueue.Arn", "AnalyzeQueue.Arn"]),
        ([GET, PUT, UPDATE], ["Ledger.Arn"]),
        ([QUERY], ["Ledger.Arn"]),  # only earlier nights and decisions
        (READ, ["Archive.Arn/portfolios/*", "Archive.Arn/inputs/*", "Archive.Arn/runs/*", "Archive.Arn/work/*"]),
        (WRITE, ["Archive.Arn/runs/*", "Archive.Arn/work/*"]),
        (["s3:DeleteObject"], ["Archive.Arn/work/*"]),
        (["s3:ListBucket"], ["Archive.Arn"]),
        (["dynamodb:DescribeTable", "dynamodb:Scan"], ["SourceTables"]),
        WAKE,
        (["secretsmanager:GetSecretValue"], ["RidKey.Id"]),
        ([QUERY], ["SourceIndexes"]),
        (["sts:AssumeRole"], ["SourceRoles"]),
        (["ssm:GetParameters"], ["SourceParameters"]),
        (LOG, ["CollectorLogs.Arn"]),
        (INVENTORY, ["*"]),  # only with the parameter ReadAccount
    ],
    "SweeperRole": [
        (SEND, ["AnalyzeQueue.Arn", "RenderQueue.Arn", "MailQueue.Arn"]),
        (["sqs:GetQueueAttributes"], ["AnalyzeQueue.Arn", "RenderQueue.Arn"]),
        WAKE,
        ([GET, PUT, UPDATE, QUERY], ["Ledger.Arn"]),
        ([QUERY], ["Ledger.Arn/index/due"]),
        (["sns:Publish"], ["Alarms"]),
        (LOG, ["SweeperLogs.Arn"]),
    ],
    "AnalyzerRole": [
        (CONSUME, ["AnalyzeQueue.Arn"]),
        (SEND, ["RenderQueue.Arn"]),
        ([GET, UPDATE, QUERY], ["Ledger.Arn"]),
        (READ, ["Archive.Arn/portfolios/*", "Archive.Arn/runs/*"]),
        (WRITE, ["Archive.Arn/runs/*"]),
        (LOG, ["AnalyzerLogs.Arn"]),
    ],
    "RendererRole": [
        (CONSUME, ["RenderQueue.Arn"]),
        (SEND, ["MailQueue.Arn"]),
        ([GET, UPDATE], ["Ledger.Arn"]),
        (READ, ["Archive.Arn/portfolios/*", "Archive.Arn/runs/*"]),
        (WRITE, ["Archive.Arn/runs/*"]),
        (LOG, ["RendererLogs.Arn"]),
    ],
    "MailerRole": [
        (CONSUME, ["MailQueue.Arn"]),
        (["sqs:ChangeMessageVisibility"], ["MailQueue.Arn"]),
        (SEND, ["MailQueue.Arn"]),
        ([GET, PUT, UPDATE, QUERY], ["Ledger.Arn"]),
        (READ, ["Archive.Arn/portfolios/*", "Archive.Arn/runs/*"]),
        (WRITE, ["Archive.Arn/runs/*"]),
        (["secretsmanager:GetSecretValue"], ["RidKey.Id"]),
        (["ses:SendEmail", "ses:SendRawEmail"],
         [IDENTITY + "identity/SenderIdentity", IDENTITY + "configuration-set/MailConfiguration"]),
        (["ses:SendEmail", "ses:SendRawEmail"], ["FallbackIdentities"]),
        (["ses:GetAccount"], ["*"]),  # the only one: the action knows no resources
        (LOG, ["MailerLogs.Arn"]),
    ],
    "MailEventsRole": [
        (CONSUME, ["EventsQueue.Arn"]),
        ([GET, PUT, UPDATE, QUERY], ["Ledger.Arn"]),
        (["secretsmanager:GetSecretValue"], ["RidKey.Id"]),
        (LOG, ["MailEventsLogs.Arn"]),
    ],
    "RepliesRole": [
        (CONSUME, ["RepliesQueue.Arn"]),
        ([GET, PUT, QUERY], ["Ledger.Arn"]),  # only what an answer is about and does
        (READ, ["Inbox.Arn/replies/*"]),
        (["secretsmanager:GetSecretValue"], ["RidKey.Id"]),
        (["sns:Publish"], ["Alarms"]),  # what is not understood or not believed, to the owner; it cannot mail
        (LOG, ["RepliesLogs.Arn"]),
    ],
    "SchedulerRole": [
        (SEND, ["CollectQueue.Arn"]),
        (["lambda:InvokeFunction"], ["SweeperFunction.Arn"]),
    ],
}


def granted(statement):
    """A statement that is there only where its parameter is given: `!If [HasX, statement, NoValue]`, on exactly `X`."""
    if "Fn::If" not in statement:
        return statement
    condition, given, otherwise = statement["Fn::If"]
    assert otherwise == {"Ref": "AWS::NoValue"}, otherwise
    assert given["Resource"] == {"Ref": condition.removeprefix("Has")}, condition
    assert condition in TEMPLATE["Conditions"], condition
    return given


def statements(role):
    """Those of its conditional policies too."""
    policies = [policy.get("Fn::If", [None, policy])[1] for policy in role["Policies"]]
    return [granted(s) for policy in policies for s in policy["PolicyDocument"]["Statement"]]


def called():
    """The actions of every call that the collector's table of calls has, but the one of our own secret."""
    for path in CALLS.glob("*.toml"):
        service = tomllib.loads(path.read_text())
        tables = service.get("table", [])
        calls = service.get("call", []) + [t["list"]["call"] for t in tables] + [d["call"] for t in tables for d in t.get("detail", [])]
        for call in calls:
            if call["operation"] != "GetSecretValue":
                yield from call.get("actions", [f"{service.get('iam', service['service'])}:{call['operation']}"])


def resources(statement):
    found = statement["Resource"]
    return [short(r) for r in (found if isinstance(found, list) else [found])]


class Permissions(unittest.TestCase):
    roles = of_type(TEMPLATE, "AWS::IAM::Role")

    def test_every_roles_statements_are_exactly_the_table(self):
        self.assertEqual(set(self.roles), set(GRANTS))
        for name, role in self.roles.items():
            self.assertNotIn("ManagedPolicyArns", role, name)
            found = [(s["Action"], resources(s)) for s in statements(role)]
            self.assertEqual(found, GRANTS[name], name)
            self.assertEqual({s["Effect"] for s in statements(role)}, {"Allow"}, name)

    def test_every_function_has_the_role_of_its_name_and_nothing_else_grants_it_anything(self):
        for name, function in of_type(TEMPLATE, "AWS::Serverless::Function").items():
            self.assertEqual(function["Role"], {"Fn::GetAtt": name.removesuffix("Function") + "Role.Arn"})
            self.assertNotIn("Policies", function, name)
        kinds = {r["Type"] for r in TEMPLATE["Resources"].values()}
        self.assertFalse(kinds & {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User", "AWS::Lambda::Permission"})

    def test_the_account_is_read_by_exactly_the_calls_of_the_table_and_only_if_asked_for(self):
        self.assertEqual(INVENTORY, sorted(set(called())))
        (conditional,) = [p for p in self.roles["CollectorRole"]["Policies"] if "Fn::If" in p]
        self.assertEqual(conditional["Fn::If"][0], "ReadsAccount")
        self.assertEqual(TEMPLATE["Parameters"]["ReadAccount"]["Default"], "false")

    def test_no_action_has_a_wildcard(self):
        for name, role in self.roles.items():
            for statement in statements(role):
                for action in statement["Action"]:
                    self.assertNotIn("*", action, name)

    def test_the_collector_lists_earlier_nights_and_decisions_of_the_ledger_and_nothing_else(self):
        (listing,) = [s for s in statements(self.roles["CollectorRole"])
                      if s["Action"] == [QUERY] and resources(s) == ["Ledger.Arn"]]
        self.assert_partitions(listing, ["PORTFOLIO#*", "RUN#*", "DECIDE#*"])

    def test_an_answer_touches_its_run_its_sender_and_its_own_notes_on_the_ledger_and_nothing_else(self):
        (ledger,) = [s for s in statements(self.roles["RepliesRole"]) if resources(s) == ["Ledger.Arn"]]
        self.assert_partitions(ledger, ["RUN#*", "DECIDE#*", "SUPPRESS#*", "QUARANTINE#*", "EVT#*"])

    def assert_partitions(self, statement, keys):
        """The statement is for these partitions only, and the ledger has partitions of these names."""
        self.assertEqual(statement["Condition"], {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}})
        files = ("mod.rs", "runs/mod.rs", "decided.rs", "feedback.rs")
        written = "".join((ROOT / "shared/src/ledger/dynamo" / name).read_text() for name in files)
        for key in keys:
            self.assertIn(f'format!("{key[:-1]}{{', written, key)

    def test_mail_leaves_from_one_address_only(self):
        for name, role in self.roles.items():
            for statement in statements(role):
                if any(action.startswith("ses:Send") for action in statement["Action"]):
                    self.assertEqual(name, "MailerRole")
                    self.assertEqual(statement["Condition"], {"StringEquals": {"ses:FromAddress": {"Ref": "FromAddress"}}})

    def test_what_is_optional_is_granted_only_where_it_is_named(self):
        for name in ("SourceIndexes", "SourceRoles", "SourceParameters", "FallbackIdentities"):
            self.assertEqual(TEMPLATE["Parameters"][name]["Default"], "")
            joined = {"Fn::Join": ["", {"Ref": name}]}
            self.assertEqual(TEMPLATE["Conditions"][f"Has{name}"], {"Fn::Not": [{"Fn::Equals": [joined, ""]}]})

    def test_no_secret_of_the_businesses_can_be_decrypted(self):
        for name, role in self.roles.items():
            for statement in statements(role):
                self.assertFalse([action for action in statement["Action"] if action.startswith("kms:")], name)

    def test_a_role_is_assumed_by_its_service_only(self):
        for name, role in self.roles.items():
            (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
            service = "scheduler.amazonaws.com" if name == "SchedulerRole" else "lambda.amazonaws.com"
            self.assertEqual((trust["Principal"], trust["Action"]), ({"Service": service}, "sts:AssumeRole"), name)


class ResourcePolicies(unittest.TestCase):
    """A service that may write to us may do so for our own resource, not for anybody's."""

    def only(self, kind, name):
        (statement,) = of_type(TEMPLATE, kind)[name]["PolicyDocument"]["Statement"]
        self.assertEqual(statement["Effect"], "Allow")
        return statement

    def test_ses_publishes_for_our_configuration_set_only(self):
        statement = self.only("AWS::SNS::TopicPolicy", "MailTopicPolicy")
        self.assertEqual((statement["Principal"], statement["Action"]), ({"Service": "ses.amazonaws.com"}, "sns:Publish"))
        condition = statement["Condition"]["StringEquals"]
        self.assertEqual(condition["aws:SourceAccount"], {"Ref": "AWS::AccountId"})
        self.assertEqual(short(condition["aws:SourceArn"]), IDENTITY + "configuration-set/quarterdeck-Stage")

    def test_only_our_topic_and_the_fallbacks_write_to_the_events_queue(self):
        statement = self.only("AWS::SQS::QueuePolicy", "EventsQueuePolicy")
        self.assertEqual((statement["Principal"], statement["Action"]), ({"Service": "sns.amazonaws.com"}, "sqs:SendMessage"))
        fallback = {"Fn::If": ["HasFallbackTopic", {"Ref": "FallbackTopic"}, {"Ref": "AWS::NoValue"}]}
        self.assertEqual(statement["Condition"], {"ArnEquals": {"aws:SourceArn": [{"Ref": "MailTopic"}, fallback]}})
        self.assertEqual(TEMPLATE["Conditions"]["HasFallbackTopic"], {"Fn::Not": [{"Fn::Equals": [{"Ref": "FallbackTopic"}, ""]}]})
        self.assertEqual(TEMPLATE["Parameters"]["FallbackTopic"]["Default"], "")

    def test_ses_stores_and_tells_of_answers_for_our_receipt_rule_only(self):
        rule = IDENTITY + "receipt-rule-set/quarterdeck-Stage:receipt-rule/replies"
        self.assertEqual(of_type(TEMPLATE, "AWS::SES::ReceiptRuleSet")["ReplyRules"]["RuleSetName"], {"Fn::Sub": "quarterdeck-${Stage}"})
        self.assertEqual(of_type(TEMPLATE, "AWS::SES::ReceiptRule")["ReplyRule"]["Rule"]["Name"], "replies")
        stores = of_type(TEMPLATE, "AWS::S3::BucketPolicy")["InboxPolicy"]["PolicyDocument"]["Statement"][1]
        self.assertEqual((stores["Action"], resources(stores)), ("s3:PutObject", ["Inbox.Arn/replies/*"]))
        tells = self.only("AWS::SNS::TopicPolicy", "RepliesTopicPolicy")
        self.assertEqual(tells["Action"], "sns:Publish")
        for statement in (stores, tells):
            self.assertEqual(statement["Principal"], {"Service": "ses.amazonaws.com"})
            condition = statement["Condition"]["StringEquals"]
            self.assertEqual(condition["aws:SourceAccount"], {"Ref": "AWS::AccountId"})
            self.assertEqual(short(condition["aws:SourceArn"]), rule)

    def test_only_our_topic_writes_to_the_replies_queue(self):
        statement = self.only("AWS::SQS::QueuePolicy", "RepliesQueuePolicy")
        self.assertEqual((statement["Principal"], statement["Action"]), ({"Service": "sns.amazonaws.com"}, "sqs:SendMessage"))
        self.assertEqual(statement["Condition"], {"ArnEquals": {"aws:SourceArn": {"Ref": "RepliesTopic"}}})

    def test_only_our_alarms_publish_alarms(self):
        condition = self.only("AWS::SNS::TopicPolicy", "AlarmsPolicy")["Condition"]
        self.assertEqual(condition["StringEquals"], {"aws:SourceAccount": {"Ref": "AWS::AccountId"}})
        self.assertIn(":alarm:quarterdeck-Stage-*", short(condition["ArnLike"]["aws:SourceArn"]))

    def test_the_scheduler_works_for_our_group_only(self):
        (trust,) = of_type(TEMPLATE, "AWS::IAM::Role")["SchedulerRole"]["AssumeRolePolicyDocument"]["Statement"]
        condition = trust["Condition"]["StringEquals"]
        self.assertEqual(condition["aws:SourceAccount"], {"Ref": "AWS::AccountId"})
        self.assertTrue(short(condition["aws:SourceArn"]).endswith(":schedule-group/quarterdeck-Stage"))


if __name__ == "__main__":
    unittest.main()
