"""What the template promises, held to tables that a reader can check line by line."""
import json
import re
import unittest

from template import ROOT, load, of_type, short, without_replies

TEMPLATE = load()
FUNCTIONS = of_type(TEMPLATE, "AWS::Serverless::Function")
QUEUES = of_type(TEMPLATE, "AWS::SQS::Queue")
SOURCES = {"CollectorFunction": "Collect", "AnalyzerFunction": "Analyze", "RendererFunction": "Render",
           "MailerFunction": "Mail", "MailEventsFunction": "Events", "RepliesFunction": "Replies"}


class Functions(unittest.TestCase):
    def test_every_function_has_its_binary_and_handler(self):
        found = {name: (f["CodeUri"], f["Handler"]) for name, f in FUNCTIONS.items()}
        self.assertEqual(found, {
            "CollectorFunction": ("build/collector", "collect"),
            "SweeperFunction": ("build/collector", "sweep"),
            "AnalyzerFunction": ("build/analyzer", "analyze"),
            "RendererFunction": ("build/renderer", "render"),
            "MailerFunction": ("build/mailer", "mail"),
            "MailEventsFunction": ("build/mailer", "events"),
            "RepliesFunction": ("build/mailer", "replies"),
        })

    def test_every_environment_is_its_list_of_names_and_each_value_a_name_of_this_stack(self):
        values = {
            "QUARTERDECK_DEPLOYMENT": {"Ref": "Stage"},
            "QUARTERDECK_TABLE": {"Ref": "Ledger"},
            "QUARTERDECK_BUCKET": {"Ref": "Archive"},
            "QUARTERDECK_QUEUE_PREFIX":
                {"Fn::Sub": "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/quarterdeck-${Stage}-"},
            "QUARTERDECK_CONFIGURATION_SET": {"Ref": "MailConfiguration"},
            "QUARTERDECK_RID_SECRET": {"Fn::GetAtt": "RidKey.Id"},  # the secret's ARN; its value never is in the template
            "QUARTERDECK_NOTICES": {"Ref": "Alarms"},
            "QUARTERDECK_INBOX": {"Ref": "Inbox"},
            "QUARTERDECK_FALLBACK_REGION": {"Ref": "FallbackRegion"},
            "QUARTERDECK_MAPPINGS": {"Fn::Sub": "analyze=${AnalyzerFunctionQueue},render=${RendererFunctionQueue}"},
        }
        work = ["DEPLOYMENT", "TABLE", "BUCKET", "QUEUE_PREFIX"]
        names = {
            "CollectorFunction": work + ["RID_SECRET", "MAPPINGS"],
            "SweeperFunction": ["DEPLOYMENT", "TABLE", "QUEUE_PREFIX", "MAPPINGS", "NOTICES"],
            "AnalyzerFunction": work,
            "RendererFunction": work,
            "MailerFunction": work + ["CONFIGURATION_SET", "RID_SECRET", "FALLBACK_REGION"],
            "MailEventsFunction": ["DEPLOYMENT", "TABLE", "RID_SECRET"],
            "RepliesFunction": ["DEPLOYMENT", "TABLE", "INBOX", "RID_SECRET", "NOTICES"],
        }
        self.assertNotIn("Environment", TEMPLATE["Globals"]["Function"])
        for function, properties in FUNCTIONS.items():
            expected = {f"QUARTERDECK_{name}": values[f"QUARTERDECK_{name}"] for name in names[function]}
            self.assertEqual(properties["Environment"]["Variables"], expected, function)

    def test_no_secret_is_resolved_into_the_template(self):
        text = json.dumps(TEMPLATE)
        self.assertNotIn("resolve:secretsmanager", text)
        self.assertNotIn("resolve:ssm-secure", text)
        for name, secret in of_type(TEMPLATE, "AWS::SecretsManager::Secret").items():
            self.assertNotIn("SecretString", secret, name)
            self.assertIn("GenerateSecretString", secret, name)

    def test_every_function_logs_json_into_a_group_of_its_own_that_forgets(self):
        groups = of_type(TEMPLATE, "AWS::Logs::LogGroup")
        self.assertEqual(TEMPLATE["Globals"]["Function"]["LoggingConfig"]["LogFormat"], "JSON")
        self.assertEqual(TEMPLATE["Globals"]["Function"]["LoggingConfig"]["ApplicationLogLevel"], {"Ref": "LogLevel"})
        used = [f["LoggingConfig"]["LogGroup"]["Ref"] for f in FUNCTIONS.values()]
        self.assertEqual(sorted(used), sorted(groups))
        for name, group in groups.items():
            self.assertEqual(group["RetentionInDays"], {"Ref": "LogRetentionDays"}, name)
            self.assertRegex(group["LogGroupName"]["Fn::Sub"], r"^/quarterdeck/\$\{Stage\}/[a-z-]+$")


