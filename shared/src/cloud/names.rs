//! Which variables a function is given. Start at [`HANDLERS`].

/// Which deployment: the dimension of its metrics.
pub const DEPLOYMENT: Name = Name {
    name: "QUARTERDECK_DEPLOYMENT",
    what: "the stage's name, e.g. prod",
};
/// The ledger's table.
pub const TABLE: Name = Name {
    name: "QUARTERDECK_TABLE",
    what: "the name of the ledger's DynamoDB table",
};
/// Configurations, inputs and the archive.
pub const BUCKET: Name = Name {
    name: "QUARTERDECK_BUCKET",
    what: "the name of the deployment's S3 bucket",
};
/// The queues.
pub const QUEUE_PREFIX: Name = Name {
    name: "QUARTERDECK_QUEUE_PREFIX",
    what: "what all queue URLs begin with, e.g. https://sqs.us-east-1.amazonaws.com/123456789012/quarterdeck-prod-",
};
/// The mailer's.
pub const CONFIGURATION_SET: Name = Name {
    name: "QUARTERDECK_CONFIGURATION_SET",
    what: "the SES configuration set that publishes mail events",
};
/// The mailer's, the mail events' and the replies'; the collector fingerprints secrets with it.
pub const RID_SECRET: Name = Name {
    name: "QUARTERDECK_RID_SECRET",
    what: "the id of the secret under which addresses are hashed",
};

/// The collector's and the sweeper's.
pub const MAPPINGS: Name = Name {
    name: "QUARTERDECK_MAPPINGS",
    what: "the event source mappings that are enabled only while there is work, e.g. analyze=<UUID>,render=<UUID>",
};

/// The sweeper's and the replies'.
pub const NOTICES: Name = Name {
    name: "QUARTERDECK_NOTICES",
    what: "the ARN of the SNS topic on which the operator is told what needs a person",
};

/// The mailer's.
pub const FALLBACK_REGION: Name = Name {
    name: "QUARTERDECK_FALLBACK_REGION",
    what: "the region whose SES sends where this one's account cannot, or none",
};

/// The replies'.
pub const INBOX: Name = Name {
    name: "QUARTERDECK_INBOX",
    what: "the name of the S3 bucket into which SES puts the mails that it receives",
};

/// All functions by handler (the template's `Handler`, Lambda's `_HANDLER`), and the variables that each is given: those
/// that its ports need, and no others. The template is held to this.
pub const HANDLERS: [(&str, &[Name]); 7] = [
    (
        "collect",
        &[DEPLOYMENT, TABLE, BUCKET, QUEUE_PREFIX, RID_SECRET, MAPPINGS],
    ),
    ("sweep", &[DEPLOYMENT, TABLE, QUEUE_PREFIX, MAPPINGS, NOTICES]),
    ("analyze", &[DEPLOYMENT, TABLE, BUCKET, QUEUE_PREFIX]),
    ("render", &[DEPLOYMENT, TABLE, BUCKET, QUEUE_PREFIX]),
    (
        "mail",
        &[
            DEPLOYMENT,
            TABLE,
            BUCKET,
            QUEUE_PREFIX,
            CONFIGURATION_SET,
            RID_SECRET,
            FALLBACK_REGION,
        ],
    ),
    ("events", &[DEPLOYMENT, TABLE, RID_SECRET]),
    ("replies", &[DEPLOYMENT, TABLE, INBOX, RID_SECRET, NOTICES]),
];

/// An environment variable, and what belongs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// As in the template.
    pub name: &'static str,
    /// In words.
    pub what: &'static str,
}
