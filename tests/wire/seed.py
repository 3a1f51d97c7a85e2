#!/usr/bin/env python3
"""Fills the local AWS at AWS_ENDPOINT_URL with an account nobody tidied, and prints what is in it as JSON: {table: {name: {column: value}}}.

Values are those that quarterdeck is to find: "" is "there is none". Everything is in us-west-2 or global.
"""
import io
import json
import sys
import zipfile

import boto3

REGION = "us-west-2"
JADA = {"entity": "jada"}
OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::%s/*"}]}
TLS = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::%s/*",
                                              "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def client(service, region=REGION):
    return boto3.client(service, region_name=region)


def tags(of):
    return [{"Key": key, "Value": value} for key, value in of.items()]


def queues():
    sqs, found = client("sqs"), {}
    dead = sqs.create_queue(QueueName="jada-webhooks-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "5"})
    sqs.create_queue(QueueName="jada-webhooks", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "180"}, tags=JADA)
    for n in range(3):
        sqs.send_message(QueueUrl=dead, MessageBody=str(n))
    found["jada-webhooks-dlq"] = {"dead_letter_queue": "", "depth": "3", "dead_letter_depth": ""}
    found["jada-webhooks"] = {"dead_letter_queue": "jada-webhooks-dlq", "dead_letter_depth": "3", "visibility_s": "180", "entity": "jada"}
    for n in range(16):
        sqs.create_queue(QueueName=f"queue-{n}")
        found[f"queue-{n}"] = {"dead_letter_queue": "", "depth": "0"}
    return {"sqs_queue": found}


def buckets():
    s3, found = client("s3"), {}
    where = {"LocationConstraint": REGION}
    for name in ["harbor-open", "harbor-shut", "harbor-plain", "harbor-logs"]:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
        found[name] = {"region": REGION, "public_policy": "false", "lifecycle": "false"}
    s3.put_bucket_policy(Bucket="harbor-open", Policy=json.dumps(OPEN).replace("%s", "harbor-open"))
    s3.put_bucket_policy(Bucket="harbor-shut", Policy=json.dumps(TLS).replace("%s", "harbor-shut"))
    s3.put_public_access_block(Bucket="harbor-shut", PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    s3.put_bucket_versioning(Bucket="harbor-shut", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket="harbor-shut", LifecycleConfiguration={"Rules": [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}]})
    s3.put_bucket_tagging(Bucket="harbor-shut", Tagging={"TagSet": tags(JADA)})
    account, control = client("sts").get_caller_identity()["Account"], client("s3control")
    # AWS's host of it begins with the account's id, which an address of this machine cannot.
    control.meta.events.register("before-sign", lambda request, **_: setattr(request, "url", request.url.replace(f"//{account}.", "//")))
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration={
        "BlockPublicAcls": False, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": True})
    for name in found:
        found[name] |= {"account_public_access_block": "false", "account_restrict_public_buckets": "true"}
    found["harbor-shut"] |= {"public_access_block": "true", "tls_only": "true", "lifecycle": "true", "entity": "jada"}
    found["harbor-open"] |= {"public_policy": "true", "public_access_block": "false", "tls_only": "false"}
    return {"s3_bucket": found}


def tables():
    dynamodb, found = client("dynamodb"), {}
    for n in range(6):
        dynamodb.create_table(TableName=f"table-{n}", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], Tags=tags(JADA if n == 0 else {"x": "y"}))
        found[f"table-{n}"] = {"billing_mode": "PAY_PER_REQUEST", "pitr": "false", "items": "0", "deletion_protection": "false", "ttl_attribute": ""}
    dynamodb.update_continuous_backups(TableName="table-0", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    dynamodb.update_time_to_live(TableName="table-0", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
    found["table-0"] |= {"pitr": "true", "ttl_attribute": "ends", "entity": "jada"}
    return {"dynamodb_table": found}


def people():
    iam = client("iam")
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.create_group(GroupName="operators")
    iam.put_group_policy(GroupName="operators", PolicyName="all", PolicyDocument=json.dumps(ADMIN))
    everything = iam.create_policy(PolicyName="everything", PolicyDocument=json.dumps(ADMIN))["Policy"]["Arn"]
    for name in ["deploy", "operations", "guest", "attached"]:
        iam.create_user(UserName=name)
    iam.attach_user_policy(UserName="attached", PolicyArn=everything)
    iam.add_user_to_group(UserName="operations", GroupName="operators")
    iam.put_user_policy(UserName="deploy", PolicyName="own", PolicyDocument=json.dumps(ADMIN))
    iam.create_access_key(UserName="deploy")
    return role, {
        "iam_user": {"deploy": {"admin": "true", "mfa": "false"}, "operations": {"admin": "true"}, "guest": {"admin": "false", "key_age_days": ""},
                     "attached": {"admin": "true"}},
        "iam_group": {"operators": {"admin": "true"}},
        "iam_role": {"worker": {"admin": "false"}},
        "iam_policy": {"everything": {"admin": "true", "attachments": "1"}},
    }


def functions(role):
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("index.py", "def handler(event, context):\n    return None\n")
    code, awslambda, found = {"ZipFile": package.getvalue()}, client("lambda"), {}
    for n in range(8):
        # Like a key, and nobody's.
        variables = {"TABLE": "jobs", "API_KEY": "q7Zt2LxP" + "0vN4sKd9RmWb"} if n == 0 else {"TABLE": "jobs"}
        awslambda.create_function(FunctionName=f"function-{n}", Runtime="python3.13", Role=role, Handler="index.handler", Code=code,
                                  MemorySize=256, Timeout=15, Environment={"Variables": variables}, Tags=JADA if n == 0 else {})
        found[f"function-{n}"] = {"runtime": "python3.13", "memory_mb": "256", "timeout_s": "15", "dead_letter_target": "", "public_policy": "false"}
    found["function-0"] |= {"env_names": '["API_KEY","TABLE"]', "entity": "jada"}
    queue = client("sqs").get_queue_attributes(QueueUrl=client("sqs").get_queue_url(QueueName="queue-0")["QueueUrl"], AttributeNames=["QueueArn"])
    awslambda.create_event_source_mapping(EventSourceArn=queue["Attributes"]["QueueArn"], FunctionName="function-0", BatchSize=7)
    return {"lambda_function": found, "lambda_event_source": {"function-0": {"batch_size": "7"}},
            "lambda_env_secret": {"function-0": {"variable": "API_KEY", "rule": "generic-api-key", "entity": "jada"}}}


def edge():
    zone = client("route53").create_hosted_zone(Name="jada.example.com", CallerReference="1")["HostedZone"]["Id"]
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
        {"Action": "CREATE", "ResourceRecordSet": {"Name": "jada.example.com", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"v=spf1 -all"'}]}}]})
    origin = {"Id": "o", "DomainName": "harbor-shut.s3.us-west-2.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    behaviour = {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0,
                 "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}}
    made = client("cloudfront").create_distribution(DistributionConfig={
        "CallerReference": "1", "Comment": "", "Enabled": True, "Origins": {"Quantity": 1, "Items": [origin]}, "DefaultCacheBehavior": behaviour})
    certificate = client("acm").request_certificate(DomainName="jada.example.com")["CertificateArn"]
    waf = client("wafv2").create_web_acl(Name="portal", Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=[], VisibilityConfig={
        "SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "portal"})
    assert waf["Summary"]["Name"] == "portal"
    return {
        "route53_zone": {"jada.example.com": {"private": "false"}},
        "route53_record": {"jada.example.com": {}},
        "cloudfront_distribution": {made["Distribution"]["Id"]: {"viewer_protocol": "allow-all", "waf_acl": "", "origin_exists": "true", "oac": "false"}},
        "acm_certificate": {certificate: {"domain": "jada.example.com", "in_use": "false"}},
        "waf_web_acl": {"portal": {"rules": "0", "logging": "false"}},
    }


def apis():
    rest, http, found = client("apigateway"), client("apigatewayv2"), {}
    for name in ["rest-open", "rest-empty"]:
        found[rest.create_rest_api(name=name)["id"]] = {"name": name, "kind": "REST", "authorizer": ""}
    api = next(id_ for id_, row in found.items() if row["name"] == "rest-open")
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    rest.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    for name, kind in [("http-open", "NONE"), ("http-closed", "AWS_IAM")]:
        api = http.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
        http.create_route(ApiId=api, RouteKey="GET /bookings", AuthorizationType=kind)
        http.create_stage(ApiId=api, StageName="prod")
        found[api] = {"name": name, "kind": "HTTP", "stage": "prod", "authorizer": "" if kind == "NONE" else kind, "throttle_rate": ""}
    return {"api_gateway": found}


def operations(role):
    client("secretsmanager").create_secret(Name="jada/jwt", SecretString="x", Tags=tags(JADA))
    for name, days in [("/aws/lambda/function-0", None), ("/aws/lambda/function-1", 30)]:
        client("logs").create_log_group(logGroupName=name)
        if days:
            client("logs").put_retention_policy(logGroupName=name, retentionInDays=days)
    alarm = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 0.0,
             "ComparisonOperator": "GreaterThanThreshold"}
    topic = client("sns").create_topic(Name="alarms", Tags=tags(JADA))["TopicArn"]
    client("cloudwatch").put_metric_alarm(AlarmName="loud", AlarmActions=[topic], **alarm)
    client("cloudwatch").put_metric_alarm(AlarmName="mute", **alarm)
    client("scheduler").create_schedule(Name="nightly", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
                                        Target={"Arn": topic, "RoleArn": role})
    template = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "of-the-stack"}}}})
    client("cloudformation").create_stack(StackName="base", TemplateBody=template)
    client("sesv2").create_email_identity(EmailIdentity="jada.example.com")
    return {
        "secret": {"jada/jwt": {"rotation": "false", "entity": "jada"}},
        "log_group": {"/aws/lambda/function-0": {"retention_days": ""}, "/aws/lambda/function-1": {"retention_days": "30"}},
        "sns_topic": {"alarms": {"subscriptions": "0"}, "of-the-stack": {}},
        "cloudwatch_alarm": {"loud": {"has_action": "true", "metric": "Errors"}, "mute": {"has_action": "false"}},
        "schedule": {"nightly": {"state": "ENABLED", "group": "default"}},
        "cloudformation_stack": {"base": {"status": "CREATE_COMPLETE"}},
        "ses_identity": {"jada.example.com": {}},
    }


def main():
    found = queues() | buckets() | tables()
    role, of_people = people()
    found |= of_people | functions(role) | edge() | apis() | operations(role)
    json.dump(found, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