class Queues(unittest.TestCase):
    def test_every_queue_is_hidden_for_at_least_six_times_its_functions_timeout(self):
        for function, name in SOURCES.items():
            visibility, timeout = QUEUES[f"{name}Queue"]["VisibilityTimeout"], FUNCTIONS[function]["Timeout"]
            self.assertGreaterEqual(visibility, 6 * timeout, f"{name}Queue")

    def test_every_queue_has_a_dlq_of_its_own_that_takes_from_no_other(self):
        work = {name for name in QUEUES if name.endswith("Queue")}
        self.assertEqual(work, {f"{name}Queue" for name in SOURCES.values()})
        for name in work:
            queue, dlq_name = QUEUES[name], name.replace("Queue", "Dlq")
            self.assertEqual(queue["RedrivePolicy"], {"deadLetterTargetArn": {"Fn::GetAtt": f"{dlq_name}.Arn"}, "maxReceiveCount": 5})
            dlq = QUEUES[dlq_name]
            self.assertEqual(dlq["QueueName"]["Fn::Sub"], queue["QueueName"]["Fn::Sub"] + "-dlq")
            (source,) = dlq["RedriveAllowPolicy"]["sourceQueueArns"]
            self.assertTrue(short(source).endswith(":" + short(queue["QueueName"])), name)
            self.assertEqual(dlq["MessageRetentionPeriod"], 14 * 24 * 3600, "a redrive keeps the first enqueueing's time")
        self.assertEqual(len(QUEUES), 2 * len(work))

    def test_every_queue_is_encrypted(self):
        for name, queue in QUEUES.items():
            self.assertIs(queue["SqsManagedSseEnabled"], True, name)

    def test_every_batch_fails_record_by_record_and_few_run_at_once(self):
        for function, name in SOURCES.items():
            ((_, event),) = FUNCTIONS[function]["Events"].items()
            source = event["Properties"]
            self.assertEqual(source["Queue"], {"Fn::GetAtt": f"{name}Queue.Arn"})
            self.assertEqual(source["FunctionResponseTypes"], ["ReportBatchItemFailures"])
            self.assertGreaterEqual(source["ScalingConfig"]["MaximumConcurrency"], 2)
        # Each mailer takes its share of the account's rate.
        (at_once,) = re.findall(r"const AT_ONCE: u32 = (\d+);", (ROOT / "services/mailer/src/pace.rs").read_text())
        ((_, mail),) = FUNCTIONS["MailerFunction"]["Events"].items()
        self.assertEqual(mail["Properties"]["ScalingConfig"]["MaximumConcurrency"], int(at_once))
        self.assertNotIn("Events", FUNCTIONS["SweeperFunction"])
        # A part stops when its invocation's time is nearly over, and another of its batch would have none; nor would another
        # outlive a panic, which ends this function's process.
        ((_, event),) = FUNCTIONS["CollectorFunction"]["Events"].items()
        self.assertEqual(event["Properties"]["BatchSize"], 1)

    def test_every_dlq_has_an_alarm(self):
        watched = {a["Dimensions"][0]["Value"]["Fn::GetAtt"].split(".")[0]
                   for a in of_type(TEMPLATE, "AWS::CloudWatch::Alarm").values() if a["Namespace"] == "AWS/SQS"}
        self.assertEqual(watched, {name for name in QUEUES if name.endswith("Dlq")})


