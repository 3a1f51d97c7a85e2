//! What S3 blocks for the whole account:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html>.

use super::*;

const WHO: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
const BUCKETS: &str = "<ListAllMyBucketsResult><Buckets><Bucket><Name>site</Name><BucketRegion>us-west-2</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>";
const HOST: &str =
    "https://111122223333.s3-control.us-east-1.amazonaws.com/v20180820/configuration/publicAccessBlock";

/// As documented, with the XML's head and namespace.
fn blocks(four: [bool; 4]) -> String {
    let [acls, ignore, policy, restrict] = four;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PublicAccessBlockConfiguration xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">\
         <BlockPublicAcls>{acls}</BlockPublicAcls><IgnorePublicAcls>{ignore}</IgnorePublicAcls>\
         <BlockPublicPolicy>{policy}</BlockPublicPolicy><RestrictPublicBuckets>{restrict}</RestrictPublicBuckets>\
         </PublicAccessBlockConfiguration>"
    )
}
fn known(answer: (u16, &str)) -> Script {
    Script::default()
        .on(&["Action=GetCallerIdentity"], &[(200, WHO)])
        .on(&["us-east-1 s3 GET", "max-buckets"], &[(200, BUCKETS)])
        .on(&["us-east-1 s3 GET", HOST], &[answer])
}
/// The account's four flags, and the two at its bucket.
fn told(inventory: &Inventory) -> (Vec<Option<String>>, [Option<String>; 2]) {
    let flags = [
        "block_public_acls",
        "ignore_public_acls",
        "block_public_policy",
        "restrict_public_buckets",
    ];
    let account = flags
        .iter()
        .flat_map(|flag| column(inventory, "s3_account", flag));
    let at_bucket = ["account_public_access_block", "account_restrict_public_buckets"];
    let at_bucket = at_bucket.map(|name| column(inventory, "s3_bucket", name)[0].clone());
    (account.collect(), at_bucket)
}
fn flags(four: [bool; 4]) -> Vec<Option<String>> {
    four.map(|on| Some(on.to_string())).into()
}

#[tokio::test]
async fn what_the_account_blocks_is_told_at_every_bucket() {
    for (four, all, restricts) in [
        ([true; 4], "true", "true"),
        ([false, false, false, true], "false", "true"),
        ([true, true, true, false], "false", "false"),
        ([false; 4], "false", "false"),
    ] {
        let (inventory, script) = read(known((200, &blocks(four)))).await;
        assert_eq!(
            told(&inventory),
            (flags(four), [some(all), some(restricts)]),
            "{four:?}"
        );
        assert_eq!(gaps(&inventory, "s3control"), Vec::<String>::new());
        assert_eq!(
            script.count("publicAccessBlock "),
            2,
            "one of the account, one of the bucket"
        );
    }
}

#[tokio::test]
async fn an_account_that_never_set_it_blocks_nothing() {
    let none = "<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code><AccountId>111122223333</AccountId></Error></ErrorResponse>";
    let (inventory, _) = read(known((404, none))).await;
    assert_eq!(
        told(&inventory),
        (flags([false; 4]), [some("false"), some("false")])
    );
    assert_eq!(gaps(&inventory, "s3control"), Vec::<String>::new());
}

#[tokio::test]
async fn what_the_account_blocks_is_unknown_when_it_cannot_be_read() {
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
    let other = "<ListAllMyBucketsResult/>";
    for (answer, error) in [
        ((403, denied), "AccessDenied"),
        ((200, other), "UnreadableAnswer"),
    ] {
        let (inventory, _) = read(known(answer)).await;
        assert_eq!(told(&inventory), (vec![], [None, None]), "{error}");
        assert!(!inventory.tables.contains_key("s3_account"), "{error}");
        assert_eq!(
            gaps(&inventory, "s3control"),
            [format!("GetPublicAccessBlock {error}")]
        );
        let denied = policy::missing(&inventory).contains("s3:GetAccountPublicAccessBlock");
        assert_eq!(denied, error == "AccessDenied");
    }
}

#[tokio::test]
async fn without_the_accounts_id_there_is_no_host_to_ask() {
    let script = Script::default().on(&["us-east-1 s3 GET", "max-buckets"], &[(200, BUCKETS)]);
    let (inventory, script) = read(script).await;
    assert_eq!(gaps(&inventory, "s3control"), ["GetPublicAccessBlock NotCalled"]);
    assert_eq!(script.count("s3-control"), 0);
    assert_eq!(told(&inventory).1, [None, None]);
}
