"""The template, deployed with the tool that an owner would use, and what must be bridged because ministack is not AWS."""
import json
import re
import shutil
import subprocess
from pathlib import Path

from local_aws import ACCOUNT, REGION, LocalAws

ROOT = Path(__file__).resolve().parents[2]
STAGE = "test"
NAME = f"quarterdeck-{STAGE}"
BUCKET = f"{NAME}-{ACCOUNT}-{REGION}"
QUEUE_PREFIX = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{NAME}-"
BINARIES = ["collector", "analyzer", "renderer", "mailer"]
STAGES = ["collect", "analyze", "render", "mail"]
QUEUES = STAGES + ["events", "replies"]
REPLY_DOMAIN = "reply.example.com"


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def lay_out(work: Path, binaries: Path):
    """The template and its `build/` folder, as `make package` lays them out. Symbols would only make the zips larger."""
    template = (ROOT / "infra" / "template.yaml").read_text()
    (work / "template.yaml").write_text(without_receipt_rules(template))
    for name in BINARIES:
        folder = work / "build" / name
        folder.mkdir(parents=True)
        subprocess.run(["strip", "-o", folder / "bootstrap", binaries / name], check=True)


def without_receipt_rules(template):
    """ministack's CloudFormation has no receipt rules; what SES does by one is done by the check of answers. All else of theirs stays."""
    for block in (r"  ReplyRules:\n    Type: AWS::SES::ReceiptRuleSet\n", r"  ReplyRule:\n    Type: AWS::SES::ReceiptRule\n", r"  ReplyRuleSet:\n"):
        template, found = re.subn(block + r"(?:    .*\n)*", "", template)
        if found != 1:
            raise ValueError(f"the template has {found} of {block!r}")
    return template


def output(aws: LocalAws, name):
    """One of the stack's outputs."""
    (stack,) = aws.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"]
    return next(o["OutputValue"] for o in stack["Outputs"] if o["OutputKey"] == name)


def deploy(aws: LocalAws, work: Path, tables):
    """`sam deploy`, and the verified identity that an owner has."""
    aws.client("s3").create_bucket(Bucket="artifacts")
    aws.client("sesv2").create_email_identity(EmailIdentity="example.com")
    parameters = {
        "Stage": STAGE, "Architecture": "x86_64", "Portfolio": "harbor", "Timezone": "America/Los_Angeles",
        "ScheduleState": "DISABLED",  # ministack reads cron in UTC: a test at 02:30 would start a second night
        "SenderIdentity": "example.com", "FromAddress": "reports@example.com", "ReplyDomain": REPLY_DOMAIN,
        "SourceTables": ",".join(arn("dynamodb", f"table/{table}") for table in tables)}
    command = ["sam", "deploy", "--template-file", "template.yaml", "--stack-name", NAME, "--s3-bucket", "artifacts",
               "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides"]
    command += [f"{name}={value}" for name, value in parameters.items()]
    done = subprocess.run(command, cwd=work, env=aws.environment, capture_output=True, text=True)
    (work / "deploy.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise RuntimeError(f"sam deploy failed:\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}")
    bridge(aws)


def bridge(aws: LocalAws):
    """Where ministack's AUTH differs from AWS's. Only here: the template stays as AWS wants it.

    - It asks for `sqs:SendMessageBatch`, an action that IAM does not have; on AWS `sqs:SendMessage` covers batches.
    - It checks `ses:SendEmail` against `*` and without `ses:FromAddress`.
    - It takes reading one event source mapping for `lambda:ListEventSourceMappings`, and does not check what switches it.
    - It speaks plain HTTP, which the policies of the archive and the inbox forbid.
    """
    iam = aws.client("iam")
    for role in (role["RoleName"] for role in iam.list_roles()["Roles"]):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            statements = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]
            extra = [{"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": s["Resource"]}
                     for s in statements if "sqs:SendMessage" in s["Action"]]
            extra += [{"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
                      for s in statements if "ses:SendEmail" in s["Action"]]
            extra += [{"Effect": "Allow", "Action": "lambda:ListEventSourceMappings", "Resource": "*"}
                      for s in statements if "lambda:GetEventSourceMapping" in s["Action"]]
            if extra:
                iam.put_role_policy(RoleName=role, PolicyName="ministack",
                                    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": extra}))
    for bucket in (BUCKET, output(aws, "Inbox")):
        aws.client("s3").delete_bucket_policy(Bucket=bucket)


def set_visibility(aws: LocalAws, seconds):
    """How soon a failed message comes back, on all queues. The template's half hour is right for a night, not for a test."""
    sqs = aws.client("sqs")
    for queue in QUEUES:
        url = sqs.get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