class State(unittest.TestCase):
    def test_no_bucket_is_public_or_in_the_clear_and_the_archive_keeps_versions(self):
        buckets = of_type(TEMPLATE, "AWS::S3::Bucket")
        self.assertEqual(list(buckets), ["Archive", "Inbox"])
        for name, bucket in buckets.items():
            block = bucket["PublicAccessBlockConfiguration"]
            self.assertEqual(set(block), {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"})
            self.assertTrue(all(value is True for value in block.values()), name)
            # What strangers mail is not kept longer than it must be: no versions.
            kept = {"Archive": {"Status": "Enabled"}, "Inbox": None}[name]
            self.assertEqual(bucket.get("VersioningConfiguration"), kept, name)
            self.assertIn("BucketEncryption", bucket)
            self.assertNotIn("AccessControl", bucket)
            self.assertEqual(bucket["OwnershipControls"], {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})

    def test_a_bucket_policy_forbids_and_only_the_inbox_lets_ses_write(self):
        allowed = []
        for name, policy in of_type(TEMPLATE, "AWS::S3::BucketPolicy").items():
            statements = policy["PolicyDocument"]["Statement"]
            self.assertIn("OnlyEncryptedConnections", [s["Sid"] for s in statements if s["Effect"] == "Deny"], name)
            allowed += [(name, s["Sid"]) for s in statements if s["Effect"] != "Deny"]
        self.assertEqual(allowed, [("InboxPolicy", "OurReceiptRule")])

    def test_what_is_received_is_gone_after_thirty_days(self):
        (rule,) = of_type(TEMPLATE, "AWS::S3::Bucket")["Inbox"]["LifecycleConfiguration"]["Rules"]
        self.assertEqual((rule["Status"], rule["ExpirationInDays"]), ("Enabled", 30))
        self.assertNotIn("Prefix", rule)

    def test_what_holds_state_outlives_its_stack(self):
        for name in ("Ledger", "Archive", "RidKey"):
            resource = TEMPLATE["Resources"][name]
            self.assertEqual((resource["DeletionPolicy"], resource["UpdateReplacePolicy"]), ("Retain", "Retain"), name)

    def test_the_ledger_is_on_demand_recoverable_protected_and_has_its_index(self):
        ledger = of_type(TEMPLATE, "AWS::DynamoDB::Table")["Ledger"]
        self.assertEqual(ledger["BillingMode"], "PAY_PER_REQUEST")
        self.assertIs(ledger["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], True)
        self.assertIs(ledger["DeletionProtectionEnabled"], True)
        self.assertEqual(ledger["TimeToLiveSpecification"], {"AttributeName": "expires_at", "Enabled": True})
        self.assertEqual([k["AttributeName"] for k in ledger["KeySchema"]], ["PK", "SK"])
        (due,) = ledger["GlobalSecondaryIndexes"]
        self.assertEqual((due["IndexName"], [k["AttributeName"] for k in due["KeySchema"]], due["Projection"]),
                         ("due", ["open", "due_at"], {"ProjectionType": "KEYS_ONLY"}))


class Replies(unittest.TestCase):
    def test_without_a_domain_nothing_of_it_is_deployed_and_nothing_else_hangs_on_it(self):
        self.assertEqual(TEMPLATE["Parameters"]["ReplyDomain"]["Default"], "")
        self.assertEqual(TEMPLATE["Conditions"]["TakesReplies"], {"Fn::Not": [{"Fn::Equals": [{"Ref": "ReplyDomain"}, ""]}]})
        optional = {name for name, r in TEMPLATE["Resources"].items() if r.get("Condition") == "TakesReplies"}
        self.assertEqual(optional, {name for name in TEMPLATE["Resources"] if name.startswith(("Repl", "Inbox"))})
        rest = json.dumps(without_replies(TEMPLATE)["Resources"])
        for name in optional:
            self.assertIsNone(re.search(rf'"{name}[".]|\$\{{{name}[.}}]', rest), name)
        for name, output in TEMPLATE["Outputs"].items():
            self.assertEqual(output.get("Condition"), "TakesReplies" if output["Value"].get("Ref") in optional else None, name)

    def test_a_mail_to_the_domain_is_scanned_stored_and_told_of(self):
        rule = of_type(TEMPLATE, "AWS::SES::ReceiptRule")["ReplyRule"]
        self.assertEqual(rule["RuleSetName"], {"Ref": "ReplyRules"})
        rule = rule["Rule"]
        self.assertEqual((rule["Enabled"], rule["ScanEnabled"], rule["TlsPolicy"]), (True, True, "Require"))
        self.assertEqual(rule["Recipients"], [{"Ref": "ReplyDomain"}])
        (prefix,) = re.findall(r'pub const PREFIX: &str = "(\w+)";', (ROOT / "services/mailer/src/replies/mod.rs").read_text())
        self.assertEqual(rule["Actions"], [{"S3Action": {
            "BucketName": {"Ref": "Inbox"}, "ObjectKeyPrefix": f"{prefix}/", "TopicArn": {"Ref": "RepliesTopic"}}}])
        subscription = of_type(TEMPLATE, "AWS::SNS::Subscription")["RepliesSubscription"]
        self.assertEqual((subscription["TopicArn"], subscription["Endpoint"]), ({"Ref": "RepliesTopic"}, {"Fn::GetAtt": "RepliesQueue.Arn"}))


class MailEvents(unittest.TestCase):
    """What SES says, and what it remembers."""

    def test_ses_keeps_a_list_of_its_own_for_hard_bounces_and_complaints(self):
        (configuration,) = of_type(TEMPLATE, "AWS::SES::ConfigurationSet").values()
        self.assertEqual(configuration["SuppressionOptions"], {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]})
        # So no function of ours has to, or may: operators correct it (decision 022).
        text = (ROOT / "infra/template.yaml").read_text()
        self.assertNotRegex(text, r"ses:(Put|Delete)SuppressedDestination")

    def test_events_that_move_a_delivery_are_published_and_no_others(self):
        (destination,) = of_type(TEMPLATE, "AWS::SES::ConfigurationSetEventDestination").values()
        self.assertEqual(destination["EventDestination"]["MatchingEventTypes"],
                         ["SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY"])

    def test_both_regions_events_come_to_the_one_queue(self):
        subscriptions = of_type(TEMPLATE, "AWS::SNS::Subscription")
        ours, fallback = subscriptions["MailSubscription"], subscriptions["FallbackSubscription"]
        for subscription in (ours, fallback):
            self.assertEqual(subscription["Endpoint"], {"Fn::GetAtt": "EventsQueue.Arn"})
            self.assertEqual((subscription["Protocol"], subscription["RawMessageDelivery"]), ("sqs", True))
        self.assertEqual((fallback["TopicArn"], fallback["Region"]), ({"Ref": "FallbackTopic"}, {"Ref": "FallbackRegion"}))
        self.assertEqual(TEMPLATE["Resources"]["FallbackSubscription"]["Condition"], "HasFallbackTopic")


class Schedules(unittest.TestCase):
    def test_the_night_starts_in_the_portfolios_zone_with_the_scheduled_time(self):
        nightly = of_type(TEMPLATE, "AWS::Scheduler::Schedule")["Nightly"]
        self.assertEqual(nightly["ScheduleExpressionTimezone"], {"Ref": "Timezone"})
        self.assertEqual(nightly["Target"]["Arn"], {"Fn::GetAtt": "CollectQueue.Arn"})
        start = json.loads(nightly["Target"]["Input"]["Fn::Sub"])
        self.assertEqual(start, {"v": 1, "type": "start", "portfolio": "${Portfolio}",
                                 "scheduled_at": "<aws.scheduler.scheduled-time>"})

    def test_the_sweeper_comes_every_five_minutes_and_a_missed_one_is_not_made_up(self):
        sweeping = of_type(TEMPLATE, "AWS::Scheduler::Schedule")["Sweeping"]
        self.assertEqual(sweeping["ScheduleExpression"], "rate(5 minutes)")
        self.assertEqual(sweeping["Target"]["Arn"], {"Fn::GetAtt": "SweeperFunction.Arn"})
        self.assertEqual(sweeping["Target"]["RetryPolicy"], {"MaximumRetryAttempts": 0})


class Alarms(unittest.TestCase):
    def test_each_thing_that_an_operator_must_hear_of_has_an_alarm_that_reaches_them(self):
        alarms = of_type(TEMPLATE, "AWS::CloudWatch::Alarm")
        metrics = sorted(a["MetricName"] for a in alarms.values())
        self.assertEqual(metrics, sorted(["ApproximateNumberOfMessagesVisible"] * 6 + [
            "RunsFinished", "FunctionFailures", "NearTimeout", "Throttles", "MailAttention"]))
        for name, alarm in alarms.items():
            self.assertEqual(alarm["AlarmActions"], [{"Ref": "Alarms"}], name)
            quiet = "breaching" if name == "NoRunAlarm" else "notBreaching"
            self.assertEqual(alarm["TreatMissingData"], quiet, name)

    def test_the_alarms_are_no_more_than_an_account_has_free(self):
        self.assertLessEqual(len(of_type(without_replies(TEMPLATE), "AWS::CloudWatch::Alarm")), 10)

    def test_a_delivery_held_or_in_doubt_and_an_event_not_believed_or_not_known_ask_for_attention(self):
        filters = {name: f for name, f in of_type(TEMPLATE, "AWS::Logs::MetricFilter").items()
                   if f["MetricTransformations"][0]["MetricName"] == "MailAttention"}
        self.assertEqual({name: (f["LogGroupName"]["Ref"], f["FilterPattern"]) for name, f in filters.items()}, {
            "MailerAttention": ("MailerLogs", "{ ($.DeliveriesHeld > 0) || ($.DeliveriesUnknown > 0) }"),
            "MailEventsAttention": ("MailEventsLogs", "{ ($.EventsQuarantined > 0) || ($.EventsUnrecognised > 0) }"),
            # The sweeper tells no metric of a lease that ended; its log line is the only word of it.
            "SweeperAttention": ("SweeperLogs", '{ $.message = "delivery in doubt, not sent again" }')})

    def test_what_the_filters_look_for_is_what_the_functions_write(self):
        metrics = (ROOT / "shared/src/metrics.rs").read_text()
        for name in ("DeliveriesHeld", "DeliveriesUnknown", "EventsQuarantined", "EventsUnrecognised", "RunsFinished"):
            self.assertRegex(metrics, rf"(?m)^    {name},$")
        self.assertIn('"delivery in doubt, not sent again"', (ROOT / "services/collector/src/sweeper/mails.rs").read_text())

    def test_no_log_level_drops_the_metrics(self):
        """Lambda takes a line without a level for INFO: metrics have none."""
        self.assertLessEqual(set(TEMPLATE["Parameters"]["LogLevel"]["AllowedValues"]), {"TRACE", "DEBUG", "INFO"})

    def test_near_timeout_is_80_percent_of_each_functions_own_timeout(self):
        filters = of_type(TEMPLATE, "AWS::Logs::MetricFilter")
        for function, properties in FUNCTIONS.items():
            name = function.removesuffix("Function")
            threshold = int(re.search(r"durationMs > (\d+)", filters[f"{name}NearTimeout"]["FilterPattern"])[1])
            self.assertEqual(threshold, properties["Timeout"] * 1000 * 8 // 10, name)
            for filter_name in (f"{name}NearTimeout", f"{name}Failures"):
                self.assertEqual(filters[filter_name]["LogGroupName"], properties["LoggingConfig"]["LogGroup"])


if __name__ == "__main__":
    unittest.main()
