"""What SES does with a mail that comes in, by a receipt rule: it puts the raw mail into the inbox and tells a topic. And the owner,
who is subscribed to the topic of the alarms."""
import email
import email.policy
import hashlib
import json
import time

from deployment import NAME, REPLY_DOMAIN, arn, output


def answer_address(raw):
    """Where a mail that was sent asks to be answered."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    return next(a.addr_spec for a in mail["Reply-To"].addresses if a.domain == REPLY_DOMAIN)


class Answer:
    def __init__(self, sender, to, text, dmarc="PASS"):
        self.sender, self.to, self.dmarc = sender, to, dmarc
        self.raw = (f"From: {sender}\r\nTo: {to}\r\nSubject: Re: your report\r\nMessage-ID: <{hashlib.sha256(text.encode()).hexdigest()[:16]}@mail.example.com>\r\n"
                    f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}").encode()
        self.id = hashlib.sha256(self.raw).hexdigest()[:40]

    def receive(self, aws):
        """Field list: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html"""
        aws.client("s3").put_object(Bucket=output(aws, "Inbox"), Key=f"replies/{self.id}", Body=self.raw)
        passed = {name: {"status": "PASS"} for name in ("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict")}
        notification = {
            "notificationType": "Received",
            "mail": {"timestamp": "2026-11-20T20:00:00.000Z", "source": self.sender, "messageId": self.id, "destination": [self.to]},
            "receipt": {"timestamp": "2026-11-20T20:00:00.000Z", "processingTimeMillis": 500, "recipients": [self.to],
                        **passed, "dmarcVerdict": {"status": self.dmarc},
                        "action": {"type": "S3", "bucketName": output(aws, "Inbox"), "objectKey": f"replies/{self.id}"}},
        }
        aws.client("sns").publish(TopicArn=arn("sns", f"{NAME}-replies"), Message=json.dumps(notification))


class Owner:
    """A queue on the topic of the alarms, in place of a mailbox."""

    def __init__(self, aws):
        self.sqs, queue = aws.client("sqs"), "owner"
        allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn("sqs", queue)}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self.url = self.sqs.create_queue(QueueName=queue, Attributes={"Policy": policy})["QueueUrl"]
        aws.client("sns").subscribe(TopicArn=arn("sns", f"{NAME}-alarms"), Protocol="sqs", Endpoint=arn("sqs", queue))

    def told(self, seconds=5):
        """(subject, text) of everything that came, until nothing more does."""
        found, deadline = [], time.monotonic() + seconds
        while time.monotonic() < deadline:
            messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
            bodies = [json.loads(message["Body"]) for message in messages]
            found += [(body.get("Subject"), body["Message"]) for body in bodies]
        return found
